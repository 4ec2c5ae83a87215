//! Records in Redis, shared by all nodes.
//!
//! One record is one string, `latchkey:KIND:REALM:ID`; every verb on it is one command or, to compare and swap, one script on
//! that single key. Which records a user owns stands in a sorted set beside it, written *before* the record: it may name what is
//! gone, never lack what is there. So no verb needs two keys to move together, and the keys of a cluster need no hash tags.
//! The time to live is garbage collection, with a margin for clocks that differ; expiry is judged by `expires_at` in the record.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use ::redis::cluster::ClusterClient;
use ::redis::cluster_async::ClusterConnection;
use ::redis::{Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisFuture, RedisResult, Script, Value, cmd};
use ambient::Timestamp;
use async_trait::async_trait;
use futures_util::future::{join_all, try_join};
use oidc_types::RealmName;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::settings::without_credentials;
use crate::stored_form::{MARGIN, decode, encode, indexed_until, ttl};
use crate::{Inserted, Record, RecordKey, RecordKind, RecordStore, Replaced, StoreError, StoreSize, Stored, Version};

/// How long a verb waits for Redis.
const PATIENCE: Duration = Duration::from_millis(1800);

/// How long a connection may take to come about; more than one try fits into the patience.
const CONNECT: Duration = Duration::from_millis(800);

/// Rounds of an insertion against a record that others insert and remove.
const ROUNDS: usize = 16;

/// Every so many records of an owner the index is cleared of those that are gone.
const PRUNE_FROM: u64 = 64;

/// Compare and swap on the layout of `stored_form`. ARGV: version seen, now, new record (empty: remove), time to live in ms
/// (empty: none), whether the owner's index was extended for it (else empty; then 3 asks for that and nothing changed).
const REPLACE: &str = r"
local v, a = redis.call('GET', KEYS[1]), ARGV[3]
if not v or tonumber(string.sub(v, 10, 28)) <= tonumber(ARGV[2]) then return 0 end
if string.sub(v, 2, 9) ~= ARGV[1] then return 1 end
if a == '' then redis.call('DEL', KEYS[1]) return 2 end
if ARGV[5] == '' then
  local indexed = string.sub(v, 29, 47)
  if tonumber(string.sub(a, 10, 28)) > tonumber(indexed) then return 3 end
  a = string.sub(a, 1, 28) .. indexed .. string.sub(a, 48)
end
if ARGV[4] == '' then redis.call('SET', KEYS[1], a) else redis.call('SET', KEYS[1], a, 'PX', ARGV[4]) end
return 2";

/// Adds to the index of an owner and lets it live as long as its longest record. ARGV: now, id, time to live (empty: none).
const INDEX: &str = r"
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
local n = redis.call('ZCARD', KEYS[1])
if ARGV[3] == '' then redis.call('PERSIST', KEYS[1])
else
  local t = redis.call('PTTL', KEYS[1])
  if n == 1 or (t >= 0 and t < tonumber(ARGV[3])) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
end
return n";

/// Records in one Redis or a Redis Cluster.
pub struct Redis {
    link: Link,
    /// Hosts and ports, for errors.
    place: String,
    /// Begins anywhere, so that no two nodes ever give the same version to one key.
    versions: AtomicU64,
    replace: Script,
    index: Script,
}

enum Link {
    One(ConnectionManager),
    /// Connected at the first use that succeeds; it then finds the nodes again by itself.
    Cluster(Box<ClusterClient>, Mutex<Option<ClusterConnection>>),
}

/// A connection of either sort.
enum Connection {
    One(ConnectionManager),
    Cluster(ClusterConnection),
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(&'a mut self, pipeline: &'a Pipeline, offset: usize, count: usize) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

impl Redis {
    /// Over one URL, or several as nodes of a cluster. Does not wait for Redis: it is connected when it is there. To be called
    /// within the runtime that is to drive the connection.
    pub fn open(urls: &[String]) -> Result<Self, StoreError> {
        let place = urls.iter().map(|url| without_credentials(url)).collect::<Vec<_>>().join(",");
        let unreadable = |error: RedisError| StoreError::Setting(format!("{place}: {}", error.category()));
        let link = match urls {
            [url] => {
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(1)
                    .set_connection_timeout(Some(CONNECT))
                    .set_response_timeout(Some(PATIENCE));
                let client = Client::open(url.as_str()).map_err(unreadable)?;
                Link::One(ConnectionManager::new_lazy_with_config(client, config).map_err(unreadable)?)
            }
            urls => {
                let builder = ClusterClient::builder(urls.iter().map(String::as_str));
                let builder = builder.retries(3).connection_timeout(CONNECT).response_timeout(PATIENCE);
                Link::Cluster(Box::new(builder.build().map_err(unreadable)?), Mutex::new(None))
            }
        };
        let versions = AtomicU64::new(RandomState::new().hash_one(0));
        Ok(Self { link, place, versions, replace: Script::new(REPLACE), index: Script::new(INDEX) })
    }

