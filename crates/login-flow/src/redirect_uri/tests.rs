use std::collections::BTreeMap;

use realm_model::file::{SourceFile, read};
use serde_json::json;

use super::*;

const BASE: &str = "https://id.example/auth";

fn client(root_url: &str, patterns: &[&str]) -> Client {
    let realm = json!({ "realm": "r", "clients": [{ "clientId": "c", "rootUrl": root_url, "redirectUris": patterns }] });
    let file = SourceFile { name: "r.json".to_owned(), bytes: realm.to_string().into_bytes() };
    let realm = read(&[file], &|_| None).realms.remove(0).realm;
    Client::clone(realm.client("c").unwrap())
}

fn check(patterns: &[&str], allowed: &[&str], refused: &[&str]) {
    let client = client("", patterns);
    for (asked, expected) in allowed.iter().map(|uri| (uri, true)).chain(refused.iter().map(|uri| (uri, false))) {
        assert_eq!(RedirectUri::registered(&client, BASE, asked).is_some(), expected, "{patterns:?} {asked}");
    }
}

#[test]
fn a_uri_without_wildcard_is_compared_as_text() {
    check(
        &["https://a.example/cb"],
        &["https://a.example/cb"],
        &[
            "https://a.example/cb/",
            "https://a.example/cb?x=1",
            "https://a.example/cb?",
            "https://a.example/cb#f",
            "https://a.example/CB",
            "https://A.example/cb",
            "HTTPS://a.example/cb",
            "https://a.example:443/cb",
            "https://u@a.example/cb",
            "https://a.example/x/../cb",
            "https://a.example/c%62",
            " https://a.example/cb",
            "https://a.example/cb ",
            "",
        ],
    );
    check(&["https://a.example/cb?x=1"], &["https://a.example/cb?x=1"], &["https://a.example/cb", "https://a.example/cb?x=1&y"]);
    check(&["urn:ietf:wg:oauth:2.0:oob"], &["urn:ietf:wg:oauth:2.0:oob"], &["urn:ietf:wg:oauth:2.0:oob2"]);
    check(&["com.example.app:/oauth"], &["com.example.app:/oauth"], &["com.example.app:/Oauth", "com.example.app:/oauth?x"]);
}

#[test]
fn a_star_at_the_end_stands_for_everything_below() {
    check(
        &["https://a.example/app/*"],
        &[
            "https://a.example/app/",
            "https://a.example/app",
            "https://a.example/app/x",
            "https://a.example/app/x/y?z=1",
            "https://a.example/app/x#f",
            "https://a.example/app?x=1",
            "https://a.example/app//x",
            "https://a.example/app/./x",
            "https://a.example/app/.;./x",
            "https://a.example/app/x?y=/../z",
            "https://a.example/app/@evil.example",
            "https://a.example/app/x@y@z",
            "https://a.example/app/\u{e4}",
            "https://a.example/app/%c3%a4",
            "https://a.example/app/x?scope=1",
        ],
        &["https://a.example/appx", "https://a.example:443/app/x", "https://A.EXAMPLE/app/x", "https://a.example/app/x y"],
    );
    check(&["https://a.example/app*"], &["https://a.example/app", "https://a.example/appx"], &["https://a.example/ap"]);
    check(&["https://a.example/app?x=*"], &["https://a.example/app?x=*"], &["https://a.example/app?x=1"]);
    check(&["https://a.example/*/x"], &["https://a.example/*/x"], &["https://a.example/1/x"]);
    check(&["https://*.a.example/*"], &["https://*.a.example/y"], &["https://x.a.example/y"]);
    check(&["https://a.example:8443/*"], &["https://a.example:8443"], &["https://a.example:84431/x"]);
}

