//! Where the crates meet: each gets what it needs, and its routes are mounted.

use std::sync::Arc;

use passwords::HashPool;
use realm_http::{Hostname, RealmHttp, Realms};

use crate::server::{Options, StartError};

/// Everything a request can meet.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) http: RealmHttp,
    pub(crate) hash_pool: Arc<HashPool>,
}

impl Parts {
    /// Whether the session store answers.
    pub(crate) async fn store_is_reachable(&self) -> bool {
        true
    }

    /// Records and bytes in the session store; zero where it does not tell.
    pub(crate) async fn stored(&self) -> (u64, u64) {
        (0, 0)
    }

    /// Makes sessions durable; to be called once, at the end.
    pub(crate) async fn shutdown(&self) {}

    /// Realms being served.
    pub(crate) fn realm_count(&self) -> usize {
        0
    }
}

struct NoRealms;

impl Realms for NoRealms {
    fn realm(&self, _: &str) -> Option<Arc<realm_model::Realm>> {
        None
    }
}

/// Builds the parts.
pub(crate) async fn assemble(options: &Options) -> Result<Parts, StartError> {
    let hostname = Hostname::new(&options.settings.hostname)?;
    let http = RealmHttp {
        realms: Arc::new(NoRealms),
        hostname: Arc::new(hostname),
        clock: Arc::clone(&options.clock),
        entropy: Arc::clone(&options.entropy),
    };
    Ok(Parts { http, hash_pool: Arc::new(HashPool::new(&passwords::Config::default())) })
}
