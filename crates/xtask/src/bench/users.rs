use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use realm_store::{Repository, Sqlite, StoreError, UserKey};

use super::report::quantile;
use super::scale::{Binary, folder, write};
use super::{BenchError, latchkey, made};

/// Options of `cargo xtask bench users`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    binary: Binary,
    /// How many users.
    #[arg(long, default_value_t = 1_000_000)]
    users: usize,
    /// How many of them are looked up.
    #[arg(long, default_value_t = 20_000)]
    lookups: usize,
}

const REALM: &str = "big";

/// Import of a realm and its users file, then lookups in the store that it made.
#[allow(clippy::cast_precision_loss)] // counts of one benchmark
pub(super) fn run(options: &Options) -> Result<(), BenchError> {
    let (binary, folder) = (options.binary.path()?, folder()?);
    let export = folder.path().join("export");
    let made = std::fs::create_dir(&export).and_then(|()| write_users(&export.join("big-users-0.json"), options.users));
    let bytes = made.map_err(|error| BenchError::Machine(export.display().to_string(), error))?;
    write(&export.join("big-realm.json"), made::realm(REALM, 10).to_string().as_bytes())?;
    println!("{} users in a file of {} MB", options.users, bytes / 1_000_000);
    let took = latchkey::run_well(&binary, folder.path(), &["import", "--dir", "export", "--data", "data"], 0)?;
    let (wall, cpu) = (options.users as f64 / took.seconds, options.users as f64 / took.cpu_seconds);
    println!("import: {took}; {wall:.0} users/s, {cpu:.0} a second of CPU");
    let store = Sqlite::open(&folder.path().join("data/realms.db")).map_err(wrong)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| BenchError::Machine("a runtime".to_owned(), error))?;
    let mut times = runtime.block_on(lookups(&store, options))?;
    times.sort_by(f64::total_cmp);
    let (p50, p99) = (quantile(&times, 0.5), quantile(&times, 0.99));
    println!("{} lookups by username: p50 {p50:.3} ms, p99 {p99:.3} ms", times.len());
    Ok(())
}

fn wrong(error: StoreError) -> BenchError {
    BenchError::Wrong(error.to_string())
}

fn write_users(path: &Path, count: usize) -> std::io::Result<u64> {
    let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    write!(file, "{{\"realm\": \"{REALM}\", \"users\": [")?;
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        write!(file, "{comma}\n{}", made::user(number, REALM))?;
    }
    writeln!(file, "\n]}}")?;
    file.flush()?;
    Ok(std::fs::metadata(path)?.len())
}

async fn lookups(store: &Sqlite, options: &Options) -> Result<Vec<f64>, BenchError> {
    let realms = store.realms(None, 10).await.map_err(wrong)?;
    let realm = realms.iter().find(|stored| stored.realm.name == REALM);
    let id = &realm.ok_or_else(|| BenchError::Wrong(format!("no realm {REALM} in the store")))?.realm.id;
    let mut times = Vec::with_capacity(options.lookups);
    for look in 0..options.lookups {
        let number = usize::try_from(made::mixed(look + 99) % options.users.max(1) as u64).unwrap_or_default();
        let username = made::username(number);
        let start = Instant::now();
        let found = store.user(id, UserKey::Username(&username)).await.map_err(wrong)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        if found.is_none() {
            return Err(BenchError::Wrong(format!("{username} is not in the store")));
        }
    }
    Ok(times)
}
