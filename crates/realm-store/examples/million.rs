//! What a million users cost: `cargo run --release -p realm-store --example million -- [COUNT] [USERS PER CALL] [FILE]`.
//! Streams generated users into a realm of the embedded store; prints users per second, memory, the size of the file, and how long
//! lookups and searches take.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::indexing_slicing)] // measures real time

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use realm_model::document::{Key, Kind, UserRecord};
use realm_store::{Batch, Expected, NewUser, RealmWrite, Repository, Sqlite, UserKey, UserQuery, Write};
use serde_json::json;

const REALM: &str = "4c5ffb4b-6ac9-4d09-9aa8-9aa7b8de9b49";

/// Lookups of each kind.
const LOOKUPS: usize = 20_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(1_000_000, |count| count.parse().unwrap());
    let at_once: u64 = arguments.next().map_or(8_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = arguments.next().map_or_else(|| folder.path().join("realms.db"), PathBuf::from);
    let store = Sqlite::open(&path).unwrap();
    if store.realm(REALM).await.unwrap().is_none() {
        fill(&store, count, at_once).await;
    }
    report(&path, "full");
    lookups(&store, count).await;
    commits(&store, count).await;
    searches(&store).await;
    report(&path, "at the end");
}

async fn fill(store: &Sqlite, count: u64, at_once: u64) {
    let realm = RealmWrite::Create { name: "big".to_owned(), template: "26.7".to_owned() };
    store.commit(Batch { realm, ..Batch::within(REALM) }).await.unwrap();
    let (start, before) = (Instant::now(), cpu_ticks());
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let making_up = std::thread::spawn(move || {
        for from in (0..count).step_by(usize::try_from(at_once).unwrap()) {
            let users: Vec<_> = (from..count.min(from + at_once)).map(|n| NewUser::of(&user(n)).unwrap()).collect();
            sender.blocking_send(users).unwrap();
        }
    });
    let batches = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
    let mut adding = std::pin::pin!(batches.map(|users| store.add_users(REALM, users)).buffered(2));
    let (mut added, mut lap) = (0, (0, Instant::now()));
    while let Some(more) = adding.next().await {
        added += more.unwrap();
        if added - lap.0 >= count / 10 {
            println!("{added} users, {:.0} users/s lately, {} MB", rate(added - lap.0, lap.1.elapsed()), memory("VmRSS"));
            lap = (added, Instant::now());
        }
    }
    making_up.join().unwrap();
    println!("{added} users in {:.1?}: {:.0} users/s", start.elapsed(), rate(added, start.elapsed()));
    let cpu = |ticks: u64| ticks * 10_000 / count;
    println!("CPU: {} µs a user, of which {} in the thread that writes", cpu(cpu_ticks() - before), cpu(writer_ticks()));
}

