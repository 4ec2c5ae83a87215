//! Clients in JavaScript and Python. Their packages are installed by `.ci/run`; elsewhere the commands are in the message that
//! says what was left out.

use std::process::Command;

use crate::harness::process::{Latchkey, Ran};
use crate::harness::{environment, tests};

/// Runs a script against the binary; nothing, with a note, where its packages are not installed: on CI that is an error.
fn run(mut command: Command, script: &str, installed: &str, how: &str) {
    if !tests(installed).exists() {
        assert!(environment("CI").is_none(), "{script}: {how}");
        println!("left out: {script}: {how}");
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let server = Latchkey::start(data.path(), "memory");
    let ran = Ran::of(command.arg(tests(script)).arg(format!("http://{}", server.address)));
    assert_eq!(ran.code, Some(0), "{script}\n{}{}", ran.out, ran.err);
    assert!(ran.out.lines().filter(|line| line.starts_with("ok ")).count() > 5, "{script} checks next to nothing: {}", ran.out);
}

fn javascript(name: &str) {
    let script = format!("independent/javascript/{name}.mjs");
    let how = "npm ci --prefix tests/independent/javascript";
    run(Command::new("node"), &script, "independent/javascript/node_modules", how);
}

fn python(name: &str) {
    let script = format!("independent/python/{name}.py");
    let how = "pip install --target tests/independent/python/packages -r tests/independent/python/requirements.txt";
    let mut command = Command::new("python3");
    command.args(["-W", "ignore"]).env("PYTHONPATH", tests("independent/python/packages")).env("PYTHONDONTWRITEBYTECODE", "1");
    run(command, &script, "independent/python/packages", how);
}

#[test]
fn openid_client_is_at_home() {
    javascript("openid-client");
}

#[test]
fn oauth4webapi_is_at_home() {
    javascript("oauth4webapi");
}

#[test]
fn python_keycloak_is_at_home() {
    python("keycloak_client");
}

#[test]
fn authlib_is_at_home() {
    python("authlib_client");
}
