use super::*;

const TOKEN: &str = "/realms/acme/protocol/openid-connect/token";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const NOT_NORMALIZED: &str = r#"{"error":"missingNormalization","error_description":"Request path not normalized"}"#;
const UNROUTED: &str = r#"{"error":"Unable to find matching target resource method"}"#;
const NOT_FOUND: &str = r#"{"error":"HTTP 404 Not Found"}"#;
const NOT_ALLOWED: &str = r#"{"error":"HTTP 405 Method Not Allowed"}"#;
const NO_REALM: &str = r#"{"error":"Realm does not exist"}"#;

#[actix_web::test]
async fn paths_get_what_keycloak_gives_them() {
    let server = Server::start(&HostnameConfig::default()).await;
    for (method, target, expected) in [
        ("GET", "/nothing", (404, 0, UNROUTED)),
        ("GET", "/realms", (404, 0, UNROUTED)),
        ("GET", "/realms/", (404, 0, UNROUTED)),
        ("GET", "/robots.txt", (404, 0, UNROUTED)),
        ("GET", "/Realms/acme", (404, 0, UNROUTED)),
        ("GET", "/auth/realms/acme", (404, 0, UNROUTED)),
        ("GET", "/realms/nowhere", (404, 5, NO_REALM)),
        ("GET", "/realms/ACME", (404, 5, NO_REALM)),
        ("GET", "/realms/mini%20mal", (404, 5, NO_REALM)),
        ("GET", "/realms/acme%2Fprotocol", (404, 5, NO_REALM)),
        ("GET", "/realms/acme%5cx", (404, 5, NO_REALM)),
        ("GET", "/realms/acme%3Ba=b", (404, 5, NO_REALM)),
        ("GET", "/realms/nowhere/protocol/openid-connect/token", (404, 5, NO_REALM)),
        ("GET", "//realms/acme", (400, 0, NOT_NORMALIZED)),
        ("GET", "/realms/acme//", (400, 0, NOT_NORMALIZED)),
        ("GET", "/realms/%61cme", (400, 0, NOT_NORMALIZED)),
        ("GET", "/realms/acme/../acme", (400, 0, NOT_NORMALIZED)),
        ("GET", "/realms/%zz", (400, 0, "")),
        ("GET", "/realms/acme?x=%zz", (400, 0, "")),
        ("GET", "/realms/acme/nothing", (404, 5, NOT_FOUND)),
        ("GET", "/realms/acme/protocol/nothing", (404, 5, r#"{"error":"Protocol not found"}"#)),
        ("GET", "/realms/acme/.well-known/nothing", (404, 5, NOT_FOUND)),
        ("GET", "/.well-known/openid-configuration/realms/acme", (404, 5, NOT_FOUND)),
        ("GET", "/.well-known/oauth-authorization-server/realms/nowhere", (404, 5, NO_REALM)),
        ("GET", "/.well-known/x", (404, 0, UNROUTED)),
        ("GET", TOKEN, (405, 5, NOT_ALLOWED)),
        ("FOO", TOKEN, (405, 5, NOT_ALLOWED)),
        ("post", TOKEN, (405, 5, NOT_ALLOWED)),
        ("TRACE", TOKEN, (405, 5, NOT_ALLOWED)),
        ("HEAD", TOKEN, (405, 5, "")),
        ("POST", "/realms/acme", (405, 5, NOT_ALLOWED)),
        ("POST", "/realms/acme/.well-known/openid-configuration", (404, 5, NOT_FOUND)),
        ("GET", "/realms/acme/protocol/openid-connect/auth", (501, 5, r#"{"error":"HTTP 501 Not Implemented"}"#)),
        ("OPTIONS", "/realms/acme", (200, 4, "")),
        ("OPTIONS", TOKEN, (200, 4, "")),
        ("GET", "/", (302, 4, "")),
        ("PUT", "/", (405, 0, NOT_ALLOWED)),
        ("OPTIONS", "/", (200, 0, "")),
        ("OPTIONS", "/nothing", (200, 0, "")),
        ("OPTIONS", "/realms", (404, 0, UNROUTED)),
        ("OPTIONS", "/realms/nowhere/.well-known/x", (200, 4, "")),
        ("POST", "/.well-known/oauth-authorization-server/realms/acme", (405, 0, NOT_ALLOWED)),
        ("POST", "/.well-known/oauth-authorization-server/realms/nowhere", (405, 0, NOT_ALLOWED)),
        ("GET", "/admin/", (302, 4, "")),
        ("GET", "/admin/acme", (405, 0, NOT_ALLOWED)),
        ("GET", "/admin/realms/acme/nothing", (401, 5, r#"{"error":"HTTP 401 Unauthorized"}"#)),
    ] {
        assert_eq!(server.ask(method, target, "").await.brief(), expected, "{method} {target}");
    }
    server.stop().await;
}

#[actix_web::test]
async fn one_trailing_slash_and_head_are_served() {
    let server = Server::start(&HostnameConfig::default()).await;
    let issuer = r#"{"issuer":"http://localhost:8080/realms/acme"}"#;
    assert_eq!(server.ask("GET", "/realms/acme", "").await.brief(), (200, 5, issuer));
    assert_eq!(server.ask("GET", "/realms/acme/", "").await.brief(), (200, 5, issuer));
    assert_eq!(server.ask("HEAD", "/realms/acme", "").await.brief(), (200, 5, ""));
    assert_eq!(server.ask("GET", "/.well-known/oauth-authorization-server/realms/acme", "").await.brief(), (200, 5, issuer));
    assert_eq!(server.ask("POST", "/.well-known/oauth-authorization-server/realms/acme", "").await.status, 405);
    assert_eq!(server.ask("GET", "/realms/acme/;well-known/oauth-authorization-server", "").await.status, 400);
    assert_eq!(server.ask("GET", "/", "").await.header("location"), Some("http://localhost:8080/admin/"));
    server.stop().await;
}

#[actix_web::test]
async fn errors_carry_no_allow_header_and_plain_json() {
    let server = Server::start(&HostnameConfig::default()).await;
    let answer = server.ask("GET", TOKEN, "").await;
    assert_eq!((answer.header("allow"), answer.header("content-type")), (None, Some("application/json")));
    let answer = server.ask("GET", "//", "").await;
    assert_eq!(answer.header("content-type"), Some("application/json; charset=UTF-8"));
    server.stop().await;
}

#[actix_web::test]
async fn a_realm_that_keeps_an_old_wire_form_describes_its_bare_errors() {
    let server = Server::start(&HostnameConfig::default()).await;
    let text = r#"{"error":"HTTP 405 Method Not Allowed","error_description":"HTTP 405 Method Not Allowed"}"#;
    let answer = server.ask("GET", "/realms/old/protocol/openid-connect/token", "").await;
    assert_eq!(answer.brief(), (405, 5, text));
    assert_eq!(answer.header("content-length"), Some(text.len().to_string().as_str()));
    server.stop().await;
}

#[actix_web::test]
async fn the_relative_path_comes_first() {
    let config = HostnameConfig { http_relative_path: "/console/auth".to_owned(), ..HostnameConfig::default() };
    let server = Server::start(&config).await;
    let answer = server.ask("GET", "/console/auth/realms/acme", "").await;
    assert_eq!(answer.body, r#"{"issuer":"http://localhost:8080/console/auth/realms/acme"}"#);
    let above = server.ask("GET", "/", "").await;
    assert_eq!((above.status, above.header("location")), (302, Some("http://localhost:8080/console/auth/")));
    let base = server.ask("GET", "/console/auth", "").await;
    assert_eq!((base.status, base.header("location")), (303, Some("http://localhost:8080/console/auth/")));
    let outside = server.ask("GET", "/realms/acme", "").await;
    assert_eq!(outside.brief(), (404, 0, "<html><body><h1>Resource not found</h1></body></html>"));
    assert_eq!(server.ask("GET", "/console/auth/.well-known/oauth-authorization-server/realms/acme", "").await.status, 200);
    assert_eq!(server.ask("GET", "/console/auth/nothing", "").await.body, UNROUTED);
    server.stop().await;
}

#[actix_web::test]
async fn a_realm_may_claim_a_token_path_of_its_own() {
    for relative in ["", "/console/auth"] {
        let config = HostnameConfig { http_relative_path: relative.to_owned(), ..HostnameConfig::default() };
        let server = Server::start(&config).await;
        for target in ["/spms/access/token", "/spms/access/token/"] {
            let answer = server.post(target, FORM, "a=1&b=2").await;
            let by = serde_json::from_str::<serde_json::Value>(&answer.body).unwrap();
            assert_eq!((answer.status, by["fields"].as_u64(), by["by"].as_str()), (200, Some(2), Some(target)));
        }
        assert_eq!(server.ask("GET", "/spms/access/token", "").await.brief(), (405, 5, NOT_ALLOWED));
        server.stop().await;
    }
}

#[actix_web::test]
async fn preflights_are_answered_to_any_origin() {
    let server = Server::start(&HostnameConfig::default()).await;
    let answer = server.ask("OPTIONS", TOKEN, "Origin: https://any.example\r\n").await;
    assert_eq!(answer.brief(), (200, 4, ""));
    for (name, value) in [
        ("access-control-allow-origin", "https://any.example"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "POST, OPTIONS"),
        ("access-control-max-age", "3600"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    assert_eq!(answer.header("access-control-expose-headers"), None);
    let none = server.ask("OPTIONS", "/realms/acme/protocol/openid-connect/auth", "Origin: https://any.example\r\n").await;
    assert_eq!((none.header("allow"), none.header("access-control-allow-origin")), (Some("HEAD, POST, GET, OPTIONS"), None));
    server.stop().await;
}

#[actix_web::test]
async fn a_foreign_origin_is_refused_without_cors_headers() {
    let server = Server::start(&HostnameConfig::default()).await;
    let refused = server.post(TOKEN, &format!("{FORM}Origin: https://evil.example\r\n"), "a=1").await;
    assert_eq!(refused.brief(), (403, 5, r#"{"error":"Invalid origin"}"#));
    assert_eq!(refused.header("access-control-allow-origin"), None);
    let own = server.post(TOKEN, &format!("{FORM}Origin: http://localhost:8080\r\n"), "a=1").await;
    assert_eq!((own.status, own.header("access-control-allow-origin")), (200, None));
    let allowed = server.post(TOKEN, &format!("{FORM}Origin: https://app.example\r\n"), "a=1").await;
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(allowed.header("access-control-expose-headers"), Some("Access-Control-Allow-Methods"));
    server.stop().await;
}

#[actix_web::test]
async fn a_realm_that_demands_https_gets_it() {
    let server = Server::start(&HostnameConfig::default()).await;
    let answer = server.post("/realms/tlsonly/protocol/openid-connect/token", FORM, "a=1").await;
    assert_eq!(answer.brief(), (403, 5, r#"{"error":"invalid_request","error_description":"HTTPS required"}"#));
    server.stop().await;
}

#[actix_web::test]
async fn the_issuer_follows_the_host_header() {
    let server = Server::start(&HostnameConfig::default()).await;
    for (host, status, body) in [
        ("EXAMPLE.com:80", 200, r#"{"issuer":"http://EXAMPLE.com/realms/acme"}"#),
        ("[::1]:8080", 200, r#"{"issuer":"http://[::1]:8080/realms/acme"}"#),
        ("exa mple", 400, r#"{"details":"The Host header is not a host","stack":""}"#),
    ] {
        let request = format!("GET /realms/acme HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = server.send(request.as_bytes()).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body));
    }
    let forwarded = "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example\r\n";
    let answer = server.ask("GET", "/realms/acme", forwarded).await;
    assert_eq!(answer.body, r#"{"issuer":"http://localhost:8080/realms/acme"}"#);
    server.stop().await;
}
