//! The SMTP server that tests talk to.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
};
use tempfile::TempDir;

/// A certificate for `localhost` and the authority that signed it, as files.
pub(super) struct Certificates {
    pub(super) ca: PathBuf,
    cert: PathBuf,
    key: PathBuf,
    _folder: TempDir,
}

impl Certificates {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let root = authority.self_signed(&authority_key).unwrap();
        let issuer = rcgen::Issuer::new(authority, authority_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let server = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&key, &issuer).unwrap();
        let write = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        Self {
            ca: write("ca.pem", root.pem()),
            cert: write("cert.pem", server.pem()),
            key: write("key.pem", key.serialize_pem()),
            _folder: folder,
        }
    }
}

/// What the server is to be like.
pub(super) fn wants(mode: &str, certificates: Option<&Certificates>) -> Value {
    let mut wants = json!({ "mode": mode });
    if let Some(certificates) = certificates {
        wants["cert"] = certificates.cert.display().to_string().into();
        wants["key"] = certificates.key.display().to_string().into();
    }
    wants
}

/// Ends when it is dropped.
pub(super) struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(super) port: u16,
}

impl Server {
    /// `None` where no Python with aiosmtpd is named.
    #[expect(clippy::disallowed_methods, reason = "the test runner says where Python is")]
    pub(super) fn start(wants: &Value) -> Option<Self> {
        let Ok(python) = std::env::var("SALUS_TEST_PYTHON") else {
            assert!(std::env::var("CI").is_err(), "CI must test with a mail server");
            return None;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/smtp_server.py");
        let mut child = Command::new(python)
            .args([script, &wants.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        Some(Self { child, out, port: line.trim().parse().unwrap() })
    }

    /// The next letter that it takes.
    pub(super) fn letter(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Ends it; answers everything that it took and nobody asked about.
    pub(super) fn finish(mut self) -> String {
        drop(self.child.stdin.take());
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
