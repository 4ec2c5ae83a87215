use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::latchkey::Latchkey;
use super::report::{mib, quantile};
use super::scale::{Binary, folder, write};
use super::{BenchError, made, process};
use crate::http_client::{Answer, Connection};

/// Options of `cargo xtask bench edits`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    binary: Binary,
    /// Clients of the realm.
    #[arg(long, default_value_t = 1_000)]
    clients: usize,
    /// Requests a second beside the edits; they are sent when their time has come, whether or not those before were answered.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    /// Connections over which they are sent.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// How many edits.
    #[arg(long, default_value_t = 200)]
    edits: usize,
}

const TOKEN: &str = "/realms/edited/protocol/openid-connect/token";

/// An edit that does not hold after so long never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks whether an edit holds.
const LOOK: Duration = Duration::from_millis(1);

/// What the load beside the edits gave.
#[derive(Default)]
struct Load {
    /// Milliseconds from the moment a request was due to its answer.
    latencies: Vec<f64>,
    /// What went wrong.
    errors: Vec<String>,
}

/// Edits a realm file under load.
pub(super) fn run(options: &Options) -> Result<(), BenchError> {
    let (binary, folder) = (options.binary.path()?, folder()?);
    let realms = folder.path().join("realms");
    std::fs::create_dir(&realms).map_err(|error| BenchError::Machine(realms.display().to_string(), error))?;
    let mut realm = made::realm("edited", options.clients.max(1));
    put(&realms, &realm)?;
    let server = Latchkey::start(&binary, folder.path())?;
    let mut connection = Connection::open(&server.base)?;
    for client in 0..options.clients.min(200) {
        token(&mut connection, client)?;
    }
    let (stop, begun) = (AtomicBool::new(false), Instant::now());
    let cpu = process::cpu_ms(Some(server.pid()))?.unwrap_or_default();
    let load_of = |lane| {
        let (base, stop) = (&server.base, &stop);
        move || drive(base, options, (lane, begun, stop))
    };
    let (edited, load) = std::thread::scope(|scope| {
        let load: Vec<_> = (0..options.connections).map(|lane| scope.spawn(load_of(lane))).collect();
        let edited = edit_all(&realms, &mut realm, &server, options);
        stop.store(true, Ordering::Relaxed);
        (edited, load.into_iter().map(|lane| lane.join().unwrap_or_default()).collect::<Vec<_>>())
    });
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = process::cpu_ms(Some(server.pid()))?.unwrap_or_default() - cpu;
    print(edited?, load, seconds);
    println!("server: {:.2} cores, {} resident", cpu / 1000.0 / seconds, mib(process::resident_bytes(Some(server.pid()))?));
    server.stop()
}

#[allow(clippy::cast_precision_loss)] // counts of one benchmark
fn print(mut edits: Vec<f64>, load: Vec<Load>, seconds: f64) {
    edits.sort_by(f64::total_cmp);
    let errors: Vec<&String> = load.iter().flat_map(|lane| &lane.errors).collect();
    let mut latencies: Vec<f64> = load.iter().flat_map(|lane| lane.latencies.iter().copied()).collect();
    latencies.sort_by(f64::total_cmp);
    let (p50, p99) = (quantile(&edits, 0.5), quantile(&edits, 0.99));
    println!("{} edits: in force after {p50:.0} ms at the median, p99 {p99:.0} ms", edits.len());
    let (rate, p50, p99) = (latencies.len() as f64 / seconds, quantile(&latencies, 0.5), quantile(&latencies, 0.99));
    println!("beside them {rate:.0} requests/s, p50 {p50:.2} ms, p99 {p99:.2} ms after they were due; {} errors", errors.len());
    errors.iter().take(5).for_each(|error| println!("  {error}"));
}

fn put(realms: &Path, realm: &Value) -> Result<(), BenchError> {
    let (beside, file) = (realms.join("edited.json~"), realms.join("edited.json"));
    write(&beside, format!("{realm:#}").as_bytes())?;
    std::fs::rename(beside, &file).map_err(|error| BenchError::Machine(file.display().to_string(), error))
}

fn token(connection: &mut Connection, client: usize) -> Result<Value, BenchError> {
    let form = format!("grant_type=client_credentials&client_id=client-{client}&client_secret={}", made::secret(client));
    let answer = connection.post_form(TOKEN, &form)?;
    let body = String::from_utf8_lossy(&answer.body);
    match (answer.status, serde_json::from_slice(&answer.body)) {
        (200, Ok(token)) => Ok(token),
        (status, _) => Err(BenchError::Refused { workload: "edits", status, body: body.chars().take(200).collect() }),
    }
}

/// Milliseconds from each rename to the first token that shows it; whatever else the edit changed must hold from then on.
fn edit_all(realms: &Path, realm: &mut Value, server: &Latchkey, options: &Options) -> Result<Vec<f64>, BenchError> {
    let mut connection = Connection::open(&server.base)?;
    let mut times = Vec::with_capacity(options.edits);
    for edit in 0..options.edits {
        let client = usize::try_from(made::mixed(edit)).unwrap_or_default() % options.clients.max(1);
        let (lifespan, redirect) = (1_000 + edit, format!("https://client.example/after/{edit}"));
        if let Some(client) = realm.pointer_mut(&format!("/clients/{client}")).and_then(Value::as_object_mut) {
            client.insert("redirectUris".to_owned(), json!([redirect]));
            client.insert("attributes".to_owned(), json!({ "access.token.lifespan": lifespan.to_string() }));
        }
        put(realms, realm)?;
        let renamed = Instant::now();
        while token(&mut connection, client)?.get("expires_in") != Some(&lifespan.into()) {
            if renamed.elapsed() > PATIENCE {
                return Err(BenchError::Wrong(format!("edit {edit} is not in force")));
            }
            std::thread::sleep(LOOK);
        }
        times.push(renamed.elapsed().as_secs_f64() * 1000.0);
        let page = login_page(&mut connection, client, &redirect)?;
        // Whatever else the page says: a redirect URI that the client does not have is 400.
        if page.status == 400 {
            return Err(BenchError::Wrong(format!("edit {edit} is in force by half: its redirect URI gives {}", page.status)));
        }
    }
    Ok(times)
}

fn login_page(connection: &mut Connection, client: usize, redirect: &str) -> Result<Answer, BenchError> {
    let redirect = redirect.replace(':', "%3A").replace('/', "%2F");
    let query = format!("client_id=client-{client}&redirect_uri={redirect}&response_type=code&scope=openid");
    Ok(connection.get(&format!("/realms/edited/protocol/openid-connect/auth?{query}"))?)
}

/// Requests of one lane, each when it is due.
fn drive(base: &str, options: &Options, (lane, begun, stop): (u32, Instant, &AtomicBool)) -> Load {
    let mut load = Load::default();
    let Ok(mut connection) = Connection::open(base) else { return load };
    let lanes = options.connections.max(1);
    let every = Duration::from_secs_f64(f64::from(lanes) / f64::from(options.rate.max(1)));
    let mut due = begun + every.mul_f64(f64::from(lane) / f64::from(lanes));
    let mut turn = lane as usize;
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        match token(&mut connection, turn % options.clients.max(1)) {
            Ok(_) => load.latencies.push(due.elapsed().as_secs_f64() * 1000.0),
            Err(error) => {
                load.errors.push(error.to_string());
                let Ok(again) = Connection::open(base) else { return load };
                connection = again;
            }
        }
        (due, turn) = (due + every, turn + lanes as usize);
    }
    load
}
