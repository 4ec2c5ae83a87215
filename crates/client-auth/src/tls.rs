//! What OpenSSL reads out of a certificate.

use openssl::asn1::Asn1Object;
use openssl::x509::X509;

/// An attribute of a name: its type as an object identifier, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    kind: Vec<u8>,
    pub(crate) value: String,
}

/// Whom a certificate is for.
pub(crate) struct Subject {
    /// In the order of the certificate.
    pub(crate) attributes: Vec<Attribute>,
    /// `SubjectPublicKeyInfo`
    pub(crate) key: Vec<u8>,
}

/// Keywords of RFC 4514 and Java, and OpenSSL's names for them.
const KEYWORDS: [(&str, &str); 15] = [
    ("CN", "CN"),
    ("O", "O"),
    ("OU", "OU"),
    ("C", "C"),
    ("L", "L"),
    ("ST", "ST"),
    ("S", "ST"),
    ("STREET", "street"),
    ("DC", "DC"),
    ("UID", "UID"),
    ("EMAILADDRESS", "emailAddress"),
    ("E", "emailAddress"),
    ("SERIALNUMBER", "serialNumber"),
    ("SURNAME", "SN"),
    ("GIVENNAME", "GN"),
];

fn identifier(name: &str) -> Option<Vec<u8>> {
    Some(Asn1Object::from_str(name).ok()?.as_slice().to_vec())
}

impl Attribute {
    /// Of a keyword or a dotted object identifier; `None` where it is neither.
    pub(crate) fn named(kind: &str, value: String) -> Option<Self> {
        let keyword = KEYWORDS.iter().find(|(keyword, _)| keyword.eq_ignore_ascii_case(kind)).map(|(_, name)| *name);
        let dotted = kind.strip_prefix("OID.").unwrap_or(kind);
        Some(Self { kind: identifier(keyword.unwrap_or(dotted))?, value })
    }

    /// The type in Java's spelling.
    pub(crate) fn java_keyword(&self) -> String {
        let known = KEYWORDS.iter().find(|(_, name)| identifier(name).as_ref() == Some(&self.kind));
        known.map_or_else(|| format!("OID.{}", dotted(&self.kind)), |(keyword, _)| (*keyword).to_owned())
    }
}

/// The content of an object identifier as numbers (X.690 section 8.19).
fn dotted(content: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0_u64;
    for byte in content {
        number = (number << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.push(first);
                number -= first * 40;
            }
            numbers.push(number);
            number = 0;
        }
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

impl Subject {
    /// Of a certificate in DER; `None` where it is none.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        let certificate = X509::from_der(der).ok()?;
        let entries = certificate.subject_name().entries();
        let attribute = |entry: &openssl::x509::X509NameEntryRef| {
            let value = entry.data().to_string().ok()?;
            Some(Attribute { kind: identifier(&entry.object().to_string())?, value })
        };
        let attributes = entries.map(attribute).collect::<Option<_>>()?;
        Some(Self { attributes, key: certificate.public_key().ok()?.public_key_to_der().ok()? })
    }
}
