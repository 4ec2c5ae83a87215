//! Processes of the test's own: the `latchkey` binary, and Redis where it is installed.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use super::{environment, repository};

/// A process that is killed with its value.
pub struct Process {
    child: Child,
    _folder: Option<tempfile::TempDir>,
}

impl Process {
    /// Ends it as `kill -9` does: nothing can be saved on the way.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The first line of its output that `wanted` takes something from; everything after it is read and dropped.
    fn wait_for<T: Send + 'static>(&mut self, wanted: impl Fn(&str) -> Option<T> + Send + Clone + 'static) -> T {
        let (found, when_found) = mpsc::channel();
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            self.child.stdout.take().map(|out| Box::new(out) as Box<_>),
            self.child.stderr.take().map(|out| Box::new(out) as Box<_>),
        ];
        for output in outputs.into_iter().flatten() {
            let (found, wanted) = (found.clone(), wanted.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    let _ = found.send(wanted(&line).ok_or(line));
                }
            });
        }
        drop(found);
        let mut said = Vec::new();
        loop {
            match when_found.recv_timeout(Duration::from_secs(60)) {
                Ok(Ok(value)) => return value,
                Ok(Err(line)) => said.push(line),
                Err(error) => panic!("not ready ({error}):\n{}", said.join("\n")),
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server as it is shipped.
pub struct Latchkey {
    pub process: Process,
    /// `127.0.0.1:port`.
    pub address: String,
}

impl Latchkey {
    /// Starts it with the realm files of the recordings on a free port and waits until it is ready.
    pub fn start(data: &Path, sessions: &str) -> Self {
        let mut command = Command::new(binary());
        command.args(["start-dev", "--http-host", "127.0.0.1", "--http-port", "0"]);
        command.args(["--health-enabled", "false", "--metrics-enabled", "false", "--sessions", sessions]);
        command.arg("--data").arg(data).arg("--realms").arg(super::tests("keycloak/realms"));
        command.current_dir(data).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", binary().display()));
        let mut process = Process { child, _folder: None };
        let address = process.wait_for(|line| {
            let (_, rest) = line.split_once("Listening on: http://")?;
            Some(rest.split(['.', ' ']).take(4).collect::<Vec<_>>().join("."))
        });
        Self { process, address }
    }
}

/// The binary of this build. Cargo is asked to bring it up to date: the tests of one package do not build the binary of another.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let tests = std::env::current_exe().unwrap();
        let profile =
            tests.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "deps")).unwrap().parent().unwrap();
        let mut command = Command::new(environment("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["build", "--quiet", "--package", "idp-server", "--bin", "latchkey"]).current_dir(repository(""));
        command.arg("--target-dir").arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            command.arg("--release");
        }
        assert!(command.status().unwrap().success(), "the binary cannot be built");
        profile.join("latchkey")
    })
}

/// A Redis of the test's own.
pub struct Redis {
    process: Process,
    port: u16,
    pub url: String,
}

impl Redis {
    /// Starts one on a free port; nothing, with a note, where Redis is not installed: on CI that is an error.
    pub fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self::start_at(port)
    }

    /// Takes it away, with all it kept, and starts an empty one where it was.
    pub fn kill(mut self) -> impl FnOnce() -> Self {
        self.process.kill();
        move || Self::start_at(self.port).unwrap()
    }

    fn start_at(port: u16) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let spawned = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn();
        match spawned {
            Ok(child) => {
                let mut process = Process { child, _folder: Some(folder) };
                process.wait_for(|line| line.contains("Ready to accept connections").then_some(()));
                Some(Self { process, port, url: format!("redis://127.0.0.1:{port}") })
            }
            Err(error) => {
                assert!(environment("CI").is_none(), "redis-server: {error}");
                println!("left out: redis-server: {error}");
                None
            }
        }
    }
}
