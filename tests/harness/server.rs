//! Latchkey in this process, on a free port, with a clock that only the test moves.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use ambient::{Clock, ManualClock, Timestamp};
use idp_server::cli::Settings;
use idp_server::{Options, Server};
use tokio::sync::oneshot;

use super::replayer::Time;
use super::tests;

/// 2026-06-01T00:00:00Z, before any `notBefore` of the realm files that lies ahead.
const START: i64 = 1_780_272_000;

/// A server that ends with its value.
pub struct TestServer {
    /// `http://127.0.0.1:port`.
    pub origin: String,
    /// `127.0.0.1:port` of the management port, where the settings have one.
    pub management: Option<String>,
    pub clock: Arc<ManualClock>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    /// With all realm files of the recordings.
    pub fn with_recorded_realms() -> Self {
        Self::with_realms(recorded_realms())
    }

    /// With these realm files; sessions in memory.
    pub fn with_realms(realms: Vec<PathBuf>) -> Self {
        Self::start(Options::in_memory(realms))
    }

    /// With all realm files of the recordings; sessions behind this URL.
    pub fn with_sessions(url: &str) -> Self {
        let mut options = Options::in_memory(recorded_realms());
        url.clone_into(&mut options.settings.sessions);
        Self::start(options)
    }

    /// With these realm files; sessions and keys in this folder.
    pub fn with_data(realms: Vec<PathBuf>, data: &Path) -> Self {
        Self::with_settings(realms, |settings| {
            "embedded".clone_into(&mut settings.sessions);
            data.clone_into(&mut settings.data);
        })
    }

    /// With these realm files and whatever else `change` sets.
    pub fn with_settings(realms: Vec<PathBuf>, change: impl FnOnce(&mut Settings)) -> Self {
        let mut options = Options::in_memory(realms);
        change(&mut options.settings);
        Self::start(options)
    }

    /// With the defaults of tests and whatever else `change` sets.
    pub fn with_options(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::in_memory(Vec::new());
        change(&mut options);
        Self::start(options)
    }

    fn start(mut options: Options) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(START)));
        options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        let (stop, stopped) = oneshot::channel();
        let (ready, when_ready) = mpsc::channel();
        let serve = async move {
            let running = Server::start(options).await.unwrap_or_else(|error| panic!("the server does not start: {error}"));
            ready.send((running.address().unwrap(), running.management_address())).unwrap();
            let _ = stopped.await;
            running.stop().await;
        };
        let thread = std::thread::spawn(|| actix_web::rt::System::new().block_on(serve));
        let (address, management) = when_ready.recv().unwrap_or_else(|_| panic!("the server ended before it was ready"));
        let management = management.map(|address| address.to_string());
        Self { origin: format!("http://{address}"), management, clock, stop: Some(stop), thread: Some(thread) }
    }

    /// `127.0.0.1:port`.
    pub fn host(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            ended.unwrap().unwrap();
        }
    }
}

impl Time for ManualClock {
    fn now(&self) -> i64 {
        Clock::now(self).secs()
    }

    fn pass(&self, millis: i64) {
        self.advance_millis(millis);
    }
}

/// The realm files that the recorded Keycloak had imported.
pub fn recorded_realms() -> Vec<PathBuf> {
    let files = std::fs::read_dir(tests("keycloak/realms")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "json")).collect();
    files.sort();
    files
}
