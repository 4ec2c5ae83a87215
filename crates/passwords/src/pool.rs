mod queue;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use ambient::Entropy;
use oidc_types::Secret;
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::argon2::Memory;
use crate::credential::PasswordCredential;
use crate::policy::HashPolicy;
use queue::{Queue, Work};

/// Sizes of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Threads that hash; 0 is one for each core. Each keeps the memory of one Argon2 hash (7 MiB by Keycloak's default) while busy.
    pub threads: usize,
    /// Jobs that may wait for a thread; one more is refused. At least 1.
    pub queue: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { threads: 0, queue: 1024 }
    }
}

/// Too many passwords wait already: answer 503 with `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are waiting to be hashed")]
pub struct PoolFull;

/// Threads that do nothing but hash, and a bounded queue before them. A future that is dropped takes its job out of the queue.
#[derive(Debug)]
pub struct HashPool {
    queue: Arc<Queue>,
}

impl HashPool {
    /// Starts the threads. They end when the pool is dropped.
    pub fn new(config: &Config) -> Self {
        let threads = match config.threads {
            0 => thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let queue = Arc::new(Queue::new(config.queue.max(1)));
        let started = (0..threads).filter(|_| start(&queue)).count();
        if started == 0 {
            queue.close(); // then every call is refused instead of waiting for ever
        }
        Self { queue }
    }

    /// Whether `password` is that of `credential`. `None` stands for an unknown user or one without a password: it costs what a
    /// hash by `policy` costs and is `false`.
    ///
    /// # Errors
    /// The queue is full.
    pub async fn verify(
        &self,
        credential: Option<Arc<PasswordCredential>>,
        password: Secret<String>,
        policy: &HashPolicy,
    ) -> Result<bool, PoolFull> {
        let known = credential.is_some();
        let credential = credential.unwrap_or_else(|| Arc::new(PasswordCredential::decoy(policy)));
        let (answer, result) = oneshot::channel();
        self.queue.push(Work::Verify { credential, password, answer })?;
        Ok(result.await.map_err(|_| PoolFull)? && known)
    }

    /// Hashes a new password, as [`hash`](crate::hash) does.
    ///
    /// # Errors
    /// The queue is full.
    pub async fn hash(
        &self,
        password: Secret<String>,
        policy: &HashPolicy,
        entropy: Arc<dyn Entropy>,
    ) -> Result<PasswordCredential, PoolFull> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let (answer, result) = oneshot::channel();
        self.queue.push(Work::Hash { salt, policy: *policy, password, answer })?;
        result.await.map_err(|_| PoolFull)
    }

    /// Jobs that wait for a thread.
    pub fn queue_length(&self) -> usize {
        self.queue.len()
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

fn start(queue: &Arc<Queue>) -> bool {
    let queue = Arc::clone(queue);
    thread::Builder::new().name("password-hash".to_owned()).spawn(move || run(&queue)).is_ok()
}

fn run(queue: &Queue) {
    let mut memory = Memory::default();
    while let Some(work) = queue.next(&mut memory) {
        // one bad job must not cost a thread; whoever waits for it learns that it came to nothing
        if catch_unwind(AssertUnwindSafe(|| work.run(&mut memory))).is_err() {
            memory.release();
        }
    }
}

#[cfg(test)]
mod tests;
