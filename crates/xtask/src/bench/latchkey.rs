//! Processes of the benchmark's own: a server, or a command and what it took.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{BenchError, process};

/// How long the slowest start may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// How often a command is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// A server; it ends with its value.
pub(super) struct Latchkey {
    child: Child,
    /// `http://127.0.0.1:port`
    pub(super) base: String,
    /// From exec to ready.
    pub(super) start: Took,
}

/// What something took.
pub(super) struct Took {
    /// Wall clock.
    pub(super) seconds: f64,
    /// On all cores together.
    pub(super) cpu_seconds: f64,
    /// The most memory at any moment.
    pub(super) most_bytes: f64,
    /// The exit code of a command.
    pub(super) code: Option<i32>,
}

impl std::fmt::Display for Took {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seconds, cpu_seconds, most_bytes, .. } = self;
        write!(f, "{seconds:.2} s, {cpu_seconds:.2} s of CPU, at most {}", super::report::mib(*most_bytes))
    }
}

fn machine(what: &Path, error: std::io::Error) -> BenchError {
    BenchError::Machine(what.display().to_string(), error)
}

fn free_port() -> Result<u16, BenchError> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(|error| machine(Path::new("a port"), error))
}

fn command(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    command
}

fn cpu_seconds(pid: u32) -> Result<f64, BenchError> {
    Ok(process::cpu_ms(Some(pid))?.unwrap_or_default() / 1000.0)
}

impl Latchkey {
    /// Starts a server over `folder/data` that follows `folder/realms`.
    pub(super) fn start(binary: &Path, folder: &Path) -> Result<Self, BenchError> {
        let (port, management) = (free_port()?.to_string(), free_port()?.to_string());
        let mut command = command(binary, folder);
        command.args(["start-dev", "--http-host", "127.0.0.1", "--http-port", &port, "--http-management-port", &management]);
        command.args(["--data", "data", "--realms", "realms", "--log-level", "warn"]);
        let begun = Instant::now();
        let child = command.spawn().map_err(|error| machine(binary, error))?;
        let nothing = Took { seconds: 0.0, cpu_seconds: 0.0, most_bytes: 0.0, code: None };
        let mut started = Self { child, base: format!("http://127.0.0.1:{port}"), start: nothing };
        process::wait_until_ready(&format!("http://127.0.0.1:{management}"), begun, PATIENCE)?;
        let pid = started.pid();
        let (cpu_seconds, most_bytes) = (cpu_seconds(pid)?, process::most_resident_bytes(pid));
        started.start = Took { seconds: begun.elapsed().as_secs_f64(), cpu_seconds, most_bytes, code: None };
        Ok(started)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as an operator does, and waits for it.
    pub(super) fn stop(mut self) -> Result<(), BenchError> {
        let told = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
        told.map_err(|error| machine(Path::new("kill"), error))?;
        self.child.wait().map_err(|error| machine(Path::new("latchkey"), error))?;
        Ok(())
    }
}

impl Drop for Latchkey {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the binary with `arguments` in `folder` to its end.
pub(super) fn run(binary: &Path, folder: &Path, arguments: &[&str]) -> Result<Took, BenchError> {
    let begun = Instant::now();
    let mut child = command(binary, folder).args(arguments).spawn().map_err(|error| machine(binary, error))?;
    let mut took = Took { seconds: 0.0, cpu_seconds: 0.0, most_bytes: 0.0, code: None };
    while !process::has_ended(child.id())? {
        took.most_bytes = took.most_bytes.max(process::most_resident_bytes(child.id()));
        std::thread::sleep(LOOK);
    }
    took.seconds = begun.elapsed().as_secs_f64();
    took.cpu_seconds = cpu_seconds(child.id())?;
    took.code = child.wait().map_err(|error| machine(binary, error))?.code();
    Ok(took)
}

/// As [`run`]; another exit code than `expected` is an error.
pub(super) fn run_well(binary: &Path, folder: &Path, arguments: &[&str], expected: i32) -> Result<Took, BenchError> {
    let took = run(binary, folder, arguments)?;
    if took.code == Some(expected) {
        return Ok(took);
    }
    Err(BenchError::Wrong(format!("latchkey {}: exit code {:?}, not {expected}", arguments.join(" "), took.code)))
}
