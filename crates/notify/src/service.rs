//! Sending letters, and handing links over where none are sent.

use crate::{
    config::{MailConfig, MailConfigError},
    error::MailError,
    letter::{page, words},
    smtp::Smtp,
};
use identity::{AskedLetter, Identity, LetterKind, LinkPurpose};
use kernel::{Ctx, Secret, Subject, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

/// Sends letters. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    identity: Identity,
    smtp: Option<Smtp>,
    base: String,
}

/// A link for someone who cannot be written to.
pub struct Shown {
    /// The link; only a path where the address of the installation is not known.
    pub link: Secret<String>,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Mailer {
    /// With these settings; links lead below the public address.
    pub fn new(
        identity: Identity,
        config: &MailConfig,
        public_url: Option<&str>,
    ) -> Result<Self, MailConfigError> {
        let smtp = config.check()?.map(Smtp::new).transpose()?;
        if smtp.is_some() && public_url.is_none() {
            return Err(MailConfigError::NoPublicUrl);
        }
        let base = public_url.unwrap_or_default().trim_end_matches('/').to_owned();
        Ok(Self(Arc::new(Inner { identity, smtp, base })))
    }

    /// Whether mail is sent at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.smtp.is_some()
    }

    /// Whether the server can be reached as it is configured; `None` where no mail is sent.
    pub async fn probe(&self) -> Option<Result<(), MailError>> {
        match &self.0.smtp {
            Some(smtp) => Some(smtp.probe().await),
            None => None,
        }
    }

    /// Sends the letter that was asked for, if it still makes sense. Where no mail is sent it is
    /// forgotten.
    pub(crate) async fn deliver(
        &self,
        ctx: &Ctx,
        job: Uuid,
        asked: &AskedLetter,
    ) -> Result<(), MailError> {
        let Some(smtp) = &self.0.smtp else { return Ok(()) };
        let Some(letter) = self.0.identity.letter(ctx, asked).await? else { return Ok(()) };
        let words = words(&letter, &self.0.base);
        smtp.send(&letter.to, words, (job, ctx.now())).await
    }

    /// A link to hand to someone, where no mail is sent.
    pub async fn show_link(
        &self,
        ctx: &Ctx,
        subject: Subject,
        purpose: LinkPurpose,
    ) -> Result<Shown, MailError> {
        if self.is_on() {
            return Err(MailError::MailIsOn);
        }
        let shown = self.0.identity.show_link(ctx, subject, purpose).await?;
        let kind = match purpose {
            LinkPurpose::VerifyEmail => LetterKind::VerifyEmail,
            LinkPurpose::ResetPassword => LetterKind::ResetPassword,
        };
        let page = page(kind).unwrap_or_default();
        let link = shown.token.map(|token| format!("{}/{page}#{token}", self.0.base));
        Ok(Shown { link, expires_at: shown.expires_at })
    }
}
