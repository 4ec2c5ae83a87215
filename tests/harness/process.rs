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
    /// Its process, without a folder of its own.
    pub fn new(child: Child) -> Self {
        Self { child, _folder: None }
    }

    /// Sends it a signal, by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success(), "kill -{name}");
    }

    /// Ends it as `kill -9` does: nothing can be saved on the way.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The first line of its output that `wanted` takes something from; everything after it is read and dropped.
    pub fn wait_for<T: Send + 'static>(&mut self, wanted: impl Fn(&str) -> Option<T> + Send + Clone + 'static) -> T {
        self.wait_for_after(wanted).0
    }

    /// As [`Process::wait_for`], with the lines before it.
    fn wait_for_after<T: Send + 'static>(
        &mut self,
        wanted: impl Fn(&str) -> Option<T> + Send + Clone + 'static,
    ) -> (T, Vec<String>) {
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
                Ok(Ok(value)) => return (value, said),
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

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Runs `command` to its end.
    pub fn of(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs the binary with `arguments` in `folder`, in an empty environment.
    pub fn latchkey(folder: &Path, arguments: &[&str]) -> Self {
        Self::of(&mut latchkey(folder, arguments))
    }
}

/// The binary with `arguments` in `folder`, in an empty environment.
pub fn latchkey(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

impl Latchkey {
    /// Starts it with the realm files of the recordings on a free port and waits until it is ready.
    pub fn start(data: &Path, sessions: &str) -> Self {
        let realms = super::tests("keycloak/realms");
        let settings = ["--health-enabled", "false", "--metrics-enabled", "false", "--sessions", sessions];
        let mut command = latchkey(data, &["start-dev", "--http-host", "127.0.0.1", "--http-port", "0"]);
        command.args(settings).arg("--data").arg(data).arg("--realms").arg(realms);
        Self::serve(&mut command)
    }

    /// Starts `command`, which serves on a port of 127.0.0.1, and waits until it is ready.
    pub fn serve(command: &mut Command) -> Self {
        Self::serve_and_tell(command).0
    }

    /// As [`Latchkey::serve`], with what it said before.
    pub fn serve_and_tell(command: &mut Command) -> (Self, Vec<String>) {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", binary().display()));
        let mut process = Process::new(child);
        let (address, said) = process.wait_for_after(|line| {
            let (_, rest) = line.split_once("Listening on: http://")?;
            Some(rest.split(['.', ' ']).take(4).collect::<Vec<_>>().join("."))
        });
        (Self { process, address }, said)
    }
}

/// The binary of this build. Cargo is asked to bring it up to date: the tests of one package do not build the binary of another.
pub fn binary() -> &'static Path {
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
