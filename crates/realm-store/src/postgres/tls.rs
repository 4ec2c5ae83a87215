//! Encryption of connections to PostgreSQL.

use std::path::Path;

use openssl::error::ErrorStack;
use openssl::ssl::{SslConnector, SslFiletype, SslMethod, SslVerifyMode};
use postgres_openssl::{MakeTlsConnector, set_postgresql_alpn};

use crate::database_url::{DatabaseUrl, SslMode};

/// Where systems keep the certificates of the authorities they trust.
const SYSTEM: [&str; 4] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

/// What checks the server as `url` wants it.
pub(super) fn connector(url: &DatabaseUrl) -> Result<MakeTlsConnector, ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    set_postgresql_alpn(&mut builder)?;
    let checked = matches!(url.ssl_mode, SslMode::VerifyCa | SslMode::VerifyFull);
    builder.set_verify(if checked { SslVerifyMode::PEER } else { SslVerifyMode::NONE });
    match &url.root_certificate {
        Some(file) if checked => builder.set_ca_file(file)?,
        None if checked => {
            if let Some(file) = SYSTEM.iter().find(|file| Path::new(file).exists()) {
                builder.set_ca_file(file)?;
            }
        }
        _ => {}
    }
    if let Some((certificate, key)) = &url.client_certificate {
        builder.set_certificate_chain_file(certificate)?;
        builder.set_private_key_file(key, SslFiletype::PEM)?;
    }
    let mut connector = MakeTlsConnector::new(builder.build());
    let by_name = url.ssl_mode == SslMode::VerifyFull;
    connector.set_callback(move |connection, _| {
        connection.set_verify_hostname(by_name);
        Ok(())
    });
    Ok(connector)
}