// CVE-2024-1132, CVE-2024-2419, CVE-2026-3872
#[test]
fn refuses_a_way_up_out_of_a_wildcard_however_it_is_written() {
    check(
        &["https://a.example/app/*", "myapp://*", "myapp:*"],
        &["myapp://x"],
        &[
            "https://a.example/app/../x",
            "https://a.example/app/x/../y",
            "https://a.example/app/..",
            "https://a.example/app/x/..",
            "https://a.example/app/%2e%2e/x",
            "https://a.example/app/%2E./x",
            "https://a.example/app/..%2fx",
            "https://a.example/app/..%5cx",
            "https://a.example/app/..\\x",
            "https://a.example/app/..;/x",
            "https://a.example/app/..;x/y",
            "https://a.example/app/..%3b/x",
            "https://a.example/app/%252e%252e/x",
            "https://a.example/app/%25252525252e./x",
            "myapp://x/../y",
            "myapp:/x/../y",
        ],
    );
}

// CVE-2023-6291, CVE-2026-7504
#[test]
fn refuses_user_information_in_the_place_of_a_wildcard() {
    check(
        &["https://a.example/app/*", "https://a.example*", "myapp://*", "http*", "*"],
        &["https://a.example"],
        &[
            "https://u@a.example/app/x",
            "https://u:p@a.example/app/x",
            "https://a.example@evil.example/app/x",
            "https://a.example:x@evil.example/",
            "https://a.example@b@evil.example/",
            "https://a.example\\@evil.example/app/x",
            "myapp://u@x",
        ],
    );
}

#[test]
fn a_wildcard_within_a_host_ends_with_the_host() {
    check(
        &["https://a.example*"],
        &["https://a.example", "https://a.example/", "https://a.example/x?y", "https://a.example?x"],
        &[
            "https://a.example.evil",
            "https://a.example.evil/x",
            "https://a.example:8443/",
            "https://a.example%40evil.example/",
            "https://a.example%2eevil/",
            "https://a.exampl/",
        ],
    );
    check(&["https://*"], &["https://any/x"], &["https://u@any/x", "https://", "http://x"]);
}

// CVE-2026-9086
#[test]
fn refuses_what_a_browser_would_run_whatever_is_registered() {
    check(
        &["*", "javascript:*", "JaVaScRiPt:*", "data:*", "javascript:alert(1)", "vbscript:*"],
        &["https://x/"],
        &[
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "javascript://x/%0aalert(1)",
            "data:text/html,x",
            "vbscript:x",
            "JAVASCRIPT:1",
        ],
    );
}

#[test]
fn a_bare_star_is_for_web_pages_alone() {
    check(
        &["*"],
        &["https://evil.example/x", "http://x"],
        &[
            "myapp://x",
            "file:///etc",
            "ftp://x",
            "urn:x",
            "https:",
            "https://",
            "http://a b",
            "/rel",
            "rel",
            "//evil.example/",
            "*",
        ],
    );
    check(&["http*"], &["https://evil.example/", "http://x"], &["httpx://y", "http", "https://u@x"]);
    check(&["myapp://*"], &["myapp://x"], &["myapp://", "myapp:x", "myapp:", "MYAPP://x"]);
    check(&["myapp:*"], &["myapp:x", "myapp://x"], &["myapp:"]);
}

// CVE-2024-8883
#[test]
fn a_loopback_stands_for_every_port_and_no_other_host() {
    check(
        &["http://localhost/cb"],
        &["http://localhost/cb", "http://localhost:1234/cb", "http://localhost:/cb"],
        &[
            "http://localhost:x/cb",
            "http://127.0.0.1/cb",
            "http://localhost:1234@evil.example/cb",
            "http://localhost:1234.evil/cb",
            "https://localhost:1234/cb",
            "http://localhost.evil/cb",
            "http://localhost:1/cb?x",
            "http://localhost:1/x",
            "http://LOCALHOST:1/cb",
            "http://localhost:@evil.example/cb",
            "http://localhost:1@evil.example:2/cb",
        ],
    );
    check(
        &["http://localhost/*"],
        &["http://localhost:1234/cb", "http://localhost:1234/", "http://localhost:1234"],
        &[
            "http://localhost:1/../x",
            "http://localhost:1\\@evil/x",
            "http://localhost:1;@x/",
            "http://localhost:1@evil.example/cb",
        ],
    );
    check(&["http://127.0.0.1/*", "http://[::1]/cb"], &["http://127.0.0.1:1/x", "http://[::1]:1/cb"], &["http://127.0.0.2:1/x"]);
    check(&["http://localhost:3000/cb"], &["http://localhost:3000/cb"], &["http://localhost:3001/cb", "http://localhost/cb"]);
    check(&["http://localhost*"], &["http://localhost:1/x"], &["http://localhost.evil/x", "http://localhost:1@evil/x"]);
}

