use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::BenchError;
use crate::http_client::{Connection, HttpError};

/// `/proc` counts CPU in hundredths of a second on every Linux this runs on.
const TICK_MS: f64 = 10.0;

/// Milliseconds of CPU the process has used so far.
pub(super) fn cpu_ms(pid: Option<u32>) -> Result<Option<f64>, BenchError> {
    let Some(pid) = pid else { return Ok(None) };
    let stat = read(&format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = fields.iter().skip(11).take(2).filter_map(|f| f.parse::<f64>().ok()).sum();
    Ok(Some(ticks * TICK_MS))
}

/// Bytes of the process that are in memory.
pub(super) fn resident_bytes(pid: Option<u32>) -> Result<f64, BenchError> {
    memory(pid.ok_or(BenchError::Usage("--pid is needed to read memory"))?, "VmRSS:")
}

/// The most bytes of the process that ever were in memory; nothing where it has ended.
pub(super) fn most_resident_bytes(pid: u32) -> f64 {
    memory(pid, "VmHWM:").unwrap_or_default()
}

fn memory(pid: u32, which: &str) -> Result<f64, BenchError> {
    let status = read(&format!("/proc/{pid}/status"))?;
    let kib = status
        .lines()
        .find_map(|l| l.strip_prefix(which))
        .and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<f64>().ok());
    Ok(kib.unwrap_or_default() * 1024.0)
}

/// Whether the process has ended and nobody has asked how: its CPU can still be read.
pub(super) fn has_ended(pid: u32) -> Result<bool, BenchError> {
    let stat = read(&format!("/proc/{pid}/stat"))?;
    Ok(stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')))
}

fn read(path: &str) -> Result<String, BenchError> {
    std::fs::read_to_string(path).map_err(|e| BenchError::Machine(path.to_owned(), e))
}

/// Starts `command` five times; prints milliseconds from exec to the first answer of the discovery document's realm page.
pub(super) fn print_start_times(command: &str, base: &str) -> Result<(), BenchError> {
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let mut child = spawn(command)?;
        let ready = wait_until_ready(base, start, Duration::from_secs(30));
        let taken = start.elapsed().as_secs_f64() * 1000.0;
        let memory = resident_bytes(Some(child.id()));
        let _ = child.kill();
        let _ = child.wait();
        ready?;
        println!("ready after {taken:.1} ms, {:.1} MiB resident", memory? / 1_048_576.0);
        times.push(taken);
    }
    times.sort_by(f64::total_cmp);
    println!("median {:.1} ms", times.get(times.len() / 2).copied().unwrap_or_default());
    Ok(())
}

fn spawn(command: &str) -> Result<Child, BenchError> {
    let mut words = command.split_whitespace();
    let program = words.next().ok_or(BenchError::Usage("--start is empty"))?;
    let started = Command::new(program).args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    started.map_err(|e| BenchError::Machine(program.to_owned(), e))
}

/// Asks `/health/ready` until it is well, at most `patience` after `start`.
pub(super) fn wait_until_ready(base: &str, start: Instant, patience: Duration) -> Result<(), BenchError> {
    while start.elapsed() < patience {
        let answer = Connection::open(base).and_then(|mut c| c.get("/health/ready"));
        if answer.is_ok_and(|a| a.status == 200) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    Err(HttpError(format!("{base} was not ready within {} s", patience.as_secs())).into())
}
