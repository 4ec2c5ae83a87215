use super::*;

const TOKEN: &str = "/realms/acme/protocol/openid-connect/token";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const TOO_LARGE: &str = r#"{"error":"HTTP 413 Request Entity Too Large"}"#;

#[actix_web::test]
async fn long_request_lines_and_headers_are_refused() {
    let server = Server::start(&HostnameConfig::default()).await;
    let long = |length: usize| format!("/realms/acme?x={}", "x".repeat(length));
    assert_eq!(server.ask("GET", &long(10_000), "").await.status, 200);
    assert_eq!(server.ask("GET", &long(40_000), "").await.brief(), (414, 0, ""));
    let big = |length: usize| format!("X-Big: {}\r\n", "x".repeat(length));
    assert_eq!(server.ask("GET", "/realms/acme", &big(10_000)).await.status, 200);
    assert_eq!(server.ask("GET", "/realms/acme", &big(100_000)).await.brief(), (431, 0, ""));
    server.stop().await;
}

#[actix_web::test]
async fn a_body_of_more_than_ten_mebibytes_is_refused() {
    let server = Server::start(&HostnameConfig::default()).await;
    let answer = server.post(TOKEN, FORM, &format!("a={}", "x".repeat(12_000_000))).await;
    assert_eq!(answer.brief(), (413, 0, ""));
    server.stop().await;
}

#[actix_web::test]
async fn form_limits_are_those_of_keycloak() {
    let server = Server::start(&HostnameConfig::default()).await;
    for (body, status, text) in [
        (format!("a={}", "x".repeat(131_072)), 200, None),
        (format!("a={}", "x".repeat(131_073)), 413, Some(TOO_LARGE)),
        ("a&".repeat(999) + "a", 200, None),
        ("a&".repeat(1000) + "a", 400, None),
        ("a=%zz".to_owned(), 400, None),
    ] {
        let answer = server.post(TOKEN, FORM, &body).await;
        assert_eq!((answer.status, answer.security()), (status, 5));
        assert_eq!(answer.header("cache-control").is_some(), status != 413);
        assert!(text.is_none_or(|t| t == answer.body), "{}", answer.body);
    }
    server.stop().await;
}

#[actix_web::test]
async fn other_media_types_are_no_form() {
    let server = Server::start(&HostnameConfig::default()).await;
    for media_type in ["application/json", "text/plain", "APPLICATION/X-WWW-FORM-URLENCODED", "rubbish"] {
        let answer = server.post(TOKEN, &format!("Content-Type: {media_type}\r\n"), "a=1").await;
        assert!(answer.body.starts_with(r#"{"fields":0,"#), "{}", answer.body);
    }
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\npassword\r\n--b--\r\n";
    let answer = server.post(TOKEN, "Content-Type: multipart/form-data; boundary=b\r\n", multipart).await;
    assert!(answer.body.starts_with(r#"{"fields":1,"#), "{}", answer.body);
    server.stop().await;
}
