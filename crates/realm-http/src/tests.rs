//! Whatever a client sends, the rules give an answer.

use proptest::prelude::*;

use crate::arrival::{Authority, Scheme};
use crate::path::{check, decode_segment, of_inserted_well_known, place};
use crate::proxy::{ProxyFacts, ProxyHeaders, ProxyTrust};
use crate::{Connection, Hostname, is_accepted, multipart};

/// Text that is likely to hit the separators of headers and paths.
fn text() -> impl Strategy<Value = String> {
    "([a-zA-Z0-9%/.:;,=\"\\[\\]@ -]|for=|proto=https|host=|/realms/|%2[eEfF]|\u{e4}){0,40}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_text_makes_the_path_rules_panic(path in text(), query in text(), relative in "(/[a-z]{1,4}){0,2}") {
        let refused = check(&path, Some(&query)).is_err();
        place(&path, &relative);
        of_inserted_well_known(&path);
        decode_segment(&path);
        prop_assert!(refused || !path.contains("/../") && !path.contains(';'));
    }

    #[test]
    fn no_header_makes_the_issuer_more_than_a_url(
        (host, header, port, prefix) in (text(), text(), text(), text()),
        headers in prop_oneof![Just(ProxyHeaders::Forwarded), Just(ProxyHeaders::Xforwarded)],
    ) {
        let proxy = ProxyFacts {
            forwarded: Some(&header),
            x_for: Some(&header),
            x_proto: Some(&header),
            x_host: Some(&header),
            x_port: Some(&port),
            x_prefix: Some(&prefix),
        };
        let forwarded = ProxyTrust { headers: Some(headers), addresses: Vec::new() }.read(&proxy, None);
        let local = ([127, 0, 0, 1], 8080).into();
        let connection = Connection { scheme: Scheme::Http, peer: None, host: Some(&host), local, proxy };
        if let Ok(arrival) = crate::Arrival::of(&connection, forwarded, "") {
            let issuer = Hostname::default().bases(None, &arrival).front;
            prop_assert!(!issuer.contains(['"', '<', '\\', ' ', '@', '?', '#']), "{issuer}");
        }
    }

    #[test]
    fn an_authority_reads_as_it_was_written(host in "[a-zA-Z0-9._-]{1,20}", port in 1_u16..) {
        let authority = Authority::parse(&format!("{host}:{port}"), Scheme::Https).unwrap();
        prop_assert_eq!(authority.host, host);
        prop_assert_eq!(authority.port, Some(port).filter(|p| *p != 443));
    }

    #[test]
    fn no_multipart_body_and_no_accept_header_make_a_panic(body in "(--b|\r\n|[a-z=;:\"]|content-disposition: form-data; name=){0,30}", accept in text()) {
        let _ = multipart::parse(body.as_bytes(), "b");
        is_accepted(Some(&accept), &["application/json"]);
    }
}
