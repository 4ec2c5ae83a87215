use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::latchkey::Latchkey;
use super::report::mib;
use super::scale::{Binary, folder, write};
use super::{BenchError, made, process};
use crate::http_client::Connection;

/// Options of `cargo xtask bench realms`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    binary: Binary,
    /// How many realms, each in a file of its own.
    #[arg(long, default_value_t = 10_000)]
    realms: usize,
    /// Clients of each.
    #[arg(long, default_value_t = 10)]
    clients: usize,
    /// Over how many realms the requests are spread that are compared with those to one realm.
    #[arg(long, default_value_t = 200)]
    spread: usize,
    /// Seconds of one round.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Rounds of each kind.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Connections that ask at the same time.
    #[arg(long, default_value_t = 8)]
    connections: usize,
}

/// First start, next start, requests to one realm and to many.
pub(super) fn run(options: &Options) -> Result<(), BenchError> {
    let (binary, folder) = (options.binary.path()?, folder()?);
    let realms = folder.path().join("realms");
    std::fs::create_dir(&realms).map_err(|error| BenchError::Machine(realms.display().to_string(), error))?;
    for number in 0..options.realms {
        let name = name(number);
        write(&realms.join(format!("{name}.json")), made::realm(&name, options.clients).to_string().as_bytes())?;
    }
    println!("{} realm files of {} clients", options.realms, options.clients);
    let server = Latchkey::start(&binary, folder.path())?;
    println!("first start, with import: {}; {} now", server.start, mib(process::resident_bytes(Some(server.pid()))?));
    server.stop()?;
    let server = Latchkey::start(&binary, folder.path())?;
    println!("next start:               {}; {} now", server.start, mib(process::resident_bytes(Some(server.pid()))?));
    compare(&server, options)?;
    println!("after the requests: {} resident", mib(process::resident_bytes(Some(server.pid()))?));
    server.stop()
}

fn name(number: usize) -> String {
    format!("realm-{number:05}")
}

/// One client credentials request; realms and their clients in turns.
fn ask(connection: &mut Connection, (realm, client): (usize, usize)) -> Result<(), BenchError> {
    let path = format!("/realms/{}/protocol/openid-connect/token", name(realm));
    let form = format!("grant_type=client_credentials&client_id=client-{client}&client_secret={}", made::secret(client));
    let answer = connection.post_form(&path, &form)?;
    if answer.status == 200 {
        return Ok(());
    }
    let body = String::from_utf8_lossy(&answer.body).chars().take(200).collect();
    Err(BenchError::Refused { workload: "client credentials", status: answer.status, body })
}

fn compare(server: &Latchkey, options: &Options) -> Result<(), BenchError> {
    let spread = options.spread.clamp(1, options.realms.max(1));
    let begun = Instant::now();
    // Keys and service accounts that are made or read at first use are there before the clock runs.
    let mut connection = Connection::open(&server.base)?;
    for realm in 0..spread {
        (0..options.clients).try_for_each(|client| ask(&mut connection, (realm, client)))?;
    }
    println!("keys of {spread} realms and their service accounts: {:.1} s", begun.elapsed().as_secs_f64());
    let (mut one, mut many) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        one.push(round(server, options, 1)?);
        many.push(round(server, options, spread)?);
    }
    let (one, many) = (median(one), median(many));
    println!("CPU of a request: {one:.3} ms to one realm, {many:.3} ms over {spread}: {:+.1} %", (many / one - 1.0) * 100.0);
    Ok(())
}

/// Milliseconds of CPU for each request of one round.
#[allow(clippy::cast_precision_loss)] // counts of one benchmark
fn round(server: &Latchkey, options: &Options, realms: usize) -> Result<f64, BenchError> {
    let (asked, until) = (AtomicUsize::new(0), Instant::now() + Duration::from_secs(options.seconds));
    let before = process::cpu_ms(Some(server.pid()))?.unwrap_or_default();
    std::thread::scope(|scope| {
        let caller = || {
            let mut connection = Connection::open(&server.base)?;
            while Instant::now() < until {
                let turn = asked.fetch_add(1, Ordering::Relaxed);
                ask(&mut connection, (turn % realms, turn / realms % options.clients.max(1)))?;
            }
            Ok(())
        };
        let callers: Vec<_> = (0..options.connections).map(|_| scope.spawn(caller)).collect();
        callers.into_iter().try_for_each(|caller| caller.join().unwrap_or(Err(BenchError::Usage("a caller panicked"))))
    })?;
    let after = process::cpu_ms(Some(server.pid()))?.unwrap_or_default();
    Ok((after - before) / asked.load(Ordering::Relaxed) as f64)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    super::report::quantile(&values, 0.5)
}
