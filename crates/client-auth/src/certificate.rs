//! Clients that authenticate by a certificate: `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705 section 2).

use std::sync::Arc;

use realm_http::{RealmContext, Trust};
use realm_model::Client;
use regex_lite::Regex;

use crate::CertificateError;
use crate::client_keys::{ClientKeys, declares_keys};
use crate::tls::{Attribute, Subject};

/// Whether the client came by the certificate that it declares: of a subject (`x509.subjectdn`), issued by somebody trusted, or
/// else of one of its keys.
pub(crate) async fn judge(keys: &ClientKeys, request: &RealmContext, client: &Arc<Client>) -> Result<(), CertificateError> {
    // The end of the chain alone: whoever issued it has not proved anything here (CVE-2023-2422).
    let shown = request.certificate.as_ref().ok_or(CertificateError::Missing)?;
    let subject = Subject::of(shown.der()).ok_or(CertificateError::Unreadable)?;
    let Some(declared) = client.attribute("x509.subjectdn") else {
        if !declares_keys(client) {
            return Err(CertificateError::NotDeclared);
        }
        let whose = (&request.realm.name, client);
        let held = keys.holds(whose, &subject.key, request.now).await.map_err(|_| CertificateError::NoKeys)?;
        return if held { Ok(()) } else { Err(CertificateError::Other) };
    };
    if shown.trust() != Trust::Issuer {
        return Err(CertificateError::NotTrusted);
    }
    let is_it = if client.is_on("x509.allow.regex.pattern.comparison") {
        matches_whole(declared, &java_name(&subject.attributes))
    } else {
        parse_name(declared).is_some_and(|declared| declared == subject.attributes)
    };
    if is_it { Ok(()) } else { Err(CertificateError::Other) }
}

fn matches_whole(pattern: &str, name: &str) -> bool {
    Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(name))
}

/// A name as Keycloak's patterns expect it: most specific first, `, ` between, some keywords in Java's spelling.
fn java_name(attributes: &[Attribute]) -> String {
    let written = |attribute: &Attribute| {
        let special = |c: char| ",+=\n<>#;\\\"".contains(c);
        let value = &attribute.value;
        if value.contains(special) || value.starts_with(' ') || value.ends_with(' ') {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            return format!("{}=\"{escaped}\"", attribute.java_keyword());
        }
        format!("{}={value}", attribute.java_keyword())
    };
    attributes.iter().rev().map(written).collect::<Vec<_>>().join(", ")
}

/// Reads a name as RFC 4514 writes it, into the order of certificates; `None` where it is none.
fn parse_name(text: &str) -> Option<Vec<Attribute>> {
    let mut attributes = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let (kind, behind) = rest.split_once('=')?;
        let (value, behind) = parse_value(behind)?;
        attributes.push(Attribute::named(kind.trim(), value)?);
        rest = behind;
    }
    attributes.reverse();
    (!attributes.is_empty()).then_some(attributes)
}

/// The value at the start of `text`, and what is behind the separator after it.
fn parse_value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let (mut bytes, mut quoted, mut end) = (Vec::new(), false, text.len());
    let mut kept = 0; // so far every byte up to here is not a blank at the end
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            ',' | ';' | '+' if !quoted => {
                end = at;
                break;
            }
            '\\' => {
                let (_, escaped) = chars.next()?;
                match escaped.to_digit(16).filter(|_| escaped.is_ascii_hexdigit()) {
                    Some(high) => {
                        let low = chars.next()?.1.to_digit(16)?;
                        bytes.push(u8::try_from(high * 16 + low).ok()?);
                    }
                    None => bytes.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes()),
                }
                kept = bytes.len();
                continue;
            }
            _ => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        if quoted || !c.is_whitespace() {
            kept = bytes.len();
        }
    }
    if quoted {
        return None;
    }
    bytes.truncate(kept);
    let behind = text.get(end..).map(|behind| behind.get(1..).unwrap_or_default())?;
    Some((String::from_utf8(bytes).ok()?, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pairs: &[(&str, &str)]) -> Vec<Attribute> {
        pairs.iter().map(|(kind, value)| Attribute::named(kind, (*value).to_owned()).unwrap()).collect()
    }

    #[test]
    fn names_are_read_as_rfc_4514_writes_them() {
        let name = named(&[("C", "US"), ("O", "Acme, Inc."), ("CN", "worker")]);
        for text in
            ["CN=worker,O=Acme\\, Inc.,C=US", "CN=worker, O=\"Acme, Inc.\" , C=US", "cn = worker ; 2.5.4.10=Acme\\2C Inc.;c=US"]
        {
            assert_eq!(parse_name(text).as_ref(), Some(&name), "{text}");
        }
        assert_ne!(parse_name("C=US,O=Acme\\, Inc.,CN=worker").as_ref(), Some(&name));
        assert_ne!(parse_name("CN=Worker,O=Acme\\, Inc.,C=US").as_ref(), Some(&name));
        for text in ["", "worker", "CN=\"worker", "nothing-like-it=x", "CN=a\\"] {
            assert_eq!(parse_name(text), None, "{text}");
        }
    }

    #[test]
    fn patterns_see_the_name_as_java_prints_it() {
        let name = java_name(&named(&[("C", "US"), ("O", "Acme, Inc."), ("CN", "worker"), ("emailAddress", "a@b.example")]));
        assert_eq!(name, "EMAILADDRESS=a@b.example, CN=worker, O=\"Acme, Inc.\", C=US");
        assert!(matches_whole("(.*?)CN=worker(?:, .*)?", &name));
        assert!(!matches_whole("CN=worker", &name) && !matches_whole("(", &name));
    }
}
