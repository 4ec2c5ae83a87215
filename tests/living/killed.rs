//! Killed in the midst of applying: afterwards the store holds what it held before or what it was to hold, never some of each.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use ambient::{Clock, Entropy, SeededEntropy, SystemClock};
use realm_store::{DeclaredUsers, Repository, Sqlite, UserQuery};
use serde_json::{Value, json};

use super::folder::Folder;
use crate::harness::environment;
use crate::harness::process::{Latchkey, Process, Ran, latchkey};

/// Of the command, unless `LATCHKEY_KILLS` says otherwise.
const KILLS: u64 = 30;

/// For so many of the command, one of the server.
const KILLS_TO_ONE_OF_THE_SERVER: u64 = 10;

const CLIENTS: usize = 200;

const MARKS: [&str; 2] = ["mark-of-the-one", "mark-of-the-other"];

/// A version of the realm: every entity of it, and every user, bears `mark`; some are in one version only.
fn version(mark: &str) -> Value {
    let named = |kind: &str, count: usize| {
        let mut names: Vec<String> = (0..count).map(|at| format!("{kind}-{at}")).collect();
        names.push(format!("{kind}-{mark}"));
        names
    };
    let marked = |kind: &str, count: usize| -> Vec<Value> {
        named(kind, count).iter().map(|name| json!({"name": name, "description": mark, "attributes": {"mark": [mark]}})).collect()
    };
    let clients: Vec<Value> = named("client", CLIENTS)
        .iter()
        .map(|id| json!({"clientId": id, "secret": format!("secret-of-{id}"), "description": mark, "redirectUris": [format!("https://{mark}.example/")]}))
        .collect();
    let scopes: Vec<Value> = named("scope", 20)
        .iter()
        .map(|name| json!({"name": name, "description": mark, "protocol": "openid-connect", "attributes": {"mark": mark}}))
        .collect();
    let users: Vec<Value> = (0..20)
        .map(|at| json!({"username": format!("user-{at}"), "enabled": true, "firstName": mark, "attributes": {"mark": [mark]}}))
        .collect();
    let groups: Vec<Value> =
        named("group", 30).iter().map(|name| json!({"name": name, "attributes": {"mark": [mark]}})).collect();
    json!({
        "realm": "acme", "enabled": true, "displayName": mark, "clients": clients, "clientScopes": scopes, "users": users,
        "roles": {"realm": marked("role", 50)}, "groups": groups,
    })
}

/// The one mark in the store.
fn mark(data: &Path) -> &'static str {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let texts = runtime.block_on(async {
        let store = Sqlite::open(&data.join("realms.db")).unwrap();
        let realms = store.realms(None, 10).await.unwrap();
        let acme = realms.into_iter().find(|stored| stored.realm.name == "acme").unwrap();
        let entities = acme.rows.into_iter().filter_map(|row| row.body);
        let mut texts: Vec<(&str, String)> = entities.map(|body| ("entity", body)).collect();
        let users = store.users(&acme.realm.id, &UserQuery::default()).await.unwrap();
        texts.extend(users.into_iter().map(|user| ("user", Value::Object(user.record.0).to_string())));
        let declared = store.declared(&acme.realm.id, DeclaredUsers::Include).await.unwrap();
        texts.extend(declared.into_iter().map(|declared| ("declaration", declared.base)));
        texts
    });
    let found: Vec<(&str, &'static str)> =
        texts.iter().flat_map(|(of, text)| MARKS.iter().filter(|mark| text.contains(**mark)).map(|mark| (*of, *mark))).collect();
    assert!(found.len() > 2 * (CLIENTS + 50 + 30 + 20), "only {} marks", found.len());
    let marks: BTreeSet<_> = found.iter().map(|(_, mark)| *mark).collect();
    assert_eq!(marks.len(), 1, "a mixture: {:?}", found.iter().collect::<BTreeSet<_>>());
    found[0].1
}

fn other(mark: &str) -> &'static str {
    if mark == MARKS[0] { MARKS[1] } else { MARKS[0] }
}

fn kills() -> u64 {
    environment("LATCHKEY_KILLS").map_or(KILLS, |text| text.parse().unwrap())
}

/// Moments between two others.
struct Moments(SeededEntropy);

impl Moments {
    fn between(&self, from: Duration, to: Duration) -> Duration {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        let span = u64::try_from((to - from).as_micros()).unwrap().max(1);
        from + Duration::from_micros(u64::from_le_bytes(bytes) % span)
    }
}

