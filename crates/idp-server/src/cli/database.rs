//! Where realms and users are kept: Keycloak's `db` options.

use oidc_types::Secret;
use realm_store::PostgresConfig;

use super::reader::Reader;

/// Where realms and users are kept.
#[derive(Clone, Debug)]
pub enum Database {
    /// One file in the data folder.
    Embedded,
    /// Nowhere: gone when the process ends.
    Memory,
    /// A PostgreSQL server.
    Postgres(PostgresConfig),
}

/// Connections to PostgreSQL, unless `db-pool-max-size` says otherwise.
const POOL_MAX: usize = 16;

#[derive(Clone, Copy)]
enum Kind {
    Embedded,
    Memory,
    Postgres,
}

/// Reads the `db` options.
pub(super) fn read(reader: &mut Reader<'_>) -> Database {
    let expected = "embedded (or dev-file), memory (or dev-mem), or postgres";
    let kind = reader.read("db", Kind::Embedded, expected, |text| match text {
        "embedded" | "dev-file" => Some(Kind::Embedded),
        "memory" | "dev-mem" => Some(Kind::Memory),
        "postgres" => Some(Kind::Postgres),
        _ => None,
    });
    match kind {
        Kind::Embedded => Database::Embedded,
        Kind::Memory => Database::Memory,
        Kind::Postgres => Database::Postgres(PostgresConfig {
            url: url(reader),
            username: reader.text("db-username"),
            password: reader.text("db-password").map(Secret::new),
            schema: reader.text("db-schema"),
            pool_max: reader
                .read("db-pool-max-size", POOL_MAX, "a number from 1", |text| text.parse().ok().filter(|number| *number > 0)),
        }),
    }
}

/// `db-url`; else as Keycloak puts it together.
fn url(reader: &Reader<'_>) -> String {
    if let Some(url) = reader.text("db-url") {
        return url;
    }
    let part = |name: &str, default: &str| reader.text(name).unwrap_or_else(|| default.to_owned());
    let host = part("db-url-host", "localhost");
    let port = reader.text("db-url-port").map(|port| format!(":{port}")).unwrap_or_default();
    format!("jdbc:postgresql://{host}{port}/{}{}", part("db-url-database", "keycloak"), part("db-url-properties", ""))
}
