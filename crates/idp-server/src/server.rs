//! A server as a value: started with [`Options`], stopped with [`Running::stop`].

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Clock, Entropy, SystemClock, SystemEntropy};
use realm_http::HostnameError;
use sessions::StoreError;
use thiserror::Error;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::cli::Settings;
use crate::http::{Addresses, ListenError, Served, serve};
use crate::lifecycle::Lifecycle;
use crate::metrics::Metrics;
use crate::realms::Wrong;
use crate::vitals::Vitals;
use crate::wiring;

/// With what to start.
#[derive(Clone)]
pub struct Options {
    /// The configuration.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Variables that realm files may name as `${VARIABLE}`.
    pub environment: Vec<(String, String)>,
    /// Threads that answer requests; 0 is one for each core.
    pub workers: usize,
}

impl Options {
    /// With the machine's clock and randomness.
    pub fn new(settings: Settings) -> Self {
        Self { settings, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), environment: Vec::new(), workers: 0 }
    }

    /// For tests: these realm files on a free port of this machine, nothing kept, one worker, no management port.
    pub fn in_memory(realms: Vec<PathBuf>) -> Self {
        Self { workers: 1, ..Self::new(Settings { realms, ..Settings::default() }) }
    }
}

/// Why the server does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A port cannot be served.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// A URL among the options.
    #[error(transparent)]
    Hostname(#[from] HostnameError),
    /// How others are called.
    #[error(transparent)]
    Outbound(#[from] outbound_http::ConfigError),
    /// The pages of logins.
    #[error(transparent)]
    Pages(#[from] login_pages::LoadError),
    /// Realm files.
    #[error("{0}")]
    Realms(Wrong),
    /// `--import-realm`.
    #[error("import: {0}")]
    Import(#[from] realm_files::ImportError),
    /// `start` with secrets of the examples.
    #[error("these secrets stand in every example, so they protect nothing: {0}; give others, or use start-dev")]
    DemoSecrets(String),
    /// PostgreSQL.
    #[error("realms and users (--db): {0}")]
    Postgres(#[from] realm_store::OpenError),
    /// The session store.
    #[error(transparent)]
    Sessions(#[from] StoreError),
    /// The store of realms and users.
    #[error("realms and users (--db): {0}")]
    Database(#[from] realm_store::StoreError),
    /// The lists of policy `passwordBlacklist`.
    #[error("password-blacklists in the data folder (--data): {0}")]
    PasswordLists(std::io::Error),
    /// The data folder.
    #[error("cannot make the data folder {0} (--data, LATCHKEY_DATA): {1}")]
    Data(PathBuf, std::io::Error),
}

/// Starts servers.
#[derive(Clone, Copy, Debug)]
pub struct Server;

impl Server {
    /// Reads the realms, opens the store, listens. When it returns, requests are answered.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let started = options.clock.now();
        let parts = wiring::assemble(&options).await?;
        let lifecycle = Arc::new(Lifecycle::default());
        let clock = Arc::clone(&options.clock);
        let vitals = Arc::new(Vitals { lifecycle, metrics: Metrics::default(), clock, started, parts });
        let served = serve(&options.settings, options.workers, &vitals)?;
        let background = vitals.parts.start_background(options.settings.data.clone());
        vitals.lifecycle.become_ready();
        Ok(Running { served, vitals, background, settings: options.settings })
    }
}

/// A server that answers requests.
pub struct Running {
    served: Served,
    pub(crate) vitals: Arc<Vitals>,
    background: Vec<JoinHandle<()>>,
    settings: Settings,
}

impl Running {
    /// Where the main port listens: plain HTTP if there is any, else HTTPS.
    pub fn address(&self) -> Option<SocketAddr> {
        let Addresses { http, https, .. } = &self.served.addresses;
        http.first().or(https.first()).copied()
    }

    /// Where the management port listens.
    pub fn management_address(&self) -> Option<SocketAddr> {
        self.served.addresses.management.first().copied()
    }

    /// The base URLs it listens on: those of the main port, then that of the management port.
    pub fn listening(&self) -> (Vec<String>, Option<String>) {
        let Addresses { http, https, management, management_tls } = &self.served.addresses;
        let url = |scheme: &str, address: &SocketAddr| format!("{scheme}://{address}");
        let main = http.iter().map(|a| url("http", a)).chain(https.iter().map(|a| url("https", a))).collect();
        let scheme = if *management_tls { "https" } else { "http" };
        (main, management.first().map(|a| url(scheme, a)))
    }

    /// Notify it, and the server looks at all realm files at once.
    pub fn reload(&self) -> Arc<Notify> {
        Arc::clone(&self.vitals.parts.reload)
    }

    /// Says DOWN for the configured delay, stops accepting, lets requests in flight finish within the configured time, makes
    /// sessions durable.
    pub async fn stop(self) {
        let lifecycle = &self.vitals.lifecycle;
        lifecycle.begin_stopping();
        tokio::time::sleep(self.settings.shutdown_delay).await;
        self.served.stop_accepting().await;
        let idle = async {
            while lifecycle.in_flight() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        if tokio::time::timeout(self.settings.shutdown_timeout, idle).await.is_err() {
            log::warn!("{} requests did not finish within {:?}", lifecycle.in_flight(), self.settings.shutdown_timeout);
        }
        tokio::time::sleep(LAST_BYTES).await;
        self.served.close().await;
        self.vitals.parts.events.flush().await;
        self.background.iter().for_each(JoinHandle::abort);
        self.vitals.parts.shutdown().await;
    }
}

/// An answer that is ready may still be on its way into the socket.
const LAST_BYTES: Duration = Duration::from_millis(50);
