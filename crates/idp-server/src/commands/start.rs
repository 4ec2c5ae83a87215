//! `start-dev` and `start`: serves until a signal comes.

use std::process::ExitCode;

use ambient::{Clock, SystemClock, Timestamp};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::{Invocation, Plan, Profile};
use crate::demo;
use crate::server::{Options, Running, Server};

/// Serves until SIGTERM or SIGINT, then stops in order.
pub(super) async fn start(plan: &Plan, invocation: &Invocation, began: Timestamp) -> ExitCode {
    let (mut terminate, mut interrupt) = match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("latchkey: signals cannot be received: {error}");
            return ExitCode::FAILURE;
        }
    };
    let options = Options { environment: invocation.environment.clone(), ..Options::new(plan.settings.clone()) };
    let running = match Server::start(options).await {
        Ok(running) => running,
        Err(error) => {
            eprintln!("latchkey: {error}");
            return ExitCode::FAILURE;
        }
    };
    log::info!(target: "latchkey", "{}", ready_line(&running, SystemClock.now().millis_since(began)));
    if plan.settings.profile == Profile::Development {
        log::info!(target: "latchkey", "Running the server in development mode. DO NOT use this configuration in production.");
        for line in demo::lines(&running, &plan.settings, &invocation.environment) {
            log::info!(target: "latchkey", "{line}");
        }
    }
    reload_on_hangup(&running);
    let name = first_of(&mut terminate, &mut interrupt).await;
    let asked = SystemClock.now();
    log::info!(target: "latchkey", "{name}: finishing requests in flight");
    tokio::select! {
        () = running.stop() => {}
        name = first_of(&mut terminate, &mut interrupt) => {
            log::warn!(target: "latchkey", "{name} again: not waiting any longer");
            return ExitCode::FAILURE;
        }
    }
    log::info!(target: "latchkey", "Keycloak-compatible Latchkey stopped in {}ms", SystemClock.now().millis_since(asked));
    ExitCode::SUCCESS
}

/// SIGHUP makes the server look at all realm files at once.
fn reload_on_hangup(running: &Running) {
    let reload = running.reload();
    match signal(SignalKind::hangup()) {
        Ok(mut hangup) => {
            tokio::spawn(async move {
                while hangup.recv().await.is_some() {
                    log::info!(target: "latchkey", "SIGHUP: looking at all realm files");
                    reload.notify_one();
                }
            });
        }
        Err(error) => log::warn!(target: "latchkey", "SIGHUP has no effect: {error}"),
    }
}

async fn first_of(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}

/// The line that test containers wait for: `.*Keycloak.*started.*Listening on: …. Management interface listening on ….`
fn ready_line(running: &Running, millis: i64) -> String {
    let (main, management) = running.listening();
    let management = management.map(|url| format!(" Management interface listening on {url}.")).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let (secs, millis, main) = (millis / 1000, millis % 1000, main.join(" and "));
    format!("Keycloak-compatible Latchkey {version} started in {secs}.{millis:03}s. Listening on: {main}.{management}")
}
