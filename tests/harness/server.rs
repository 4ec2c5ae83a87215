//! Latchkey in this process, on a free port, with a clock that only the test moves.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use ambient::{Clock, ManualClock, SeededEntropy, Timestamp};
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
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(START)));
        let mut options = Options::in_memory(realms);
        options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        options.entropy = Arc::new(SeededEntropy::new(7));
        let (stop, stopped) = oneshot::channel();
        let (ready, when_ready) = mpsc::channel();
        let serve = async move {
            let running = Server::start(options).await.unwrap_or_else(|error| panic!("the server does not start: {error}"));
            ready.send(running.address().unwrap()).unwrap();
            let _ = stopped.await;
            running.stop().await;
        };
        let thread = std::thread::spawn(|| actix_web::rt::System::new().block_on(serve));
        let address = when_ready.recv().unwrap_or_else(|_| panic!("the server ended before it was ready"));
        Self { origin: format!("http://{address}"), clock, stop: Some(stop), thread: Some(thread) }
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
