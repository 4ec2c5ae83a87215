//! Certificate and key of the HTTPS port.

use std::any::Any;
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use openssl::error::ErrorStack;
use openssl::ssl::{SslAcceptor, SslConnector, SslFiletype, SslMethod, SslOptions, SslStream, SslVerifyMode};
use openssl::x509::{X509, X509VerifyResult};
use realm_http::{PeerCertificate, Trust};
use thiserror::Error;

/// `--https-client-auth`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    /// `none`
    #[default]
    NotAsked,
    /// `request`: clients may show one, be its issuer trusted or not; what it is worth is judged where it is used.
    Requested,
    /// `required`: no connection without one whose issuer is trusted.
    Required,
}

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
    /// `https-trust-store-file`, `truststore-paths`
    #[error("certificates of authorities to trust: {0}")]
    Trust(String),
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
    builder.set_options(SslOptions::NO_RENEGOTIATION); // a client could have it all done again and again (CVE-2025-11419)
    let reason = |error: ErrorStack| error.errors().first().and_then(|e| e.reason()).unwrap_or("not PEM").to_owned();
    builder
        .set_certificate_chain_file(certificate)
        .map_err(|error| TlsError::Certificate(certificate.to_owned(), reason(error)))?;
    builder.set_private_key_file(key, SslFiletype::PEM).map_err(|error| TlsError::Key(key.to_owned(), reason(error)))?;
    Ok(builder)
}

/// Makes the acceptor ask clients for certificates. `trust`: PEM texts of the authorities that may issue them; where there is
/// none, those of the system.
pub(crate) fn ask_for_certificates(builder: &mut Acceptor, asked: ClientCertificates, trust: &[String]) -> Result<(), TlsError> {
    let mode = match asked {
        ClientCertificates::NotAsked => return Ok(()),
        ClientCertificates::Requested => SslVerifyMode::PEER,
        ClientCertificates::Required => SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT,
    };
    for text in trust {
        let certificates = X509::stack_from_pem(text.as_bytes()).map_err(|error| TlsError::Trust(error.to_string()))?;
        for certificate in certificates {
            builder.add_client_ca(&certificate)?;
            builder.cert_store_mut().add_cert(certificate)?;
        }
    }
    if trust.is_empty() {
        builder.cert_store_mut().set_default_paths()?;
    }
    if asked == ClientCertificates::Requested {
        // What was found is kept with the connection: see `peer_certificate`.
        builder.set_verify_callback(mode, |_, _| true);
    } else {
        builder.set_verify(mode);
    }
    builder.set_session_id_context(b"latchkey")?; // without one a resumed session of a client with certificate is an error
    Ok(())
}

/// The certificate that the client of a connection showed.
pub(crate) fn peer_certificate(connection: &dyn Any) -> Option<PeerCertificate> {
    let stream = connection.downcast_ref::<actix_tls::accept::openssl::TlsStream<tokio::net::TcpStream>>()?;
    let ssl = stream.ssl();
    let trust = if ssl.verify_result() == X509VerifyResult::OK { Trust::Issuer } else { Trust::Nobody };
    Some(PeerCertificate::new(&ssl.peer_certificate()?.to_der().ok()?, trust))
}

/// A connection to this machine's own server. Its certificate is for the name that clients use, not for this machine's own
/// address: it is not judged.
pub(crate) fn connect_unjudged(stream: TcpStream) -> std::io::Result<SslStream<TcpStream>> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_verify(SslVerifyMode::NONE);
    let configuration = builder.build().configure()?.verify_hostname(false).use_server_name_indication(false);
    configuration.connect("localhost", stream).map_err(|error| std::io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CVE-2025-11419
    #[test]
    fn refuses_to_negotiate_again_on_a_connection_whether_certificates_are_asked_for_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let pair = openssl::pkey::PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
        let mut made = X509::builder().unwrap();
        made.set_pubkey(&pair).unwrap();
        made.set_not_before(&openssl::asn1::Asn1Time::days_from_now(0).unwrap()).unwrap();
        made.set_not_after(&openssl::asn1::Asn1Time::days_from_now(1).unwrap()).unwrap();
        made.sign(&pair, openssl::hash::MessageDigest::sha256()).unwrap();
        std::fs::write(&certificate, made.build().to_pem().unwrap()).unwrap();
        std::fs::write(&key, pair.private_key_to_pem_pkcs8().unwrap()).unwrap();
        for asked in [ClientCertificates::NotAsked, ClientCertificates::Requested] {
            let mut acceptor = acceptor(&certificate, &key).unwrap();
            ask_for_certificates(&mut acceptor, asked, &[]).unwrap();
            assert!(acceptor.options().contains(SslOptions::NO_RENEGOTIATION), "{asked:?}");
        }
    }
}