/// A store that holds the first version, and how long the command takes to apply another.
fn prepared() -> (Folder, Duration) {
    let folder = Folder::new();
    for mark in MARKS {
        folder.put(&format!("{mark}.json"), &version(mark));
    }
    let mut took = Vec::new();
    for mark in [MARKS[0], MARKS[1], MARKS[0]] {
        let began = SystemClock.now();
        let ran = Ran::latchkey(folder.path(), &["apply", &format!("{mark}.json")]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        took.push(SystemClock.now().millis_since(began));
    }
    assert_eq!(mark(&folder.file("data")), MARKS[0]);
    (folder, Duration::from_millis(took[1].max(took[2]).try_into().unwrap()))
}

/// When to kill.
enum Moment {
    /// So long after the start.
    After(Duration),
    /// So long after the first bytes of the commit are in the store's log.
    Committing(Duration),
}

impl Moment {
    /// Every other one in the midst of a commit: what comes before is reading.
    fn of(turn: u64, moments: &Moments, takes: Duration) -> Self {
        if turn.is_multiple_of(2) {
            Self::After(moments.between(Duration::ZERO, takes))
        } else {
            Self::Committing(moments.between(Duration::ZERO, Duration::from_millis(20)))
        }
    }

    /// Returns when it has come; how long it took, where the process ended before.
    fn wait(&self, data: &Path, ends: &mpsc::Receiver<()>) -> Option<Duration> {
        let began = SystemClock.now();
        let ended = match self {
            Self::After(span) => !matches!(ends.recv_timeout(*span), Err(mpsc::RecvTimeoutError::Timeout)),
            Self::Committing(span) => {
                let written =
                    || std::fs::metadata(data.join("realms.db-wal")).map(|log| (log.len(), log.modified().unwrap())).ok();
                let before = written();
                let mut ended = false;
                while !ended && written().is_none_or(|now| Some(now) == before || now.0 == 0) {
                    ended = !matches!(ends.recv_timeout(Duration::from_micros(200)), Err(mpsc::RecvTimeoutError::Timeout));
                }
                ended || !matches!(ends.recv_timeout(*span), Err(mpsc::RecvTimeoutError::Timeout))
            }
        };
        let took = SystemClock.now().millis_since(began);
        ended.then(|| Duration::from_millis(took.try_into().unwrap_or_default()))
    }
}

/// Lets the command run until `moment` at most; how long it took where it need not be killed.
fn apply_until(folder: &Folder, mark: &str, moment: &Moment) -> Option<Duration> {
    let mut command = latchkey(folder.path(), &["apply", &format!("{mark}.json")]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut out, (ended, ends)) = (child.stdout.take().unwrap(), mpsc::channel());
    let mut process = Process::new(child);
    std::thread::spawn(move || {
        let _ = out.read_to_end(&mut Vec::new());
        let _ = ended.send(());
    });
    let took = moment.wait(&folder.file("data"), &ends);
    process.kill();
    took
}

#[test]
fn apply_killed_at_any_moment_leaves_the_old_or_the_new_state() {
    let (folder, mut takes) = prepared();
    let moments = Moments(SeededEntropy::new(9));
    let mut now = MARKS[0];
    let (mut runs, mut killed, mut old, mut new) = (0, 0, 0, 0);
    while killed < kills() {
        runs += 1;
        match apply_until(&folder, other(now), &Moment::of(runs, &moments, takes)) {
            None => killed += 1,
            Some(took) => takes = takes.min(took),
        }
        let after = mark(&folder.file("data"));
        *(if after == now { &mut old } else { &mut new }) += 1;
        now = after;
    }
    println!("killed {killed} times in {runs} runs of at most {takes:?}: {old} times the old state, {new} times the new one");
    let ran = Ran::latchkey(folder.path(), &["apply", &format!("{}.json", other(now))]);
    assert_eq!((ran.code, mark(&folder.file("data"))), (Some(0), other(now)), "{}", ran.err);
}

#[test]
fn a_server_killed_while_it_takes_a_file_over_leaves_the_old_or_the_new_state() {
    let (folder, takes) = prepared();
    let realms = Folder::at(folder.file("realms"));
    realms.put("acme.json", &version(MARKS[0]));
    let moments = Moments(SeededEntropy::new(10));
    let (mut now, mut old, mut new) = (MARKS[0], 0, 0);
    for turn in 0..kills().div_ceil(KILLS_TO_ONE_OF_THE_SERVER) {
        let mut command =
            latchkey(folder.path(), &["start-dev", "--http-host", "127.0.0.1", "--http-port", "0", "--realms", "realms"]);
        let mut server = Latchkey::serve(command.args(["--sessions", "memory", "--http-management-port", "0"]));
        assert_eq!(mark(&folder.file("data")), now);
        realms.put("acme.json", &version(other(now)));
        let (_never, ends) = mpsc::channel::<()>();
        Moment::of(turn, &moments, takes).wait(&folder.file("data"), &ends);
        server.process.kill();
        let after = mark(&folder.file("data"));
        *(if after == now { &mut old } else { &mut new }) += 1;
        // The next server takes over what this one did not.
        now = other(now);
    }
    println!("{old} times the old state, {new} times the new one");
}
