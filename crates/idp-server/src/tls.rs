//! Certificate and key of the HTTPS port.

use std::net::TcpStream;
use std::path::{Path, PathBuf};

use openssl::error::ErrorStack;
use openssl::ssl::{SslAcceptor, SslConnector, SslFiletype, SslMethod, SslStream, SslVerifyMode};
use thiserror::Error;

/// What a listener needs of certificate and key.
pub(crate) type Acceptor = openssl::ssl::SslAcceptorBuilder;

/// Which file cannot be used. OpenSSL's words name no content of it.
#[derive(Debug, Error)]
pub enum TlsError {
    /// `https-certificate-file`
    #[error("https-certificate-file {0}: {1}")]
    Certificate(PathBuf, String),
    /// `https-certificate-key-file`, which may also belong to another certificate.
    #[error("https-certificate-key-file {0}: {1}")]
    Key(PathBuf, String),
    /// OpenSSL itself.
    #[error("OpenSSL cannot be set up: {0}")]
    Setup(#[from] ErrorStack),
}

/// TLS 1.2 and 1.3 with these PEM files, by Mozilla's intermediate profile.
pub(crate) fn acceptor(certificate: &Path, key: &Path) -> Result<Acceptor, TlsError> {
    for (file, told) in [(certificate, TlsError::Certificate as fn(_, _) -> _), (key, TlsError::Key as fn(_, _) -> _)] {
        std::fs::metadata(file).map_err(|error| told(file.to_owned(), error.to_string()))?;
    }
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    let reason = |error: ErrorStack| error.errors().first().and_then(|e| e.reason()).unwrap_or("not PEM").to_owned();
    builder
        .set_certificate_chain_file(certificate)
        .map_err(|error| TlsError::Certificate(certificate.to_owned(), reason(error)))?;
    builder.set_private_key_file(key, SslFiletype::PEM).map_err(|error| TlsError::Key(key.to_owned(), reason(error)))?;
    Ok(builder)
}

/// A connection to this machine's own server. Its certificate is for the name that clients use, not for this machine's own
/// address: it is not judged.
pub(crate) fn connect_unjudged(stream: TcpStream) -> std::io::Result<SslStream<TcpStream>> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_verify(SslVerifyMode::NONE);
    let configuration = builder.build().configure()?.verify_hostname(false).use_server_name_indication(false);
    configuration.connect("localhost", stream).map_err(|error| std::io::Error::other(error.to_string()))
}
