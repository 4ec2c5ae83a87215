//! Every command of docs/realm-files.md and docs/explain.md, run in the order of the page; what it shows must be what the page shows.
//!
//! Blocks `console`: lines with `$ ` are commands of one shell, the lines below what they print. `…` stands for anything, alone in a
//! line for any lines. A block `json NAME` is a file. What ends with `&` serves in the background until the end of the page. Blocks `yaml`: what stands behind `run:`.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use regex::Regex;

use super::folder::Folder;
use super::until;
use crate::harness::process::binary;
use crate::harness::repository;

/// Stands in for Docker with a Keycloak in it: that one's own export is copied out.
const DOCKER: &str = r#"#!/bin/sh
case "$1 $2" in
"exec keycloak") ;;
"cp keycloak:/tmp/export/.") mkdir -p "$3" && sed 's/older/acme/g; s/Older/Acme/g' "$EXPORT" >"$3/acme-realm.json" ;;
*) exit 1 ;;
esac
"#;

/// Ends what a shell said to one command; the exit code follows.
const END: char = '\u{1e}';

/// A command of the page and what it is to print.
struct Shown {
    line: usize,
    command: String,
    expected: Vec<String>,
}

/// The commands of the page.
fn commands(name: &str, page: &str) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mut block = None;
    for (at, row) in page.lines().enumerate() {
        let line = at + 1;
        match (block, row.strip_prefix("```")) {
            (None, Some(language)) => block = Some(language),
            (Some(_), Some(_)) => block = None,
            (Some("console"), None) => match (row.strip_prefix("$ "), all.last_mut()) {
                (Some(command), _) => all.push(Shown { line, command: command.into(), expected: Vec::new() }),
                (None, Some(shown)) => shown.expected.push(row.into()),
                (None, None) => panic!("{name}:{line}: output of no command"),
            },
            (Some("yaml"), None) => {
                if let Some(command) = row.trim_start_matches([' ', '-']).strip_prefix("run: ") {
                    all.push(Shown { line, command: command.into(), expected: vec!["…".into()] });
                }
            }
            (Some(language), None) => assert!(!row.starts_with("$ "), "{name}:{line}: a command in a block of {language:?}"),
            (None, None) => {}
        }
    }
    all
}

/// One shell for the whole page.
struct Shell {
    folder: Folder,
    ports: [u16; 2],
    shell: Child,
    orders: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
    servers: usize,
}

