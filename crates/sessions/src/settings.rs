use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Embedded, Memory, RecordStore, Redis, StoreError};

/// The file of the embedded store within the data folder.
const FILE: &str = "sessions.redb";

/// Where sessions are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `--sessions`, `LATCHKEY_SESSIONS`.
    pub url: SessionsUrl,
}

/// `embedded`, `memory`, `redis://…` or `rediss://…`; several of the latter, comma-separated, are nodes of a Redis Cluster.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SessionsUrl {
    /// One durable file in the data folder.
    #[default]
    Embedded,
    /// Nothing outlives the process.
    Memory,
    /// One Redis, or the first nodes of a cluster. With credentials: never to be printed.
    Redis(Vec<String>),
}

impl FromStr for SessionsUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        match text.trim() {
            "" | "embedded" => return Ok(Self::Embedded),
            "memory" => return Ok(Self::Memory),
            _ => {}
        }
        let urls: Vec<_> = text.split(',').map(str::trim).filter(|url| !url.is_empty()).map(str::to_owned).collect();
        if urls.iter().all(|url| url.starts_with("redis://") || url.starts_with("rediss://")) {
            return Ok(Self::Redis(urls));
        }
        let expected =
            "expected embedded, memory, redis://HOST:PORT or rediss://HOST:PORT (several, comma-separated, for a cluster)";
        Err(StoreError::Setting(expected.into()))
    }
}

impl TryFrom<String> for SessionsUrl {
    type Error = StoreError;

    fn try_from(text: String) -> Result<Self, StoreError> {
        text.parse()
    }
}

/// The text it was read from, with credentials: for handing a configuration on.
impl From<SessionsUrl> for String {
    fn from(url: SessionsUrl) -> Self {
        match url {
            SessionsUrl::Embedded => "embedded".into(),
            SessionsUrl::Memory => "memory".into(),
            SessionsUrl::Redis(urls) => urls.join(","),
        }
    }
}

/// Without credentials.
impl fmt::Display for SessionsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("embedded"),
            Self::Memory => f.write_str("memory"),
            Self::Redis(urls) => {
                let places: Vec<_> = urls.iter().map(|url| without_credentials(url)).collect();
                f.write_str(&places.join(","))
            }
        }
    }
}

impl fmt::Debug for SessionsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Scheme, host and port of a URL; of a text that is none, nothing.
pub(crate) fn without_credentials(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return "redis://(unreadable)".into() };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Opens the store that `config` names; the embedded one in `data`. Redis is not waited for: while it is away every verb is
/// [`StoreError::Unavailable`].
pub async fn open(config: &Config, data: &Path) -> Result<Arc<dyn RecordStore>, StoreError> {
    Ok(match &config.url {
        SessionsUrl::Embedded => Arc::new(Embedded::open(data.join(FILE)).await?),
        SessionsUrl::Memory => Arc::new(Memory::new()),
        SessionsUrl::Redis(urls) => Arc::new(Redis::open(urls)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_embedded() {
        assert_eq!(Config::default().url, SessionsUrl::Embedded);
        assert_eq!("".parse::<SessionsUrl>().unwrap(), SessionsUrl::Embedded);
    }

    #[test]
    fn several_urls_are_a_cluster() {
        let url: SessionsUrl = "redis://a:1, redis://b:2".parse().unwrap();
        assert_eq!(url, SessionsUrl::Redis(vec!["redis://a:1".into(), "redis://b:2".into()]));
    }

    #[test]
    fn other_words_are_refused_without_repeating_them() {
        let error = "postgres://user:hunter2@db".parse::<SessionsUrl>().unwrap_err().to_string();
        assert!(error.contains("LATCHKEY_SESSIONS") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn credentials_are_not_printed() {
        let url: SessionsUrl = "rediss://user:hunter2@db.example:6380/3?password=hunter2".parse().unwrap();
        assert_eq!(format!("{url:?} {url}"), "rediss://db.example:6380 rediss://db.example:6380");
        assert!(!format!("{:?}", Config { url }).contains("hunter2"));
    }

    #[test]
    fn a_password_with_a_slash_is_not_printed_either() {
        assert_eq!(without_credentials("redis://:a/b#c@db:1/0"), "redis://(unreadable)");
    }
}
