//! Connections to PostgreSQL: few, none used after it went silent, and nobody waits for one long.

use std::future::Future;
use std::time::Duration;

use deadpool_postgres::tokio_postgres::Config;
use deadpool_postgres::tokio_postgres::config::{SslMode as Encryption, TargetSessionAttrs};
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use postgres_openssl::MakeTlsConnector;
use tokio::time::timeout;

use super::{OpenError, PostgresConfig, quoted, tls};
use crate::StoreError;
use crate::database_url::{DatabaseUrl, Host, SslMode, Target};

/// How long one host may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// How long all hosts may take together, greetings included.
const CONNECT_ALL: Duration = Duration::from_secs(4);

/// How long somebody waits for a connection while all are in use.
const WAIT: Duration = Duration::from_secs(2);

/// What every connection of the pool is told first. A statement that the server cannot finish in this time is given up there, too.
const SETTINGS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'";

/// Everything that is needed to connect.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) config: Config,
    pub(super) tls: MakeTlsConnector,
    pub(super) schema: String,
}

impl Route {
    /// Puts together what the URL and the options beside it say.
    // Keycloak: user and password in a URL win over the options, as the JDBC driver has it; the schema option wins over `currentSchema`.
    pub(super) fn new(from: &PostgresConfig) -> Result<Self, OpenError> {
        let url = DatabaseUrl::parse(&from.url)?;
        for ignored in &url.ignored {
            log::warn!("{ignored} in the URL of the database has no effect");
        }
        let tls = tls::connector(&url).map_err(|error| OpenError::Tls(error.to_string()))?;
        let schema = from.schema.clone().or_else(|| url.schema.clone()).unwrap_or_else(|| "public".to_owned());
        Ok(Self { config: config(from, &url), tls, schema })
    }

    /// A connection beside the pool.
    pub(super) async fn connect(
        &self,
    ) -> Result<(tokio_postgres::Client, tokio_postgres::Connection<tokio_postgres::Socket, Stream>), StoreError> {
        match timeout(CONNECT_ALL, self.config.connect(self.tls.clone())).await {
            Ok(connected) => connected.map_err(|error| super::Failure::from(error).into()),
            Err(_) => Err(StoreError::Unavailable("PostgreSQL does not accept a connection in time".to_owned())),
        }
    }
}

type Stream = postgres_openssl::TlsStream<tokio_postgres::Socket>;

fn config(from: &PostgresConfig, url: &DatabaseUrl) -> Config {
    let mut config = Config::new();
    for host in &url.hosts {
        match host {
            Host::Tcp(name, port) => config.host(name).port(*port),
            Host::Socket(folder, port) => config.host_path(folder).port(*port),
        };
    }
    if let Some(username) = url.username.as_ref().or(from.username.as_ref()) {
        config.user(username);
    }
    if let Some(password) = url.password.as_ref().or(from.password.as_ref()) {
        config.password(password.expose());
    }
    if let Some(database) = &url.database {
        config.dbname(database);
    }
    config.ssl_mode(match url.ssl_mode {
        SslMode::Disable => Encryption::Disable,
        SslMode::Prefer => Encryption::Prefer,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Encryption::Require,
    });
    config.target_session_attrs(match url.target {
        Target::Any => TargetSessionAttrs::Any,
        Target::ReadWrite => TargetSessionAttrs::ReadWrite,
    });
    config.application_name("latchkey").connect_timeout(CONNECT);
    // A host that vanished without a word is noticed within seconds.
    config.tcp_user_timeout(Duration::from_secs(5)).keepalives_idle(Duration::from_secs(5));
    config.keepalives_interval(Duration::from_secs(2)).keepalives_retries(3);
    config
}

/// The pool: connections are made when they are needed and kept.
pub(super) fn pool(route: &Route, size: usize) -> Result<Pool, OpenError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(route.config.clone(), route.tls.clone(), recycling);
    let settings = format!("SET search_path TO {}; {SETTINGS}", quoted(&route.schema));
    let settle_in = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
        let settings = settings.clone();
        Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
    });
    let builder = Pool::builder(manager).max_size(size.max(1)).runtime(Runtime::Tokio1);
    let builder = builder.wait_timeout(Some(WAIT)).create_timeout(Some(CONNECT_ALL)).recycle_timeout(Some(CONNECT));
    builder.post_create(settle_in).build().map_err(|error| OpenError::Pool(error.to_string()))
}

/// A connection out of the pool.
pub(super) async fn lent(pool: &Pool) -> Result<Object, StoreError> {
    let unavailable = |text: &str| Err(StoreError::Unavailable(text.to_owned()));
    match timeout(WAIT + CONNECT_ALL, pool.get()).await {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)))) => {
            Err(super::Failure::from(error).into())
        }
        Ok(Err(PoolError::Timeout(TimeoutType::Wait))) => unavailable("all connections to PostgreSQL are in use"),
        Ok(Err(PoolError::Timeout(_))) | Err(_) => unavailable("PostgreSQL does not accept a connection in time"),
        Ok(Err(error)) => Err(StoreError::Unavailable(error.to_string())),
    }
}

/// What is done on one connection within `limit`. A connection that stays silent is not given to anybody else.
pub(super) struct Limited<T>(Option<T>);

/// Does `work`, for so long.
pub(super) async fn within<T, E>(limit: Duration, work: impl Future<Output = Result<T, E>>) -> Limited<Result<T, E>> {
    Limited(timeout(limit, work).await.ok())
}

impl<T, E: From<StoreError>> Limited<Result<T, E>> {
    /// The outcome; `client` goes back into the pool if it answered.
    pub(super) fn on(self, client: Object) -> Result<T, E> {
        self.0.unwrap_or_else(|| {
            drop(Object::take(client));
            Err(StoreError::Unavailable("PostgreSQL does not answer in time".to_owned()).into())
        })
    }
}