#[allow(clippy::cast_precision_loss)]
fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// A number that looks random and is not.
fn mixed(n: u64) -> u64 {
    let mut x = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn id(n: u64) -> String {
    let (a, b) = (mixed(n), mixed(n ^ 0xffff_ffff_0000));
    let (a1, a2, a3) = (a >> 32, (a >> 16) & 0xffff, a & 0xfff);
    format!("{a1:08x}-{a2:04x}-4{a3:03x}-a{:03x}-{:012x}", (b >> 48) & 0xfff, b & 0xffff_ffff_ffff)
}

fn username(n: u64) -> String {
    format!("user{:07}", (mixed(n) % 10) * 1_000_000 + n % 1_000_000)
}

fn user(n: u64) -> UserRecord {
    let username = username(n);
    let (first, last) = (FIRST[(mixed(n) % 16) as usize], format!("{}{}", LAST[(mixed(n + 7) % 16) as usize], mixed(n) % 5_000));
    let salt = id(n + 1);
    let secret = json!({ "value": format!("{salt}{salt}"), "salt": &salt[..24], "additionalParameters": {} }).to_string();
    let data = r#"{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}"#;
    let record = json!({
        "id": id(n), "username": username, "email": format!("{username}@example.org"), "emailVerified": true,
        "firstName": first, "lastName": last, "enabled": true, "createdTimestamp": 1_700_000_000_000_u64 + n, "totp": false,
        "attributes": { "employee": [format!("e{}", mixed(n + 3) % 900_000)] },
        "credentials": [{ "id": id(n + 2), "type": "password", "createdDate": 1_700_000_000_000_u64, "secretData": secret, "credentialData": data }],
        "disableableCredentialTypes": [], "requiredActions": [], "realmRoles": ["default-roles-big"], "notBefore": 0, "groups": [],
    });
    match record {
        serde_json::Value::Object(body) => UserRecord(body),
        _ => unreachable!(),
    }
}

const FIRST: [&str; 16] = [
    "Anna", "Bert", "Carla", "Dora", "Emil", "Frida", "Gustav", "Hanna", "Ida", "Jan", "Klara", "Leo", "Mia", "Nils", "Olga",
    "Paul",
];
const LAST: [&str; 16] = [
    "Adler", "Bauer", "Conrad", "Dietz", "Ernst", "Fuchs", "Graf", "Horn", "Jung", "Koch", "Lang", "Maier", "Noll", "Otto",
    "Peters", "Roth",
];

async fn lookups(store: &Sqlite, count: u64) {
    for kind in ["username", "email", "id"] {
        let mut times = Vec::with_capacity(LOOKUPS);
        let cpu = cpu_ticks();
        for look in 0..LOOKUPS as u64 {
            let n = mixed(look + 99) % count;
            let (name, id) = (username(n), id(n));
            let email = format!("{name}@example.org");
            let key = match kind {
                "username" => UserKey::Username(&name),
                "email" => UserKey::Email(&email),
                _ => UserKey::Id(&id),
            };
            let start = Instant::now();
            let found = store.user(REALM, key).await.unwrap();
            times.push(start.elapsed());
            assert_eq!(found.unwrap().record.username(), name);
        }
        let cpu = (cpu_ticks() - cpu) * 10_000 / LOOKUPS as u64;
        println!("by {kind}: p50 {:?}, p99 {:?}, CPU {cpu} µs", percentile(&mut times, 50), percentile(&mut times, 99));
    }
}

/// A password hashed anew: what a login may write.
async fn commits(store: &Sqlite, count: u64) {
    let mut times = Vec::new();
    for look in 0..200 {
        let row = store.user(REALM, UserKey::Username(&username(mixed(look) % count))).await.unwrap().unwrap();
        let write = Write::PutUser { record: row.record, expected: Expected::Version(row.version) };
        let start = Instant::now();
        store.commit(Batch { writes: vec![write], ..Batch::within(REALM) }).await.unwrap();
        times.push(start.elapsed());
    }
    println!("commit of one user: p50 {:?}, p99 {:?}", percentile(&mut times, 50), percentile(&mut times, 99));
}

async fn searches(store: &Sqlite) {
    let page = UserQuery { max: Some(20), ..UserQuery::default() };
    let search = |text: &str| UserQuery { search: Some(text.to_owned()), ..page.clone() };
    let role = Key::of(Kind::RealmRole, "default-roles-big");
    let attribute = vec![("employee".to_owned(), "E4711".to_owned())];
    let all = [
        ("first page", page.clone()),
        ("page in the middle", UserQuery { first: 500_000, ..page.clone() }),
        ("after a username", UserQuery { after: Some("user5000000".to_owned()), ..page.clone() }),
        ("search: one", search("user0000012")),
        ("search: a name of many", search("anna")),
        ("search: two words", search("anna bauer12")),
        ("search: a part of few", search("*4711@*")),
        ("search: a part of none", search("*nobody*")),
        ("a part of the username", UserQuery { username: Some("0471".to_owned()), ..page.clone() }),
        ("an attribute", UserQuery { attributes: attribute, ..page.clone() }),
        ("members of a role", UserQuery { member_of: Some(role), ..page.clone() }),
        ("switched off", UserQuery { enabled: Some(false), ..page.clone() }),
    ];
    for (what, query) in all {
        let start = Instant::now();
        let found = store.users(REALM, &query).await.unwrap().len();
        let time = start.elapsed();
        let start = Instant::now();
        let counted = store.count_users(REALM, &query).await.unwrap();
        println!("{what}: {found} in {time:.1?}; {counted} counted in {:.1?}", start.elapsed());
    }
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

fn report(path: &Path, when: &str) {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len() >> 20);
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let (now, most) = (memory("VmRSS"), memory("VmHWM"));
    println!("{when}: memory {now} MB, at most {most} MB; file {} MB, log {} MB", size(path), size(&log));
}

/// Of this process, in MB.
fn memory(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(which)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() >> 10
}

/// Time on processors, in hundredths of a second.
fn cpu_ticks() -> u64 {
    ticks(Path::new("/proc/self/stat"))
}

/// As [`cpu_ticks`], of the store's thread that writes.
fn writer_ticks() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().map(|thread| thread.unwrap().path());
    let mut writers = threads.filter(|thread| std::fs::read_to_string(thread.join("comm")).unwrap().trim() == "sqlite-writer");
    ticks(&writers.next().unwrap().join("stat"))
}

fn ticks(file: &Path) -> u64 {
    let stat = std::fs::read_to_string(file).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
