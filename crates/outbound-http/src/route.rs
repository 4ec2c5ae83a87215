//! Through which proxy a URL is called: Keycloak's mappings first, then the usual variables.

use regex_lite::Regex;
use url::Url;

use crate::{Config, ConfigError};

/// Which proxy, by its place in [`Routes::proxies`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Direct,
    Proxy(usize),
}

/// All proxies and who is called through which.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    /// Each proxy once.
    pub(crate) proxies: Vec<Url>,
    mappings: Vec<(Regex, Route)>,
    https: Option<Route>,
    http: Option<Route>,
    without: Vec<String>,
}

impl Routes {
    pub(crate) fn read(config: &Config) -> Result<Self, ConfigError> {
        let mut routes = Self::default();
        for mapping in &config.proxy_mappings {
            let wrong = || ConfigError::Mapping(mapping.clone());
            let (pattern, proxy) = mapping.rsplit_once(';').ok_or_else(wrong)?;
            let pattern = Regex::new(&format!("(?i)^(?:{})$", pattern.trim())).map_err(|_| wrong())?;
            let route = if proxy.trim() == "NO_PROXY" { Route::Direct } else { routes.through(proxy)? };
            routes.mappings.push((pattern, route));
        }
        let given = |proxy: &Option<String>| proxy.clone().filter(|proxy| !proxy.trim().is_empty());
        routes.https = given(&config.https_proxy).map(|proxy| routes.through(&proxy)).transpose()?;
        routes.http = given(&config.http_proxy).map(|proxy| routes.through(&proxy)).transpose()?;
        let without = config.no_proxy.as_deref().unwrap_or_default().split(',');
        routes.without = without
            .map(|host| host.trim().trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase())
            .filter(|host| !host.is_empty())
            .collect();
        Ok(routes)
    }

    fn through(&mut self, proxy: &str) -> Result<Route, ConfigError> {
        let wrong = || ConfigError::Proxy(proxy.split('@').next_back().unwrap_or_default().to_owned()); // without credentials
        let url = Url::parse(proxy.trim()).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong());
        }
        let place = self.proxies.iter().position(|known| *known == url);
        Ok(Route::Proxy(place.unwrap_or_else(|| {
            self.proxies.push(url);
            self.proxies.len() - 1
        })))
    }

    /// How to call `url`.
    pub(crate) fn of(&self, url: &Url) -> Route {
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        if let Some((_, route)) = self.mappings.iter().find(|(pattern, _)| pattern.is_match(&host)) {
            return *route;
        }
        let below = |parent: &String| {
            parent == "*" || host.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if self.without.iter().any(below) {
            return Route::Direct;
        }
        let usual = if url.scheme() == "https" { self.https } else { self.http };
        usual.unwrap_or(Route::Direct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxied(config: &Config, url: &str) -> Option<String> {
        let routes = Routes::read(config).unwrap();
        match routes.of(&Url::parse(url).unwrap()) {
            Route::Direct => None,
            Route::Proxy(place) => routes.proxies[place].host_str().map(str::to_owned),
        }
    }

    #[test]
    fn mappings_come_first_then_the_usual_variables() {
        let config = Config {
            proxy_mappings: vec![
                r".*\.(google|googleapis)\.com;http://www-proxy.acme.example:8080".to_owned(),
                r"inner\.example;NO_PROXY".to_owned(),
            ],
            https_proxy: Some("http://secure.proxy:3128".to_owned()),
            http_proxy: Some("http://plain.proxy:3128".to_owned()),
            no_proxy: Some("acme.example, .lan,*.svc".to_owned()),
            ..Config::default()
        };
        for (url, proxy) in [
            ("https://www.google.com/x", Some("www-proxy.acme.example")),
            ("https://WWW.GOOGLE.com/x", Some("www-proxy.acme.example")),
            ("https://google.com.evil.example/x", Some("secure.proxy")),
            ("https://inner.example/", None),
            ("https://acme.example/", None),
            ("https://id.acme.example/", None),
            ("https://notacme.example/", Some("secure.proxy")),
            ("https://a.lan/", None),
            ("https://a.svc/", None),
            ("http://other.example/", Some("plain.proxy")),
        ] {
            assert_eq!(proxied(&config, url).as_deref(), proxy, "{url}");
        }
        assert_eq!(proxied(&Config { no_proxy: Some("*".to_owned()), ..config }, "https://x.example/"), None);
        assert_eq!(proxied(&Config::default(), "https://x.example/"), None);
    }

    #[test]
    fn what_is_no_proxy_is_told_without_its_password() {
        let with = |https_proxy: &str, mapping: &str| Config {
            https_proxy: Some(https_proxy.to_owned()),
            proxy_mappings: vec![mapping.to_owned()],
            ..Config::default()
        };
        for (proxy, mapping) in [
            ("proxy:3128", "a;http://p:1"),
            ("socks5://user:hunter2@p", "a;http://p:1"),
            ("http://p:1", "a"),
            ("http://p:1", "(;http://p:1"),
        ] {
            let error = Routes::read(&with(proxy, mapping)).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
