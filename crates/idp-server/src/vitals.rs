//! How the server is: what health and metrics ask.

use std::sync::Arc;

use ambient::{Clock, Timestamp};
use realm_model::Diagnostic;

use crate::lifecycle::{Lifecycle, Phase};
use crate::metrics::{Metrics, Reading};
use crate::wiring::Parts;

/// One line of a health answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) status: Status,
    /// What a person should know, by name.
    pub(crate) data: Vec<(String, String)>,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Up,
    Down,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "UP",
            Self::Down => "DOWN",
        }
    }
}

/// Shared by both ports.
pub(crate) struct Vitals {
    pub(crate) lifecycle: Arc<Lifecycle>,
    pub(crate) metrics: Metrics,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) started: Timestamp,
    pub(crate) parts: Parts,
}

impl Vitals {
    /// Whether requests should be sent here, by Keycloak's names of checks.
    pub(crate) async fn readiness(&self) -> Vec<Check> {
        let phase = self.lifecycle.phase();
        let reachable = self.parts.stores_are_reachable().await;
        let checks = [
            ("Keycloak database connections async health check", reachable),
            ("Graceful Shutdown", phase != Phase::Stopping),
            ("Keycloak Initialized", phase != Phase::Starting),
        ];
        let status = |up| if up { Status::Up } else { Status::Down };
        let mut judged: Vec<Check> =
            checks.into_iter().map(|(name, up)| Check { name, status: status(up), data: Vec::new() }).collect();
        judged.push(self.realm_files());
        judged
    }

    /// Up whatever they say: a broken file leaves in force what it said before.
    fn realm_files(&self) -> Check {
        let broken = self.parts.files.now().broken.into_iter();
        let told = |diagnostic: &Diagnostic| format!("{}:{}: {}", diagnostic.line, diagnostic.column, diagnostic.message);
        let data = broken.map(|(file, broken)| {
            let said = broken.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).map(told).collect::<Vec<_>>();
            (file, said.join("; "))
        });
        Check { name: "Realm files", status: Status::Up, data: data.collect() }
    }

    /// The text of `/metrics`.
    pub(crate) async fn exposition(&self) -> String {
        let (stored_records, stored_bytes) = self.parts.stored().await;
        let reading = Reading {
            active: self.lifecycle.in_flight(),
            hash_queue: self.parts.hash_pool.queue_length(),
            stored_records,
            stored_bytes,
            realms: self.parts.realms.count(),
            files: self.parts.files.now(),
            uptime_secs: self.clock.now().millis_since(self.started) / 1000,
        };
        self.metrics.text(reading).unwrap_or_default()
    }
}
