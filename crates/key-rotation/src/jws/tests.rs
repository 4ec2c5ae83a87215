use std::sync::Arc;

use ambient::SeededEntropy;

use super::*;
use crate::keys::{Curve, Material, Shape, VerificationKey, signer_of};

fn signer(algorithm: Algorithm, kid: &str) -> (Arc<dyn Signer>, VerificationKey) {
    let shape = if algorithm.is_symmetric() { Shape::Secret { bytes: 64 } } else { Shape::Ec(Curve::P256) };
    let material = Material::generate(shape, &SeededEntropy::new(1)).unwrap();
    let verifier = VerificationKey::of(algorithm, &material).unwrap().unwrap();
    (signer_of(algorithm, &kid.into(), &material).unwrap(), verifier)
}

fn with_header(header: &str) -> String {
    format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode_to_string(header))
}

#[test]
fn the_header_is_keycloaks_to_the_byte() {
    let (signer, _) = signer(Algorithm::Hs512, "01e83a4d");
    for typ in ["JWT", "at+jwt", "logout+jwt", "secevent+jwt"] {
        let token = sign_compact(&*signer, typ, b"{}").unwrap();
        let header = URL_SAFE_NO_PAD.decode_to_vec(token.split('.').next().unwrap().as_bytes()).unwrap();
        let expected = format!(r#"{{"alg":"HS512","typ" : "{typ}","kid" : "01e83a4d"}}"#);
        assert_eq!(String::from_utf8(header).unwrap(), expected);
    }
}

#[test]
fn a_kid_with_quotes_stays_one_member() {
    let (signer, _) = signer(Algorithm::Hs512, r#"a","alg":"none"#);
    let token = sign_compact(&*signer, "JWT", b"{}").unwrap();
    assert_eq!(parse_compact(&token).unwrap().kid.as_deref(), Some(r#"a","alg":"none"#));
}

#[test]
fn what_is_signed_parses_back_and_verifies() {
    for algorithm in [Algorithm::Hs256, Algorithm::Es256] {
        let (signer, verifier) = signer(algorithm, "k");
        for claims in [&b"{}"[..], br#"{"sub":"alice"}"#, &[b'x'; 3001]] {
            let token = sign_compact(&*signer, "JWT", claims).unwrap();
            let parsed = parse_compact(&token).unwrap();
            assert_eq!((parsed.algorithm, parsed.kid.as_deref(), parsed.typ.as_deref()), (algorithm, Some("k"), Some("JWT")));
            assert_eq!(parsed.payload, claims);
            assert!(verifier.verifies(parsed.signing_input, &parsed.signature));
        }
    }
}

#[test]
fn the_room_is_reckoned_to_the_byte() {
    let (signer, _) = signer(Algorithm::Es256, "k");
    for length in 0..70 {
        let token = sign_compact(&*signer, "JWT", &vec![b'x'; length]).unwrap();
        assert_eq!(token.capacity(), token.len(), "{length}");
    }
}

#[test]
fn none_and_encryption_are_no_signature_algorithms() {
    for algorithm in ["none", "None", "RSA-OAEP", "AES", "HS1", ""] {
        let token = with_header(&format!(r#"{{"alg":"{algorithm}"}}"#));
        assert_eq!(parse_compact(&token), Err(ParseError::Algorithm), "{algorithm}");
    }
}

#[test]
fn headers_that_are_none_are_refused() {
    for header in ["", "[]", "null", "{}", r#"{"alg":1}"#, r#"{"alg":"HS256","alg":"RS256"}"#, r#"{"alg":"HS256","kid":7}"#, "{"]
    {
        assert_eq!(parse_compact(&with_header(header)), Err(ParseError::Header), "{header}");
    }
    assert_eq!(parse_compact(&with_header(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#)), Err(ParseError::Critical));
}

#[test]
fn forms_that_are_no_compact_jws_are_refused() {
    let (signer, _) = signer(Algorithm::Hs256, "k");
    let token = sign_compact(&*signer, "JWT", b"{}").unwrap();
    for wrong in ["", ".", "..", "a", "a.b", "a.b.c.d.e"] {
        assert!(parse_compact(wrong).is_err(), "{wrong}");
    }
    for wrong in [format!("{token}="), format!(" {token}"), format!("{token}\n"), format!("{token}.x"), token.replace('.', "..")]
    {
        assert_eq!(parse_compact(&wrong), Err(ParseError::Form), "{wrong}");
    }
    assert_eq!(parse_compact(&"a".repeat(MAX_COMPACT + 1)), Err(ParseError::TooLong));
}

#[test]
fn spare_bits_do_not_make_a_second_form_of_the_same_token() {
    // 32 bytes are 43 characters; the last one carries 4 of its 6 bits.
    let (signer, _) = signer(Algorithm::Hs256, "k");
    let token = sign_compact(&*signer, "JWT", b"{}").unwrap();
    let (rest, last) = token.split_at(token.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).unwrap();
    let twin = format!("{rest}{}", &alphabet[at + 1..at + 2]);
    assert_eq!(parse_compact(&twin), Err(ParseError::Form));
}
