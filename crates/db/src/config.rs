//! Where the data is.

use crate::error::DbError;
use kernel::Secret;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde::Deserialize;
use std::{path::PathBuf, sync::Arc};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Which database, by its URL: `sqlite:PATH` or `postgres://…`.
pub enum DbConfig {
    /// A file of this program's own.
    Sqlite(PathBuf),
    /// A server.
    Postgres(PostgresConfig),
}

/// A PostgreSQL server.
#[derive(Deserialize)]
pub struct PostgresConfig {
    /// Its URL, with the password.
    pub url: Secret<String>,
    /// Connections this process may hold.
    pub connections: u16,
    /// Certificates (PEM) to trust besides the public ones.
    pub ca_file: Option<PathBuf>,
}

impl DbConfig {
    /// Reads the URL.
    pub fn from_url(url: &Secret<String>) -> Result<Self, DbError> {
        // EXPOSE: the URL may hold a password; it goes nowhere but into the connection.
        let text = url.expose();
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let config = PostgresConfig { url: url.clone(), connections: 16, ca_file: None };
            return Ok(Self::Postgres(config));
        }
        Err(DbError::Config("the URL must start with sqlite: or postgres://".into()))
    }
}

impl PostgresConfig {
    /// TLS unless the server is on this machine: health data does not cross a network in the
    /// clear, even sealed, because who writes when is telling too.
    pub(crate) fn tls(&self) -> Result<Option<MakeRustlsConnect>, DbError> {
        let fail = |reason: &str| DbError::Config(reason.to_owned());
        let settings: tokio_postgres::Config =
            self.url.expose().parse().map_err(|_| fail("not a valid URL"))?;
        // Where `hostaddr` is given, that is where the connection goes, whatever the host is.
        let local = settings.get_hosts().iter().all(is_local)
            && settings.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
        if local && settings.get_ssl_mode() != SslMode::Require {
            return Ok(None);
        }
        if settings.get_ssl_mode() != SslMode::Require {
            return Err(fail("a server on another machine needs sslmode=require in the URL"));
        }
        let mut roots = rustls::RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(path) = &self.ca_file {
            let found = CertificateDer::pem_file_iter(path);
            for certificate in found.map_err(|_| fail("ca_file cannot be read"))? {
                let certificate = certificate.map_err(|_| fail("ca_file is not PEM"))?;
                roots.add(certificate).map_err(|_| fail("ca_file holds no certificate"))?;
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| fail("TLS cannot be set up"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Some(MakeRustlsConnect::new(config)))
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres(url: &str) -> PostgresConfig {
        match DbConfig::from_url(&Secret::new(url.into())) {
            Ok(DbConfig::Postgres(config)) => config,
            _ => panic!("not a PostgreSQL URL"),
        }
    }

    #[test]
    fn a_server_on_another_machine_is_refused_without_tls() {
        assert!(postgres("postgres://u@db.example/x").tls().is_err());
        assert!(postgres("postgres://u@localhost/x?hostaddr=10.0.0.5").tls().is_err());
        assert!(postgres("postgres://u@db.example/x?sslmode=require").tls().unwrap().is_some());
        assert!(postgres("postgres://u@127.0.0.1/x").tls().unwrap().is_none());
    }

    #[test]
    fn other_urls_are_refused() {
        assert!(DbConfig::from_url(&Secret::new("mysql://x".into())).is_err());
    }
}