    async fn connection(&self) -> RedisResult<Connection> {
        match &self.link {
            Link::One(manager) => Ok(Connection::One(manager.clone())),
            Link::Cluster(client, connected) => {
                let mut connected = connected.lock().await;
                if let Some(connection) = &*connected {
                    return Ok(Connection::Cluster(connection.clone()));
                }
                let connection = client.get_async_connection().await?;
                *connected = Some(connection.clone());
                Ok(Connection::Cluster(connection))
            }
        }
    }

    /// Sends one command.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        self.patiently(async { command.query_async(&mut self.connection().await?).await }).await
    }

    async fn patiently<T>(&self, answer: impl Future<Output = RedisResult<T>>) -> Result<T, StoreError> {
        match timeout(PATIENCE, answer).await {
            Ok(answer) => answer.map_err(|error| self.failed(&error)),
            Err(_) => Err(StoreError::Unavailable { place: self.place.clone(), fact: "no answer in time".into() }),
        }
    }

    /// Codes, and words of the operating system; never what was sent or received.
    fn failed(&self, error: &RedisError) -> StoreError {
        let place = self.place.clone();
        let fact = match (error.code(), error.kind()) {
            (Some(code), _) => code.to_owned(),
            (None, ErrorKind::Io | ErrorKind::Client) => error.to_string(),
            (None, _) => error.category().to_owned(),
        };
        let refused = matches!(error.kind(), ErrorKind::AuthenticationFailed | ErrorKind::UnexpectedReturnType)
            || matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "NOPERM" | "OOM" | "READONLY" | "WRONGTYPE" | "ERR"));
        if refused { StoreError::Refused { place, fact } } else { StoreError::Unavailable { place, fact } }
    }

    fn encode(&self, record: &Record, indexed_until: Timestamp) -> Vec<u8> {
        encode(record, self.versions.fetch_add(1, Ordering::Relaxed), indexed_until)
    }

    /// Notes `key` in the index of its owner, to last until `until`; and now and then clears it.
    async fn add_to_index(&self, key: &RecordKey, owner: &str, until: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let index = index_name(key.kind, &key.realm, owner);
        let mut call = self.index.key(&index);
        call.arg(now.millis()).arg(&*key.id).arg(ttl(until, now));
        let count: u64 = self.patiently(async { call.invoke_async(&mut self.connection().await?).await }).await?;
        // At powers of two, so that a user with very many sessions does not pay for all of them at every 64th login.
        if count >= PRUNE_FROM && count.is_power_of_two() {
            self.of_owner(key.kind, &key.realm, owner, now).await?;
        }
        Ok(())
    }

    async fn drop_from_index(&self, key: &RecordKey, owner: &str) -> Result<(), StoreError> {
        self.ask::<()>(cmd("ZREM").arg(index_name(key.kind, &key.realm, owner)).arg(&*key.id)).await
    }

    async fn swap(&self, name: &str, seen: Version, new: New<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        let mut call = self.replace.key(name);
        call.arg(&seen.0.to_be_bytes()).arg(now.millis()).arg(new.bytes).arg(new.ttl).arg(new.indexed);
        let outcome: u8 = self.patiently(async { call.invoke_async(&mut self.connection().await?).await }).await?;
        Ok(match outcome {
            0 => Swapped::Ended(Replaced::Absent),
            1 => Swapped::Ended(Replaced::Lost),
            2 => Swapped::Ended(Replaced::Done),
            _ => Swapped::IndexTooShort,
        })
    }

    /// `SET … NX`; where a record stands that is over by the caller's clock, swaps it.
    async fn put_new(&self, name: &str, new: New<'_>, now: Timestamp) -> Result<Inserted, StoreError> {
        let mut set = cmd("SET");
        set.arg(name).arg(new.bytes).arg("NX");
        if !new.ttl.is_empty() {
            set.arg("PX").arg(new.ttl);
        }
        for _ in 0..ROUNDS {
            if self.ask::<Option<String>>(&set).await?.is_some() {
                return Ok(Inserted::Done);
            }
            let Some(present) = self.ask::<Option<Vec<u8>>>(cmd("GET").arg(name)).await? else { continue };
            let present = decode(&present)?;
            if present.record.expires_at > now {
                return Ok(Inserted::Exists);
            }
            // Judged at a time when the old record still was: only its version counts.
            let before = present.record.expires_at.plus_millis(-1);
            if matches!(self.swap(name, present.version, new, before).await?, Swapped::Ended(Replaced::Done)) {
                return Ok(Inserted::Done);
            }
        }
        Err(StoreError::Contended { what: "record in Redis" })
    }

    async fn get_all(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        match &self.link {
            Link::One(_) => self.ask(cmd("MGET").arg(names)).await,
            Link::Cluster(..) => {
                let gets = names.iter().map(|name| async move { self.ask(cmd("GET").arg(name)).await });
                join_all(gets).await.into_iter().collect()
            }
        }
    }
}

