//! What the log says, and what it never does.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use crate::harness::client::Client;
use crate::harness::process::{Process, latchkey};
use crate::harness::replayer::Call;
use crate::harness::tests;

/// CVE-2025-11537: at the most talkative level, with whatever the libraries below have to say.
#[test]
fn refuses_to_write_a_password_secret_or_token_into_the_log_at_any_level() {
    let folder = tempfile::tempdir().unwrap();
    let mut command =
        latchkey(folder.path(), &["start-dev", "--http-host", "127.0.0.1", "--http-port", "0", "--log-level", "trace"]);
    command.args(["--health-enabled", "false", "--metrics-enabled", "false"]).arg("--data").arg(folder.path());
    command.arg("--realms").arg(tests("keycloak/realms/acme.json"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let outputs: [Box<dyn Read + Send>; 2] = [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
    let mut process = Process::new(child);
    let (say, said) = mpsc::channel();
    for output in outputs {
        let say = say.clone();
        std::thread::spawn(move || BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
    }
    drop(say);
    let mut lines = Vec::new();
    let address = loop {
        let line: String = said.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("{}", lines.join("\n")));
        let address = line
            .split_once("Listening on: http://")
            .map(|(_, rest)| rest.split(['.', ' ']).take(4).collect::<Vec<_>>().join("."));
        lines.push(line);
        if let Some(address) = address {
            break address;
        }
    };
    let mut secrets = vec![
        "wonderland-1".to_owned(),
        "backend-secret".into(),
        "wrong-password".into(),
        "wrong-secret".into(),
        "forged-token".into(),
    ];
    secrets.extend(spoken(&Client::at(&address)));
    process.kill();
    lines.extend(said);
    assert!(lines.iter().any(|line| line.contains("TRACE")), "it talks: {}", lines.join("\n"));
    assert!(lines.iter().any(|line| line.contains("LOGIN_ERROR")), "{}", lines.join("\n"));
    for line in &lines {
        let told = secrets.iter().find(|secret| line.contains(secret.as_str()));
        assert_eq!(told, None, "{line}");
    }
}

/// Says what must not be written down; the signatures of all tokens that came back.
fn spoken(client: &Client) -> Vec<String> {
    let realm = "/realms/acme/protocol/openid-connect";
    let login = |secret: &str, password: &str| {
        let rows = [
            ("grant_type", "password"),
            ("client_id", "backend"),
            ("client_secret", secret),
            ("username", "alice"),
            ("password", password),
        ];
        client.token("acme", &rows)
    };
    let tokens = login("backend-secret", "wonderland-1");
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    assert_ne!(login("backend-secret", "wrong-password").status, 200);
    assert_ne!(login("wrong-secret", "wonderland-1").status, 200);
    let own = [("client_id", "backend"), ("client_secret", "backend-secret")];
    let refreshed = client.token("acme", &[("grant_type", "refresh_token"), own[0], own[1], ("refresh_token", &refresh)]);
    let newer = refreshed.text("refresh_token");
    for path in ["token/introspect", "revoke"] {
        for token in [access.as_str(), "forged-token"] {
            client.post(&format!("{realm}/{path}"), &[own[0], own[1], ("token", token)]).unwrap();
        }
    }
    client.post(&format!("{realm}/logout"), &[own[0], own[1], ("refresh_token", "forged-token")]).unwrap();
    client.get(&format!("{realm}/userinfo?access_token={access}"));
    client.get(&format!("{realm}/auth?client_id=backend&id_token_hint={access}&request=forged-token"));
    for header in
        [format!("Bearer {access}"), "Bearer forged-token".to_owned(), "Basic d3Jvbmctc2VjcmV0OndvbmRlcmxhbmQtMQ==".to_owned()]
    {
        for target in
            [&format!("{realm}/userinfo"), "/admin/realms/acme/users", "/realms/acme/clients-registrations/default/backend"]
        {
            let headers = [("Authorization".to_owned(), Some(header.clone()))];
            client.send(&Call { method: "GET", target, headers: &headers, body: None }).unwrap();
        }
    }
    client.post(&format!("{realm}/logout"), &[own[0], own[1], ("refresh_token", &newer)]).unwrap();
    let signature = |token: &String| token.rsplit('.').next().unwrap().to_owned();
    [&access, &refresh, &newer].map(signature).into()
}
