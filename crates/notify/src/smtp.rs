//! The connection to the mail server. One for each letter: they are few.

use crate::{
    config::{Checked, MailConfigError, Security},
    error::MailError,
    letter::Words,
};
use kernel::{Phi, Timestamp};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use outbound::Breaker;
use std::time::{Duration, SystemTime};
use tokio::time::timeout;
use uuid::Uuid;

/// How long the server is left alone when it could not be reached a few times.
const REST: Duration = Duration::from_mins(1);
const TOO_SLOW: MailError = MailError::Unreachable("too slow");

pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
    breaker: Breaker,
}

impl Smtp {
    pub(crate) fn new(config: Checked) -> Result<Self, MailConfigError> {
        let tls = match config.security {
            Security::None => Tls::None,
            Security::Starttls => Tls::Required(parameters(&config)?),
            Security::Implicit => Tls::Wrapper(parameters(&config)?),
        };
        // "Dangerous" is that it begins without TLS; it is set in the next line.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .tls(tls)
            .port(config.port)
            .timeout(Some(config.timeout));
        let builder = match config.credentials {
            // EXPOSE: the server wants the password.
            Some((name, password)) => {
                builder.credentials(Credentials::new(name, password.expose().clone()))
            }
            None => builder,
        };
        let (transport, from) = (builder.build(), config.from);
        Ok(Self { transport, from, patience: config.timeout, breaker: Breaker::resting(REST) })
    }

    /// Sends a letter. `id` makes two copies of one letter the same to whoever gets both.
    pub(crate) async fn send(
        &self,
        to: &Phi<String>,
        words: Words,
        (id, now): (Uuid, Timestamp),
    ) -> Result<(), MailError> {
        let message = self.message(to, words, (id, now)).ok_or(MailError::Unwritable)?;
        if !self.breaker.admits(now) {
            return Err(MailError::Resting);
        }
        // The library's own limit is about connecting; a server may fall silent later.
        let sent = timeout(self.patience, self.transport.send(message)).await;
        let result = match sent {
            Ok(sent) => sent.map(drop).map_err(|error| problem(&error)),
            Err(_) => Err(TOO_SLOW),
        };
        match &result {
            Err(MailError::Unreachable(_)) => self.breaker.failed(now),
            _ => self.breaker.reached(),
        }
        result
    }

    fn message(
        &self,
        to: &Phi<String>,
        Words { subject, plain, html }: Words,
        (id, now): (Uuid, Timestamp),
    ) -> Option<Message> {
        // EXPOSE: this is where the letter goes.
        let to: Mailbox = Mailbox::new(None, to.expose().parse().ok()?);
        let micros = u64::try_from(now.as_micros()).ok()?;
        let message_id = format!("<{id}@{}>", self.from.email.domain());
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(message_id))
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
            .multipart(MultiPart::alternative_plain_html(plain, html))
            .ok()
    }

    /// Whether the server can be reached as it is configured.
    pub(crate) async fn probe(&self) -> Result<(), MailError> {
        match timeout(self.patience, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(MailError::Unreachable("no answer")),
            Ok(Err(error)) => Err(problem(&error)),
            Err(_) => Err(TOO_SLOW),
        }
    }
}

fn parameters(config: &Checked) -> Result<TlsParameters, MailConfigError> {
    let builder = TlsParameters::builder(config.host.clone());
    let broken = |error: Error| MailConfigError::CaFile(error.to_string());
    let builder = match &config.ca {
        Some(pem) => builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(pem).map_err(broken)?),
        None => builder.certificate_store(CertificateStore::WebpkiRoots),
    };
    builder.build_rustls().map_err(broken)
}

/// In words of ours: what a server says may repeat the address.
fn problem(error: &Error) -> MailError {
    match error.status().map(u16::from) {
        Some(status) if error.is_permanent() => MailError::Refused(status),
        Some(status) => MailError::Deferred(status),
        None if error.is_tls() => MailError::Unreachable("no TLS, or not with this certificate"),
        None if error.is_timeout() => TOO_SLOW,
        None if error.is_client() => MailError::Unreachable("it does not offer what is needed"),
        None => MailError::Unreachable("no connection"),
    }
}
