use super::scale::{Binary, folder, write};
use super::{BenchError, latchkey, made};

/// Options of `cargo xtask bench large-file`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    binary: Binary,
    /// Size of the file in megabytes.
    #[arg(long, default_value_t = 20)]
    megabytes: usize,
}

const FILE: [&str; 3] = ["large.json", "--data", "data"];

/// Lint, plan of a new realm, apply, plan of nothing, plan of one edit.
pub(super) fn run(options: &Options) -> Result<(), BenchError> {
    let (binary, folder) = (options.binary.path()?, folder()?);
    let mut realm = made::large_realm("large", options.megabytes * 1_000_000);
    let text = format!("{realm:#}");
    let count = |member: &str| realm.get(member).and_then(serde_json::Value::as_array).map_or(0, Vec::len);
    let megabytes = text.len() / 1_000_000;
    println!("a realm file of {megabytes} MB: {} clients, {} users, as many roles, groups", count("clients"), count("users"));
    write(&folder.path().join("large.json"), text.as_bytes())?;
    let run = |what: &str, words: &[&str], expected: i32| {
        let took = latchkey::run_well(&binary, folder.path(), words, expected)?;
        println!("{what:<24} {took}");
        Ok::<_, BenchError>(())
    };
    let with = |command: &'static str| [[command].as_slice(), &FILE].concat();
    run("lint", &["lint", "large.json"], 0)?;
    run("plan, a new realm", &with("plan"), 2)?;
    run("apply", &with("apply"), 0)?;
    run("plan, nothing to do", &with("plan"), 0)?;
    if let Some(lifespan) = realm.pointer_mut("/clients/0/attributes/access.token.lifespan") {
        *lifespan = "77".into();
    }
    write(&folder.path().join("large.json"), format!("{realm:#}").as_bytes())?;
    run("plan, one edit", &with("plan"), 2)?;
    run("apply, one edit", &with("apply"), 0)
}
