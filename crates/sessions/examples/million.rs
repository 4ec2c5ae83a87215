//! What a session costs: `cargo run --release -p sessions --example million -- [memory|embedded|redis://…] [COUNT]`.
//! Prints bytes of memory a session, rates of login and refresh, and the longest wait of a caller while all of them expire.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // measures real time

use std::sync::Arc;
use std::time::{Duration, Instant};

use ambient::{Entropy, SystemEntropy, Timestamp};
use futures_util::future::join_all;
use oidc_types::{RealmName, SessionId};
use sessions::rotation::Presented;
use sessions::{ClientSession, Config, RecordStore, SessionKind, Sessions, SessionsUrl, UserSession, open};

/// Callers at once.
const CALLERS: usize = 64;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url: SessionsUrl = arguments.next().unwrap_or_default().parse().unwrap();
    let count: usize = arguments.next().map_or(1_000_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let config = Config { url };
    let store = open(&config, folder.path()).await.unwrap();
    let ids: Arc<[SessionId]> = (0..count).map(|_| SystemEntropy.base64url(18).into()).collect();
    let start = at(0);

    let idle = rss();
    timed("login", count, logins(&store, &ids, start)).await;
    report("after logins", &*store, idle, count).await;
    let refreshes = count.min(200_000);
    timed("refresh", refreshes, refresh(&store, &ids, refreshes)).await;
    report("after refreshes", &*store, idle, count).await;

    let store = if matches!(config.url, SessionsUrl::Embedded) {
        store.shutdown().await.unwrap();
        drop(store);
        println!("file {} MB", std::fs::metadata(folder.path().join("sessions.redb")).unwrap().len() >> 20);
        let opened = Instant::now();
        let store = open(&config, folder.path()).await.unwrap();
        println!("opened again in {:?}", opened.elapsed());
        store
    } else {
        store
    };
    expire(&store, start.plus_secs(4000)).await;
    report("after expiry", &*store, idle, count).await;
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + secs)
}

fn realm() -> RealmName {
    "acme".into()
}

/// As the password grant with `openid email profile` makes them, one user each.
async fn logins(store: &Arc<dyn RecordStore>, ids: &Arc<[SessionId]>, now: Timestamp) {
    let client = SystemEntropy.uuid().to_string();
    let callers = (0..CALLERS).map(|caller| {
        let (sessions, ids, client) = (Sessions::new(store.clone()), ids.clone(), client.clone());
        tokio::spawn(async move {
            for id in ids.iter().skip(caller).step_by(CALLERS) {
                let user = SystemEntropy.uuid().to_string().into();
                let mut session = UserSession::new(id.clone(), user, SessionKind::Online, now);
                session.set_note("AUTH_TIME", "1800000000");
                session.attach(ClientSession::new(&client, "openid email profile", now));
                session.expires_at = now.plus_secs(1800);
                let _ = sessions.record(&realm(), &session, now).await.unwrap();
            }
        })
    });
    join_all(callers).await;
}

/// As the refresh grant with `revokeRefreshToken` does.
async fn refresh(store: &Arc<dyn RecordStore>, ids: &Arc<[SessionId]>, count: usize) {
    let callers = (0..CALLERS).map(|caller| {
        let (sessions, ids) = (Sessions::new(store.clone()), ids.clone());
        tokio::spawn(async move {
            let family = SystemEntropy.uuid().to_string();
            for id in ids.iter().take(count).skip(caller).step_by(CALLERS) {
                let mut seen = sessions.find(&realm(), SessionKind::Online, id, at(60)).await.unwrap().unwrap();
                let jti = SystemEntropy.uuid().to_string();
                let presented = Presented { jti: &jti, issued_at: at(0), reuse_id: &family };
                seen.last_refresh = at(60);
                seen.expires_at = at(1860);
                seen.clients.first_mut().unwrap().use_refresh_token(presented, 0, at(60)).unwrap();
                let _ = sessions.replace(&realm(), &seen, at(60)).await.unwrap();
            }
        })
    });
    join_all(callers).await;
}

/// Sweeps everything while a caller logs in and out all the time, and gives its longest wait.
async fn expire(store: &Arc<dyn RecordStore>, now: Timestamp) {
    let sweeper = store.clone();
    let sweeping = tokio::spawn(async move {
        let started = Instant::now();
        let mut looked_at = 0;
        loop {
            let batch = sweeper.sweep(now, 1024).await.unwrap();
            looked_at += batch;
            if batch < 1024 {
                println!("swept {looked_at} in {:?}", started.elapsed());
                return;
            }
            tokio::task::yield_now().await;
        }
    });
    let sessions = Sessions::new(store.clone());
    let mut waits = Vec::new();
    while !sweeping.is_finished() {
        let id: SessionId = SystemEntropy.base64url(18).into();
        let session = UserSession::new(id.clone(), "ann".into(), SessionKind::Online, now);
        let begun = Instant::now();
        let _ = sessions.record(&realm(), &session, now).await.unwrap();
        sessions.find(&realm(), SessionKind::Online, &id, now).await.unwrap();
        sessions.remove(&realm(), SessionKind::Online, &id).await.unwrap();
        waits.push(begun.elapsed());
        tokio::task::yield_now().await;
    }
    waits.sort();
    let of = |share: f64| waits.get(((waits.len() - 1) as f64 * share) as usize).copied().unwrap_or_default();
    println!(
        "meanwhile login, find, logout: {} times, p50 {:?}, p99 {:?}, longest {:?}",
        waits.len(),
        of(0.5),
        of(0.99),
        of(1.0)
    );
}

async fn timed(what: &str, count: usize, work: impl Future<Output = ()>) {
    let (begun, cpu) = (Instant::now(), cpu());
    work.await;
    let took = begun.elapsed();
    let each = (self::cpu() - cpu) / u32::try_from(count).unwrap();
    println!("{what}: {:.0}/s, {each:?} CPU each", count as f64 / took.as_secs_f64());
}

async fn report(when: &str, store: &dyn RecordStore, idle: u64, count: usize) {
    let size = store.size().await.unwrap();
    let grown = rss().saturating_sub(idle);
    println!(
        "{when}: {} records, {} bytes of keys and values each; RSS {} MB more, {} bytes a session",
        size.records,
        size.bytes / size.records.max(1),
        grown >> 20,
        grown / count as u64
    );
}

/// Resident memory of this process.
fn rss() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4096
}

/// CPU time of this process, user and system, in the kernel's hundredths of a second.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> =
        stat.rsplit(')').next().unwrap_or_default().split(' ').map(|field| field.parse().unwrap_or_default()).collect();
    Duration::from_millis(fields.get(12..14).map_or(0, |times| times.iter().sum::<u64>() * 10))
}
