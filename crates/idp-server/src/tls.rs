//! Certificate and key of the HTTPS port.

use std::path::{Path, PathBuf};

use openssl::error::ErrorStack;
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslFiletype, SslMethod};
use thiserror::Error;

/// Which file cannot be used. OpenSSL's words name no content of it.
#[derive(Debug, Error)]
pub enum TlsError {
    /// `https-certificate-file`
    #[error("https-certificate-file {0}: {1}")]
    Certificate(PathBuf, String),
    /// `https-certificate-key-file`
    #[error("https-certificate-key-file {0}: {1}")]
    Key(PathBuf, String),
    /// The key is not the certificate's.
    #[error("https-certificate-key-file {0} does not belong to https-certificate-file {1}")]
    Mismatch(PathBuf, PathBuf),
    /// OpenSSL itself.
    #[error("OpenSSL cannot be set up: {0}")]
    Setup(#[from] ErrorStack),
}

/// TLS 1.2 and 1.3 with these PEM files, by Mozilla's intermediate profile.
pub(crate) fn acceptor(certificate: &Path, key: &Path) -> Result<SslAcceptorBuilder, TlsError> {
    for (file, told) in [(certificate, TlsError::Certificate as fn(_, _) -> _), (key, TlsError::Key as fn(_, _) -> _)] {
        std::fs::metadata(file).map_err(|error| told(file.to_owned(), error.to_string()))?;
    }
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    let reason = |error: ErrorStack| error.errors().first().and_then(|e| e.reason()).unwrap_or("not PEM").to_owned();
    builder
        .set_certificate_chain_file(certificate)
        .map_err(|error| TlsError::Certificate(certificate.to_owned(), reason(error)))?;
    builder.set_private_key_file(key, SslFiletype::PEM).map_err(|error| TlsError::Key(key.to_owned(), reason(error)))?;
    builder.check_private_key().map_err(|_| TlsError::Mismatch(key.to_owned(), certificate.to_owned()))?;
    Ok(builder)
}
