//! Binding the ports, and serving on them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use thiserror::Error;
use tokio::task::JoinHandle;

use super::{health, management, observe, routes};
use crate::cli::{Management, Settings};
use crate::tls::{Acceptor, TlsError, acceptor, ask_for_certificates, peer_certificate};
use crate::vitals::Vitals;

/// A client that sends the head of a request more slowly is cut off.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// An idle connection is kept this long; above the 60 s of usual reverse proxies, so that they close first.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Connections that wait to be accepted.
const BACKLOG: u32 = 2048;

/// Why a port cannot be served.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The address is taken, not this machine's, or not allowed.
    #[error("cannot listen on {address} ({option}): {source}")]
    Bind {
        /// As it was asked for.
        address: String,
        /// The option that decides it.
        option: &'static str,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Where the server listens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) http: Vec<SocketAddr>,
    pub(crate) https: Vec<SocketAddr>,
    pub(crate) management: Vec<SocketAddr>,
    pub(crate) management_tls: bool,
}

/// Both ports, being served.
pub(crate) struct Served {
    pub(crate) addresses: Addresses,
    main: ServerHandle,
    management: Option<ServerHandle>,
    tasks: Vec<JoinHandle<std::io::Result<()>>>,
}

/// Binds and serves what `settings` ask for.
///
/// # Errors
/// See [`ListenError`].
pub(crate) fn serve(settings: &Settings, workers: usize, vitals: &Arc<Vitals>) -> Result<Served, ListenError> {
    let vitals = Data::from(Arc::clone(vitals));
    let (main, mut addresses) = main_port(settings, workers, &vitals)?;
    let management = match &settings.management {
        Some(management) => Some(management_port(settings, management, &vitals, &mut addresses)?),
        None => None,
    };
    let handles = (main.handle(), management.as_ref().map(Server::handle));
    let tasks = std::iter::once(main).chain(management).map(tokio::spawn).collect();
    Ok(Served { addresses, main: handles.0, management: handles.1, tasks })
}

fn main_port(settings: &Settings, workers: usize, vitals: &Data<Vitals>) -> Result<(Server, Addresses), ListenError> {
    let (data, health) = (vitals.clone(), settings.health);
    let app = move || {
        let vitals = data.clone();
        App::new()
            .wrap(from_fn(realm_http::http::front_door))
            .wrap(from_fn(observe::observe))
            .app_data(vitals.clone())
            .configure(|cfg| {
                if health {
                    health::routes(cfg);
                }
            })
            .configure(|cfg| routes::routes(cfg, &vitals.parts))
    };
    let mut server = HttpServer::new(app)
        .on_connect(|connection, data| {
            if let Some(certificate) = peer_certificate(connection) {
                data.insert(certificate);
            }
        })
        .backlog(BACKLOG)
        .client_request_timeout(HEAD_WITHIN)
        .keep_alive(KEEP_ALIVE)
        .disable_signals()
        .shutdown_timeout(settings.shutdown_timeout.as_secs());
    if workers > 0 {
        server = server.workers(workers);
    }
    let mut addresses = Addresses::default();
    if let Some(address) = &settings.http {
        server = server.bind(address).map_err(told(address, "http-host, http-port"))?;
        addresses.http = server.addrs();
    }
    if let Some(https) = &settings.https {
        let mut acceptor = acceptor(&https.certificate, &https.key)?;
        ask_for_certificates(&mut acceptor, https.client_certificates, &https.trust)?;
        let bound = server.bind_openssl(&https.address, acceptor);
        server = bound.map_err(told(&https.address, "http-host, https-port"))?;
        addresses.https = server.addrs().split_off(addresses.http.len());
    }
    Ok((server.run(), addresses))
}

fn management_port(
    settings: &Settings,
    management: &Management,
    vitals: &Data<Vitals>,
    addresses: &mut Addresses,
) -> Result<Server, ListenError> {
    let (data, routes) = (vitals.clone(), management.clone());
    let app = move || {
        let routes = routes.clone();
        App::new().app_data(data.clone()).configure(move |cfg| management::routes(cfg, &routes))
    };
    let server = HttpServer::new(app).workers(1).client_request_timeout(HEAD_WITHIN).disable_signals();
    let address = &management.address;
    let tls: Option<Acceptor> = match settings.https.as_ref().filter(|_| management.tls) {
        Some(https) => Some(acceptor(&https.certificate, &https.key)?),
        None => None,
    };
    addresses.management_tls = tls.is_some();
    let bound = match tls {
        Some(acceptor) => server.bind_openssl(address, acceptor),
        None => server.bind(address),
    };
    let server = bound.map_err(told(address, "http-management-host, http-management-port"))?;
    addresses.management = server.addrs();
    Ok(server.run())
}

fn told(address: &str, option: &'static str) -> impl FnOnce(std::io::Error) -> ListenError {
    let address = address.to_owned();
    move |source| ListenError::Bind { address, option, source }
}

impl Served {
    /// Stops accepting; connections that are open go on.
    pub(crate) async fn stop_accepting(&self) {
        self.main.pause().await;
    }

    /// Closes every connection.
    pub(crate) async fn close(self) {
        self.main.stop(false).await;
        if let Some(management) = self.management {
            management.stop(false).await;
        }
        for task in self.tasks {
            if let Ok(Err(error)) = task.await {
                log::warn!("while closing: {error}");
            }
        }
    }
}
