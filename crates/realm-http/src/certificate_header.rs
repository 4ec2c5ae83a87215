use base64_simd::STANDARD;

use crate::certificate::{PeerCertificate, Trust};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Reads the certificate that a proxy hands on in a header, as nginx (PEM, percent-encoded), HAProxy and RFC 9440 (base64),
/// Apache (PEM, blanks for line ends), Traefik (base64, percent-encoded) and Envoy (`Cert="…"` among others) write it; the first,
/// where there is a chain. `None` where there is none.
///
/// The proxy has verified it: what it lets through counts as issued by somebody trusted.
pub(crate) fn read(header: &str) -> Option<PeerCertificate> {
    let header = match header.split_once("Cert=\"") {
        Some((_, behind)) => behind.split('"').next().unwrap_or_default(),
        None => header,
    };
    let decoded = percent_encoding::percent_decode_str(header).decode_utf8().ok()?;
    let body = match decoded.split_once(BEGIN) {
        Some((_, behind)) => behind.split_once(END)?.0,
        None => decoded.split(',').next().unwrap_or_default().trim().trim_matches(':'),
    };
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let der = STANDARD.decode_to_vec(body.as_bytes()).ok().filter(|der| !der.is_empty())?;
    Some(PeerCertificate::new(&der, Trust::Issuer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_proxy_writes_it_differently() {
        for header in [
            "-----BEGIN%20CERTIFICATE-----%0AMAA%3D%0A-----END%20CERTIFICATE-----%0A",
            "-----BEGIN CERTIFICATE----- MAA= -----END CERTIFICATE-----",
            "MAA=",
            ":MAA=:",
            "MAA%3D,MAB%3D",
            "By=spiffe://x;Cert=\"-----BEGIN%20CERTIFICATE-----%0AMAA%3D%0A-----END%20CERTIFICATE-----%0A\";Subject=\"CN=x\"",
        ] {
            assert_eq!(read(header).unwrap().der(), [0x30, 0], "{header}");
        }
        for header in ["", "(null)", "-----BEGIN CERTIFICATE-----", "%ff", "-"] {
            assert_eq!(read(header), None, "{header}");
        }
    }
}
