use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::workload::{Caller, SESSION, Workload};
use super::{BenchError, Server, process};

/// What one round gave.
pub(super) struct Round {
    /// Milliseconds of each request.
    pub(super) latencies: Vec<f64>,
    /// Seconds the round took.
    pub(super) seconds: f64,
    /// Milliseconds of CPU the server used, where its process is known.
    pub(super) cpu_ms: Option<f64>,
}

/// Puts `workload` on `server` for `time`.
pub(super) fn round(workload: &Workload, server: &Server, connections: usize, time: Duration) -> Result<Round, BenchError> {
    let mut callers = (0..connections).map(|_| Caller::new(workload, &server.base)).collect::<Result<Vec<_>, _>>()?;
    for caller in &mut callers {
        caller.ask()?; // what is made at first use is made before the clock runs
    }
    let stop = AtomicBool::new(false);
    let cpu_before = process::cpu_ms(server.pid)?;
    let start = Instant::now();
    let results = std::thread::scope(|scope| {
        let threads: Vec<_> = callers.into_iter().map(|caller| scope.spawn(|| drive(caller, &stop))).collect();
        std::thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().map(|t| t.join().unwrap_or(Err(BenchError::Usage("a caller panicked")))).collect::<Vec<_>>()
    });
    let seconds = start.elapsed().as_secs_f64();
    let cpu_after = process::cpu_ms(server.pid)?;
    let latencies = results.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    Ok(Round { latencies, seconds, cpu_ms: cpu_after.zip(cpu_before).map(|(after, before)| after - before) })
}

fn drive(mut caller: Caller<'_>, stop: &AtomicBool) -> Result<Vec<f64>, BenchError> {
    let mut latencies = Vec::with_capacity(100_000);
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        caller.ask()?;
        latencies.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(latencies)
}

/// Logs in `count` times and prints how much the server grew.
pub(super) fn print_memory_per_session(server: &Server, count: u32, connections: usize) -> Result<(), BenchError> {
    let mut callers = (0..connections).map(|_| Caller::new(&SESSION, &server.base)).collect::<Result<Vec<_>, _>>()?;
    for caller in &mut callers {
        for _ in 0..200 {
            caller.ask()?;
        }
    }
    let before = process::resident_bytes(server.pid)?;
    let left = AtomicU32::new(count);
    std::thread::scope(|scope| {
        let threads: Vec<_> = callers
            .into_iter()
            .map(|mut caller| {
                let left = &left;
                scope.spawn(move || {
                    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok() {
                        caller.ask()?;
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|t| t.join().unwrap_or(Err(BenchError::Usage("a caller panicked"))))
    })?;
    let after = process::resident_bytes(server.pid)?;
    println!(
        "{count} sessions: {:.0} bytes each ({:.1} MiB before, {:.1} MiB after)",
        (after - before) / f64::from(count),
        before / 1_048_576.0,
        after / 1_048_576.0
    );
    Ok(())
}