impl Shell {
    fn new() -> Self {
        let (folder, home) = (Folder::new(), Folder::new());
        let programs = folder.file(".programs");
        std::fs::create_dir(&programs).unwrap();
        std::fs::write(programs.join("docker"), DOCKER).unwrap();
        std::fs::set_permissions(programs.join("docker"), PermissionsExt::from_mode(0o755)).unwrap();
        std::fs::hard_link(binary(), programs.join("latchkey"))
            .or_else(|_| std::fs::copy(binary(), programs.join("latchkey")).map(drop))
            .unwrap();
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let ports = [free(), free()];
        let git = ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"];
        let mut command = Command::new("sh");
        command.env_clear().envs(git.map(|name| (name, "admin@acme.example")));
        command.envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "init.defaultBranch"), ("GIT_CONFIG_VALUE_0", "main")]);
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display())).env("HOME", home.path());
        command.env("KC_HTTP_PORT", ports[0].to_string()).env("KC_HTTP_MANAGEMENT_PORT", ports[1].to_string());
        command.env("EXPORT", repository("crates/realm-model/tests/exports/keycloak-26.0.8.json"));
        command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut shell = command.spawn().unwrap();
        let (orders, said) = (shell.stdin.take(), BufReader::new(shell.stdout.take().unwrap()));
        let mut shell = Self { folder, ports, shell, orders, said, servers: 0 };
        shell.run("exec 2>&1; trap 'kill $servers; wait' EXIT; servers=");
        shell
    }

    /// What a command says, and its exit code.
    fn run(&mut self, command: &str) -> (String, i32) {
        let orders = self.orders.as_mut().unwrap();
        writeln!(orders, "{command}\nprintf '{END}%s\\n' $?").unwrap();
        let mut text = String::new();
        loop {
            let before = text.len();
            assert!(self.said.read_line(&mut text).unwrap() > 0, "the shell ended after {command}: {text}");
            if let Some(at) = text[before..].find(END) {
                let code = text[before + at + 1..].trim().parse().unwrap();
                text.truncate(before + at);
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
                return (text, code);
            }
        }
    }

    /// With the ports of this run.
    fn here(&self, text: &str) -> String {
        let text = text.replace("localhost:8080", &format!("127.0.0.1:{}", self.ports[0]));
        let text = text.replace("127.0.0.1:8080", &format!("127.0.0.1:{}", self.ports[0]));
        text.replace("localhost:9000", &format!("127.0.0.1:{}", self.ports[1]))
    }

    /// What `command` says, once it says what is expected, or for the last time.
    fn play(&mut self, shown: &Shown) -> String {
        let command = self.here(&shown.command);
        if let Some(server) = command.strip_suffix('&') {
            self.servers += 1;
            let log = format!(".server-{}.log", self.servers);
            self.run(&format!("{server} >{log} 2>&1 & servers=\"$servers $!\""));
            let read = || std::fs::read_to_string(self.folder.file(&log)).unwrap_or_default();
            until(&format!("the server of line {}", shown.line), || read().contains("Listening on").then_some(()));
            return read().lines().filter(|row| row.contains("Listening on")).map(|row| format!("{row}\n")).collect();
        }
        // A running server takes files over within a second: who only looks may look again.
        let looks =
            ["curl -s -d ", "curl -s http", "latchkey plan ", "latchkey drift "].iter().any(|word| command.starts_with(word));
        let expected = self.expected(shown);
        let mut tries = if looks { 40 } else { 1 };
        loop {
            let (said, code) = self.run(&command);
            tries -= 1;
            if tries == 0 || expected.is_match(&said) {
                // `plan` ends with 2 where there are changes.
                let ended_well = code == 0 || command.starts_with("latchkey plan ");
                return if ended_well { said } else { format!("{said}exit code {code}\n") };
            }
            std::thread::park_timeout(std::time::Duration::from_millis(50));
        }
    }

    fn expected(&self, shown: &Shown) -> Regex {
        let row = |row: &String| match row.as_str() {
            "…" => "(?:.*\n)*?".to_owned(),
            row => format!("{}\n", regex::escape(&self.here(row)).replace('…', ".*")),
        };
        Regex::new(&format!("^{}$", shown.expected.iter().map(row).collect::<String>())).unwrap()
    }
}

impl Drop for Shell {
    /// The shell ends its servers.
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.shell.wait();
    }
}

/// The files that a page shows in full, by name.
fn files(page: &str) -> Vec<(&str, &str)> {
    let blocks = page.split("\n```json ").skip(1);
    blocks.filter_map(|block| block.split_once("\n```")?.0.split_once('\n')).collect()
}

fn hold_to_its_word(name: &str) {
    let page = std::fs::read_to_string(repository(name)).unwrap();
    let commands = commands(name, &page);
    let mut shell = Shell::new();
    for (file, text) in files(&page) {
        std::fs::write(shell.folder.file(file), text).unwrap();
    }
    let mut wrong = Vec::new();
    for shown in &commands {
        let said = shell.play(shown);
        if !shell.expected(shown).is_match(&said) {
            wrong.push(format!("{name}:{}: $ {}\n{said}", shown.line, shown.command));
        }
    }
    println!("{} commands", commands.len());
    assert!(wrong.is_empty(), "the page shows something else than:\n{}", wrong.join("\n"));
}

#[test]
fn every_command_of_the_page_does_what_the_page_says() {
    hold_to_its_word("docs/realm-files.md");
}

#[test]
fn every_command_of_the_page_on_explain_does_what_the_page_says() {
    hold_to_its_word("docs/explain.md");
}