#[async_trait]
impl RecordStore for Redis {
    async fn insert(&self, key: &RecordKey, record: Record, now: Timestamp) -> Result<Inserted, StoreError> {
        let until = indexed_until(&record, now);
        let (bytes, ttl, name) = (self.encode(&record, until), ttl(record.expires_at, now), name(key));
        let put = self.put_new(&name, New { bytes: &bytes, ttl: &ttl, indexed: "1" }, now);
        match &record.owner {
            None => put.await,
            // Both are on their way at once, the index ahead; only together do they count as done.
            Some(owner) => Ok(try_join(self.add_to_index(key, owner, until, now), put).await?.1),
        }
    }

    async fn find(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Stored>, StoreError> {
        let Some(bytes) = self.ask::<Option<Vec<u8>>>(cmd("GET").arg(name(key))).await? else { return Ok(None) };
        Ok(Some(decode(&bytes)?).filter(|stored| stored.record.expires_at > now))
    }

    async fn replace(&self, key: &RecordKey, seen: Version, record: Record, now: Timestamp) -> Result<Replaced, StoreError> {
        let until = indexed_until(&record, now);
        let (ttl, name) = (ttl(record.expires_at, now), name(key));
        let bytes = if record.expires_at > now { self.encode(&record, until) } else { Vec::new() };
        let mut indexed = "";
        for _ in 0..2 {
            if let Swapped::Ended(replaced) = self.swap(&name, seen, New { bytes: &bytes, ttl: &ttl, indexed }, now).await? {
                return Ok(replaced);
            }
            if let Some(owner) = &record.owner {
                self.add_to_index(key, owner, until, now).await?;
            }
            indexed = "1";
        }
        Ok(Replaced::Lost)
    }

    async fn take(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let Some(bytes) = self.ask::<Option<Vec<u8>>>(cmd("GETDEL").arg(name(key))).await? else { return Ok(None) };
        let record = decode(&bytes)?.record;
        if let Some(owner) = &record.owner {
            self.drop_from_index(key, owner).await?;
        }
        Ok(Some(record).filter(|record| record.expires_at > now))
    }

    async fn remove(&self, key: &RecordKey) -> Result<bool, StoreError> {
        let Some(bytes) = self.ask::<Option<Vec<u8>>>(cmd("GETDEL").arg(name(key))).await? else { return Ok(false) };
        if let Ok(stored) = decode(&bytes)
            && let Some(owner) = &stored.record.owner
        {
            self.drop_from_index(key, owner).await?;
        }
        Ok(true)
    }

    async fn of_owner(
        &self,
        kind: RecordKind,
        realm: &RealmName,
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<(RecordKey, Stored)>, StoreError> {
        let index = index_name(kind, realm, owner);
        let named: Vec<(String, f64)> = self.ask(cmd("ZRANGE").arg(&index).arg(0).arg(-1).arg("WITHSCORES")).await?;
        let mut found = Vec::with_capacity(named.len());
        let mut gone = Vec::new();
        for part in named.chunks(256) {
            let keys: Vec<_> = part.iter().map(|(id, _)| RecordKey::new(kind, realm, id)).collect();
            let names: Vec<_> = keys.iter().map(name).collect();
            for ((key, bytes), (id, noted)) in keys.into_iter().zip(self.get_all(&names).await?).zip(part) {
                match bytes.as_deref().map(decode).transpose()? {
                    // A record follows its note within the patience of its writer: one noted a minute ago is gone for good.
                    None if *noted < (now.millis() - MARGIN) as f64 => gone.push(id),
                    None => {}
                    Some(decoded) => {
                        let record = &decoded.record;
                        if record.owner.as_deref() == Some(owner) && record.expires_at > now {
                            found.push((key, decoded));
                        }
                    }
                }
            }
        }
        if !gone.is_empty() {
            self.ask::<()>(cmd("ZREM").arg(&index).arg(gone)).await?;
        }
        Ok(found)
    }

    async fn sweep(&self, _: Timestamp, _: usize) -> Result<usize, StoreError> {
        Ok(0)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.ask::<String>(&cmd("PING")).await.map(drop)
    }

    /// All keys of the database, whoever's.
    async fn size(&self) -> Result<StoreSize, StoreError> {
        Ok(StoreSize { records: self.ask(&cmd("DBSIZE")).await?, bytes: 0 })
    }

    async fn shutdown(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A record on its way: its bytes (none: remove), its time to live, whether the index of its owner lasts as long.
#[derive(Clone, Copy)]
struct New<'a> {
    bytes: &'a [u8],
    ttl: &'a str,
    indexed: &'static str,
}

enum Swapped {
    Ended(Replaced),
    IndexTooShort,
}

/// The realm escaped, so that no realm and id together read like another pair.
fn name(key: &RecordKey) -> String {
    format!("latchkey:{}:{}:{}", key.kind.as_str(), escaped(&key.realm), key.id)
}

fn index_name(kind: RecordKind, realm: &RealmName, owner: &str) -> String {
    format!("latchkey:of-{}:{}:{owner}", kind.as_str(), escaped(realm))
}

fn escaped(realm: &RealmName) -> String {
    realm.as_str().replace('%', "%25").replace(':', "%3A")
}

#[cfg(test)]
mod tests;
