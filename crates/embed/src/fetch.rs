//! The package of a model, out of a registry.

use crate::lock::Listed;
use outbound::{DialError, FetchError, Fetcher, Limits, Place, PlaceError, Reach};
use serde::Deserialize;
use std::time::Duration;

/// How long a package may take on a slow line.
const PATIENCE: Duration = Duration::from_hours(1);
/// What a registry says about a package.
const ABOUT: Limits = Limits { time: Duration::from_secs(30), bytes: 4 * 1024 * 1024 };

/// Why a package cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// Connections cannot be made at all.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The registry does not answer.
    #[error("the registry does not answer: {0}")]
    Fetch(#[from] FetchError),
    /// The address of the registry, or one that it names, may not be asked.
    #[error("the address {0} may not be asked: {1}")]
    Place(String, PlaceError),
    /// It answers something else.
    #[error("the registry does not have this package (HTTP {0})")]
    Status(u16),
    /// It does not name the file.
    #[error("the registry has the package and does not name its file")]
    Unnamed,
}

/// A registry to ask. Which one is for whoever asks to say: the list names packages and no hosts.
pub struct Index {
    base: String,
    inside: bool,
}

impl Index {
    /// The one at this address: in one's own network, or else a public one, over TLS.
    #[must_use]
    pub fn new(url: &str, inside: bool) -> Self {
        Self { base: url.trim_end_matches('/').to_owned(), inside }
    }

    fn place(&self, url: &str) -> Result<Place, PackageError> {
        let place =
            if self.inside { Place::parse_inside(url) } else { Place::parse(url, Reach::Public) };
        place.map_err(|error| PackageError::Place(url.to_owned(), error))
    }
}

#[derive(Deserialize)]
struct About {
    urls: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    filename: String,
    url: String,
}

/// The bytes of the package, not looked at yet. `seen` hears how many are there.
pub async fn package(
    model: &Listed,
    index: &Index,
    seen: &mut (dyn FnMut(usize) + Send),
) -> Result<Vec<u8>, PackageError> {
    let Listed { package, package_version, archive, bytes, .. } = model;
    let about = index.place(&format!("{}/pypi/{package}/{package_version}/json", index.base))?;
    let about = Fetcher::new(ABOUT)?.get(&about).await?;
    if !about.status.is_success() {
        return Err(PackageError::Status(about.status.as_u16()));
    }
    let About { urls } = serde_json::from_slice(&about.body).map_err(|_| PackageError::Unnamed)?;
    let file = urls.into_iter().find(|named| named.filename == *archive);
    let place = index.place(&file.ok_or(PackageError::Unnamed)?.url)?;
    let whole = Fetcher::new(Limits { time: PATIENCE, bytes: *bytes })?;
    let answer = whole.download(&place, seen).await?;
    if !answer.status.is_success() {
        return Err(PackageError::Status(answer.status.as_u16()));
    }
    Ok(answer.body.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::models;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// A registry that names a file of these bytes, and answers two requests.
    async fn registry(listener: TcpListener, named: String, file: &[u8]) {
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}/files/it");
        let about = format!(r#"{{"urls":[{{"filename":"{named}","url":"{url}"}}]}}"#);
        for body in [about.as_bytes(), file] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 2048]).await.unwrap();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    }

    async fn fetched(named: Option<&str>, file: &[u8]) -> (Result<Vec<u8>, PackageError>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut model = models().unwrap().remove(0);
        model.bytes = 5;
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let index = Index::new(&url, true);
        let named = named.map_or(model.archive.clone(), str::to_owned);
        let mut seen = 0;
        let mut count = |bytes| seen = bytes;
        let asked = tokio::select! {
            asked = package(&model, &index, &mut count) => asked,
            () = async { registry(listener, named, file).await; std::future::pending().await } => {
                unreachable!()
            }
        };
        (asked, seen)
    }

    #[tokio::test]
    async fn a_package_is_fetched_by_name_from_a_mirror_and_its_progress_told() {
        let (asked, seen) = fetched(None, b"model").await;
        assert_eq!((asked.unwrap(), seen), (b"model".to_vec(), 5));
    }

    #[tokio::test]
    async fn what_is_longer_than_listed_or_not_named_is_refused() {
        let too_large = fetched(None, b"models").await.0;
        assert!(matches!(too_large, Err(PackageError::Fetch(FetchError::TooLarge))));
        let unnamed = fetched(Some("another.whl"), b"model").await.0;
        assert!(matches!(unnamed, Err(PackageError::Unnamed)));
    }

    #[tokio::test]
    async fn a_public_registry_is_asked_over_tls_and_never_inside() {
        let public = Index::new("http://127.0.0.1:1", false);
        let model = models().unwrap().remove(0);
        let refused = package(&model, &public, &mut |_| ()).await;
        assert!(matches!(refused, Err(PackageError::Place(..))));
    }
}
