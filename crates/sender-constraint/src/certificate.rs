use base64_simd::URL_SAFE_NO_PAD;
use oidc_types::{Confirmation, ConfirmationMethod, RefreshBinding};
use realm_http::PeerCertificate;
use realm_model::Client;
use sha2::{Digest, Sha256};

use crate::BindingError;

/// The client's attribute: its tokens are bound to its certificate.
const ATTRIBUTE: &str = "tls.client.certificate.bound.access.tokens";

/// `x5t#S256`: SHA-256 of the certificate, base64url (RFC 8705 section 3.1).
fn thumbprint(certificate: &PeerCertificate) -> String {
    URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(certificate.der()))
}

/// What binds the tokens of `client` to the certificate by which it came; nothing where it does not ask for that.
///
/// # Errors
/// [`BindingError::CertificateMissing`]
pub fn certificate_confirmation(
    client: &Client,
    certificate: Option<&PeerCertificate>,
) -> Result<Option<Confirmation>, BindingError> {
    if !client.is_on(ATTRIBUTE) {
        return Ok(None);
    }
    let thumbprint = thumbprint(certificate.ok_or(BindingError::CertificateMissing)?);
    // Keycloak: refresh tokens are bound whatever the client (RFC 8705 section 4 asks it of public ones).
    Ok(Some(Confirmation { method: ConfirmationMethod::Certificate, thumbprint, refresh: RefreshBinding::Bound }))
}

/// Refuses a token whose `cnf` names the certificate `x5t` unless the client came by it. Keycloak: the token of a client that
/// demands binding is refused as well where it is bound to none.
///
/// # Errors
/// [`BindingError::OtherCertificate`]
pub fn refuse_other_certificate(
    client: &Client,
    x5t: Option<&str>,
    certificate: Option<&PeerCertificate>,
) -> Result<(), BindingError> {
    let fits = match x5t {
        None => !client.is_on(ATTRIBUTE),
        Some(x5t) => certificate.is_some_and(|certificate| thumbprint(certificate) == x5t),
    };
    if fits { Ok(()) } else { Err(BindingError::OtherCertificate) }
}

#[cfg(test)]
mod tests {
    use realm_http::Trust;
    use realm_model::file::{SourceFile, read};

    use super::*;

    fn client(bound: bool) -> Client {
        let json = format!(r#"{{"realm":"r","clients":[{{"clientId":"c","attributes":{{"{ATTRIBUTE}":"{bound}"}}}}]}}"#);
        let file = SourceFile { name: "r.json".to_owned(), bytes: json.into_bytes() };
        let realm = read(&[file], &|_| None).realms.remove(0).realm;
        Client::clone(realm.client("c").unwrap())
    }

    #[test]
    fn tokens_are_bound_to_the_certificate_where_the_client_asks_for_it() {
        let certificate = PeerCertificate::new(b"a certificate", Trust::Issuer);
        let bound = certificate_confirmation(&client(true), Some(&certificate)).unwrap().unwrap();
        assert_eq!(bound.thumbprint, "gazXYhQPppKhQoItL75NxvVLyqUB9oqzflru0Lr-TZk");
        assert_eq!((bound.method, bound.refresh), (ConfirmationMethod::Certificate, RefreshBinding::Bound));
        assert_eq!(certificate_confirmation(&client(true), None), Err(BindingError::CertificateMissing));
        assert_eq!(certificate_confirmation(&client(false), Some(&certificate)), Ok(None));
    }

    #[test]
    fn a_bound_token_needs_its_certificate_whatever_the_client_now_says() {
        let (own, other) = (PeerCertificate::new(b"own", Trust::Issuer), PeerCertificate::new(b"other", Trust::Issuer));
        let x5t = thumbprint(&own);
        for (bound, x5t, certificate, fine) in [
            (true, Some(&x5t), Some(&own), true),
            (true, Some(&x5t), Some(&other), false),
            (true, Some(&x5t), None, false),
            (true, None, Some(&own), false),
            (false, Some(&x5t), None, false),
            (false, Some(&x5t), Some(&own), true),
            (false, None, None, true),
            (false, None, Some(&own), true),
        ] {
            let judged = refuse_other_certificate(&client(bound), x5t.map(String::as_str), certificate);
            assert_eq!(judged.is_ok(), fine, "{bound} {x5t:?} {certificate:?}");
        }
    }
}
