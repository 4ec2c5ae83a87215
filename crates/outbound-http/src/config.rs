use serde::Deserialize;

/// How the server calls others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What may be called although it is not public, and by plain http: `loopback`, `private`, addresses, networks.
    pub allow: Vec<String>,
    /// Milliseconds that a connection may take, name and TLS included.
    pub connect_timeout_ms: u64,
    /// Milliseconds that all of it may take, to the last byte of the answer.
    pub timeout_ms: u64,
    /// Bytes of an answer at the most.
    pub max_response_bytes: usize,
    /// Keycloak's `pattern;URL`, the pattern a regular expression for the whole host; `NO_PROXY` in place of the URL is none.
    pub proxy_mappings: Vec<String>,
    /// `HTTPS_PROXY`: the proxy of https URLs.
    pub https_proxy: Option<String>,
    /// `HTTP_PROXY`: the proxy of http URLs.
    pub http_proxy: Option<String>,
    /// `NO_PROXY`: hosts, and everything below them, that are called without proxy; comma-separated.
    pub no_proxy: Option<String>,
    /// Certificates of authorities to trust beside those of the system, PEM; several in one text are fine.
    pub trust: Vec<String>,
}

/// Nothing but the public internet.
impl Default for Config {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            connect_timeout_ms: 3000,
            timeout_ms: 5000,
            max_response_bytes: 1024 * 1024,
            proxy_mappings: Vec::new(),
            https_proxy: None,
            http_proxy: None,
            no_proxy: None,
            trust: Vec::new(),
        }
    }
}