#[test]
fn refuses_parameters_of_an_answer_in_query_and_fragment() {
    for name in ANSWERED {
        check(&["https://a.example/*"], &["https://a.example/x"], &[&format!("https://a.example/x?{name}=1")]);
    }
    check(
        &["https://a.example/*", "https://a.example/cb?state=1"],
        &["https://a.example/x?x=code", "https://a.example/x?xcode=1", "https://a.example/x#/route?code=1"],
        &[
            "https://a.example/x#code=1",
            "https://a.example/x?a=1&code=1",
            "https://a.example/x?CODE=1",
            "https://a.example/x?c%6fde=1",
            "https://a.example/x?session_state",
            "https://a.example/cb?state=1",
        ],
    );
}

#[test]
fn relative_ones_are_below_the_root_url_or_the_server() {
    let rooted = client("https://root.example/", &["/cb/*"]);
    for (asked, expected) in [
        ("https://root.example/cb/x", true),
        ("https://root.example/cb", true),
        ("/cb/x", false),
        ("https://evil/cb/x", false),
        ("https://id.example/auth/cb/x", false),
    ] {
        assert_eq!(RedirectUri::registered(&rooted, BASE, asked).is_some(), expected, "{asked}");
    }
    for root in ["", "${authBaseUrl}"] {
        assert!(RedirectUri::registered(&client(root, &["/cb/*"]), BASE, "https://id.example/auth/cb/x").is_some(), "{root}");
    }
}

#[test]
fn a_single_registered_one_may_be_left_out() {
    let only = |patterns: &[&str]| RedirectUri::only_one(&client("", patterns), BASE).map(|uri| uri.as_str().to_owned());
    assert_eq!(only(&["https://a.example/cb"]).as_deref(), Some("https://a.example/cb"));
    assert_eq!(only(&["https://a.example/app/*"]).as_deref(), Some("https://a.example/app"));
    for none in [&["*"][..], &[], &["https://a.example/1", "https://a.example/2"], &["javascript:x"], &["https://a.example*"]] {
        assert_eq!(only(none), None, "{none:?}");
    }
}

#[test]
fn whoever_has_logged_out_goes_where_the_client_says_and_nowhere_else() {
    let mut client = client("", &["https://a.example/cb"]);
    for (listed, asked, expected) in [
        (Some("+"), "https://a.example/cb", true),
        (Some("+"), "https://a.example/out", false),
        (Some("https://a.example/out##https://a.example/bye/*"), "https://a.example/bye/x?y=1", true),
        (Some("https://a.example/out##https://a.example/bye/*"), "https://a.example/bye/../cb", false),
        (Some("https://a.example/out##https://a.example/bye/*"), "https://a.example/cb", false),
        (Some("https://a.example/out##+"), "https://a.example/cb", true),
        (Some("*"), "javascript:alert(1)", false),
        (Some("-"), "https://a.example/cb", false),
        (Some("-"), "-", false),
        (None, "https://a.example/cb", true),
        (None, "https://a.example/out", false),
    ] {
        let name = "post.logout.redirect.uris".to_owned();
        let attributes: BTreeMap<_, _> = listed.map(|listed| (name, listed.to_owned())).into_iter().collect();
        client.attributes = attributes.into();
        assert_eq!(RedirectUri::after_logout(&client, BASE, asked).is_some(), expected, "{listed:?} {asked}");
    }
}
