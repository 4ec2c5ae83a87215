use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cli::{Management, Profile, Settings};
use crate::{Options, Running, Server, StartError, demo};

fn demo_realm() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../realms/demo.json")
}

async fn started(change: impl FnOnce(&mut Settings)) -> Running {
    let mut options = Options::in_memory(vec![demo_realm()]);
    let management =
        Management { address: "127.0.0.1:0".to_owned(), relative_path: String::new(), tls: false, health: true, metrics: true };
    options.settings.management = Some(management);
    change(&mut options.settings);
    Server::start(options).await.unwrap()
}

async fn get(address: Option<SocketAddr>, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address.unwrap()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[actix_web::test]
async fn health_is_served_on_both_ports() {
    let running = started(|_| {}).await;
    for address in [running.address(), running.management_address()] {
        let ready = get(address, "/health/ready", "").await;
        assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
        assert!(body(&ready).contains("\"name\": \"Keycloak Initialized\",\n            \"status\": \"UP\""), "{ready}");
        let live = get(address, "/health/live", "").await;
        assert_eq!(body(&live), "{\n    \"status\": \"UP\",\n    \"checks\": [\n    ]\n}");
    }
    running.stop().await;
}

#[actix_web::test]
async fn a_server_that_stops_is_not_ready_but_alive() {
    let running = started(|_| {}).await;
    running.vitals.lifecycle.begin_stopping();
    let ready = get(running.management_address(), "/health", "").await;
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(body(&ready).starts_with("{\n    \"status\": \"DOWN\""), "{ready}");
    assert!(get(running.management_address(), "/health/live", "").await.starts_with("HTTP/1.1 200"));
    running.stop().await;
}

#[actix_web::test]
async fn metrics_are_on_the_management_port_alone() {
    let running = started(|_| {}).await;
    let _ = get(running.address(), "/realms/demo", "").await;
    let metrics = get(running.management_address(), "/metrics", "").await;
    assert!(metrics.contains("application/openmetrics-text; version=1.0.0; charset=utf-8"), "{metrics}");
    assert!(metrics.contains(r#"http_server_requests_total{endpoint="realm",outcome="SUCCESS"} 1"#), "{metrics}");
    assert!(metrics.contains("latchkey_realms 2"), "{metrics}");
    let plain = get(running.management_address(), "/metrics", "Accept: text/plain\r\n").await;
    assert!(plain.contains("text/plain; version=0.0.4"), "{plain}");
    let json = get(running.management_address(), "/metrics", "Accept: application/json\r\n").await;
    assert!(json.starts_with("HTTP/1.1 406"), "{json}");
    assert!(get(running.address(), "/metrics", "").await.starts_with("HTTP/1.1 404"));
    running.stop().await;
}

#[actix_web::test]
async fn a_relative_path_moves_both_ports() {
    let running = started(|settings| {
        settings.hostname.http_relative_path = "/auth".to_owned();
        settings.management.as_mut().unwrap().relative_path = "/auth".to_owned();
    })
    .await;
    for address in [running.address(), running.management_address()] {
        assert!(get(address, "/auth/health", "").await.starts_with("HTTP/1.1 200"));
        assert!(get(address, "/health", "").await.starts_with("HTTP/1.1 404"));
    }
    assert!(get(running.management_address(), "/", "").await.contains("location: /auth/\r\n"));
    assert!(get(running.address(), "/auth/realms/demo", "").await.starts_with("HTTP/1.1 200"));
    running.stop().await;
}

#[actix_web::test]
async fn what_is_on_neither_port_is_not_found_there() {
    let running = started(|settings| settings.health = false).await;
    assert!(get(running.address(), "/health", "").await.starts_with("HTTP/1.1 404"));
    let nothing = get(running.management_address(), "/realms/demo", "").await;
    assert!(nothing.starts_with("HTTP/1.1 404") && nothing.contains("<h1>Resource not found</h1>"), "{nothing}");
    running.stop().await;
}

#[actix_web::test]
async fn a_request_in_flight_is_answered_before_the_server_ends() {
    let running = started(|_| {}).await;
    let lifecycle = std::sync::Arc::clone(&running.vitals.lifecycle);
    let form = "grant_type=password&client_id=app&username=demo&password=demo";
    let mut stream = TcpStream::connect(running.address().unwrap()).await.unwrap();
    let head = format!(
        "POST /realms/demo/protocol/openid-connect/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n",
        form.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    while lifecycle.in_flight() == 0 {
        tokio::task::yield_now().await;
    }
    let stopping = tokio::task::spawn_local(running.stop());
    while lifecycle.phase() != crate::lifecycle::Phase::Stopping {
        tokio::task::yield_now().await;
    }
    stream.write_all(form.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    stopping.await.unwrap();
}

#[actix_web::test]
async fn requests_that_do_not_end_are_left_behind() {
    let running = started(|settings| settings.shutdown_timeout = Duration::from_millis(10)).await;
    let lifecycle = std::sync::Arc::clone(&running.vitals.lifecycle);
    let mut stream = TcpStream::connect(running.address().unwrap()).await.unwrap();
    let head = "POST /realms/demo/protocol/openid-connect/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    while lifecycle.in_flight() == 0 {
        tokio::task::yield_now().await;
    }
    running.stop().await;
}

#[actix_web::test]
async fn the_command_that_start_dev_prints_names_the_demo_user() {
    let running = started(|_| {}).await;
    let lines = demo::lines(&running, &Settings { realms: vec![demo_realm()], ..Settings::default() }, &[]);
    let port = running.address().unwrap().port();
    assert_eq!(lines[0], format!("Issuer: http://localhost:{port}/realms/demo"));
    assert!(lines[2].contains("client_id=app -d username=demo -d password=demo"), "{lines:?}");
    running.stop().await;
}

#[actix_web::test]
async fn production_refuses_the_secrets_of_the_demo_realm() {
    let mut options = Options::in_memory(vec![demo_realm()]);
    options.settings.profile = Profile::Production;
    let Err(StartError::DemoSecrets(told)) = Server::start(options).await.map(|_| ()) else { panic!("it started") };
    assert_eq!(told, "client service of realm demo, user demo of realm demo");
}

#[actix_web::test]
async fn every_broken_realm_file_is_told_and_nothing_is_served() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.json"), "{\"realm\":").unwrap();
    std::fs::write(folder.path().join("b.json"), "{\"realm\": \"b\", \"sslRequired\": \"sometimes\"}").unwrap();
    let options = Options::in_memory(vec![folder.path().to_owned()]);
    let told = Server::start(options).await.map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("a.json:1:") && told.contains("b.json:1:"), "{told}");
}

#[actix_web::test]
async fn a_port_that_is_taken_is_told_with_the_option_that_decides_it() {
    let running = started(|_| {}).await;
    let mut options = Options::in_memory(vec![demo_realm()]);
    options.settings.http = running.address().map(|address| address.to_string());
    let told = Server::start(options).await.map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("http-port"), "{told}");
    running.stop().await;
}

async fn explained(running: &Running, media_type: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(running.address().unwrap()).await.unwrap();
    let head = format!("Host: localhost\r\nConnection: close\r\nContent-Type: {media_type}\r\nContent-Length: {}", body.len());
    let request = format!("POST /realms/demo/latchkey/explain HTTP/1.1\r\n{head}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[actix_web::test]
async fn a_development_server_explains_tokens() {
    let running = started(|_| {}).await;
    let wanted = r#"{"client": "app", "user": "demo", "why": ["role:admin"]}"#;
    let answer = explained(&running, "application/json", wanted).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let report: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
    assert_eq!(report["answers"][0]["reasons"][0]["rule"], "role-not-held");
    assert!(report["answers"][0]["reasons"][0]["at"].as_str().unwrap().ends_with("demo.json:9:7"), "{report}");
    let unknown = explained(&running, "application/json", r#"{"client": "ap", "user": "demo"}"#).await;
    assert!(unknown.starts_with("HTTP/1.1 400") && unknown.contains("did you mean"), "{unknown}");
    let form = explained(&running, "text/plain", wanted).await;
    assert!(form.starts_with("HTTP/1.1 400"), "{form}");
    running.stop().await;
}

#[actix_web::test]
async fn a_production_server_explains_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.json");
    std::fs::write(&file, r#"{"realm": "demo", "enabled": true}"#).unwrap();
    let running = started(|settings| {
        settings.profile = Profile::Production;
        settings.realms = vec![file];
    })
    .await;
    let page = get(running.address(), "/realms/demo", "").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let answer = explained(&running, "application/json", r#"{"client": "admin-cli"}"#).await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    running.stop().await;
}

#[actix_web::test]
async fn a_development_server_alone_shows_the_mail_of_realms_without_a_mail_server() {
    let path = "/realms/demo/latchkey/mailbox";
    let running = started(|_| {}).await;
    let listed = get(running.address(), path, "").await;
    assert!(listed.starts_with("HTTP/1.1 200") && body(&listed) == "[]", "{listed}");
    let page = get(running.address(), path, "Accept: text/html\r\n").await;
    assert!(page.contains("sandbox") && page.contains("Nothing has come yet."), "{page}");
    assert!(get(running.address(), &format!("{path}/1"), "").await.starts_with("HTTP/1.1 404"));
    running.stop().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.json");
    std::fs::write(&file, r#"{"realm": "demo", "enabled": true}"#).unwrap();
    let running = started(|settings| {
        settings.profile = Profile::Production;
        settings.realms = vec![file];
    })
    .await;
    assert!(get(running.address(), path, "").await.starts_with("HTTP/1.1 404"));
    running.stop().await;
}

#[actix_web::test]
async fn a_development_server_alone_shows_pages_with_made_up_data_and_themes_as_they_are_now() {
    let folder = tempfile::tempdir().unwrap();
    let theme = folder.path().join("shop/login");
    std::fs::create_dir_all(theme.join("templates")).unwrap();
    let themes = folder.path().to_owned();
    let running = started(|settings| settings.themes = Some(themes)).await;
    let path = "/realms/demo/latchkey/preview";
    assert!(get(running.address(), path, "").await.contains("/latchkey/preview/login-otp\">"));
    let page = get(running.address(), &format!("{path}/login?kc_locale=de"), "").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Bei Ihrem Konto anmelden"), "{page}");
    let script = page.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(get(running.address(), script, "").await.starts_with("HTTP/1.1 200"), "{script}");
    std::fs::write(theme.join("templates/login.html"), "<p>{{ text.doLogIn }} now</p>").unwrap();
    let page = get(running.address(), &format!("{path}/login?theme=shop"), "").await;
    assert!(page.contains("<p>Sign In now</p>"), "{page}");
    assert!(get(running.address(), &format!("{path}/nothing"), "").await.starts_with("HTTP/1.1 404"));
    running.stop().await;
    let file = folder.path().join("demo.json");
    std::fs::write(&file, r#"{"realm": "demo", "enabled": true}"#).unwrap();
    let running = started(|settings| {
        settings.profile = Profile::Production;
        settings.realms = vec![file];
    })
    .await;
    assert!(get(running.address(), path, "").await.starts_with("HTTP/1.1 404"));
    running.stop().await;
}
