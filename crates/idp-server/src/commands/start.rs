//! `start-dev` and `start`: serves until a signal comes.

use std::process::ExitCode;

use ambient::{Clock, SystemClock};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{Plan, Profile};
use crate::server::{Options, Running, Server, StartError};

/// Serves until SIGTERM or SIGINT, then stops in order.
pub(super) async fn start(plan: &Plan) -> ExitCode {
    let began = SystemClock.now();
    let running = match Server::start(Options::new(plan.settings.clone())).await {
        Ok(running) => running,
        Err(error) => {
            log::error!(target: "latchkey", "not started: {error}");
            tell_all(&error);
            return ExitCode::FAILURE;
        }
    };
    let millis = SystemClock.now().millis_since(began);
    log::info!(target: "latchkey", "{}", ready_line(&running, millis));
    if plan.settings.profile == Profile::Development {
        log::info!(target: "latchkey", "Running in development mode; use `latchkey start` in production.");
    }
    let name = wait_for_signal().await;
    log::info!(target: "latchkey", "{name}: finishing requests in flight");
    running.stop().await;
    log::info!(target: "latchkey", "stopped in {}ms", SystemClock.now().millis_since(began));
    ExitCode::SUCCESS
}

/// The line that test containers wait for: `.*Keycloak.*started.*Listening on: …. Management interface listening on ….`
fn ready_line(running: &Running, millis: i64) -> String {
    let (main, management) = running.listening();
    let management = management.map(|url| format!(" Management interface listening on {url}.")).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "Keycloak-compatible Latchkey {version} started in {}.{:03}s. Listening on: {}.{management}",
        millis / 1000,
        millis % 1000,
        main.join(" and "),
    )
}

fn tell_all(_error: &StartError) {}

async fn wait_for_signal() -> &'static str {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        log::error!("signals cannot be received: the server can only be killed");
        std::future::pending::<()>().await;
        return "";
    };
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}
