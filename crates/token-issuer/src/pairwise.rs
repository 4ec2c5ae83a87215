use std::collections::BTreeSet;

use realm_model::Client;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::mapper::{Compiled, compile};

/// `oidc-sha256-pairwise-sub-mapper`: another subject for each sector (OpenID Connect Core section 8.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pairwise {
    sector_host: String,
    salt: String,
}

impl Pairwise {
    /// The sector is the host of `sector_identifier_uri`, else the one host of the client's redirect URIs; `None` without either.
    pub(crate) fn new(client: &Client, sector_identifier_uri: Option<&str>, salt: String) -> Option<Self> {
        let sector_host = match sector_identifier_uri {
            Some(uri) => host(uri)?.to_owned(),
            None => redirect_host(client)?,
        };
        Some(Self { sector_host, salt })
    }

    /// That of the client's own mappers, whatever is granted; of several the last one, as when tokens are made.
    pub(crate) fn of_client(client: &Client) -> Option<Self> {
        let pairwise = |compiled| match compiled {
            Compiled::Pairwise { sector, salt } => Self::new(client, sector.as_deref(), salt),
            _ => None,
        };
        client.mappers.iter().filter_map(|mapper| pairwise(compile(mapper))).next_back()
    }

    /// The `sub` of a user: a name UUID (version 3) over SHA-256(sector host ‖ user id ‖ salt).
    pub(crate) fn subject(&self, user_id: &str) -> String {
        let digest: [u8; 32] =
            Sha256::new().chain_update(&self.sector_host).chain_update(user_id).chain_update(&self.salt).finalize().into();
        // Keycloak hashes the 32 bytes without a namespace: with their first half as the namespace the input is the same.
        let (namespace, name) = digest.split_at(16);
        Uuid::new_v3(&Uuid::from_slice(namespace).unwrap_or_default(), name).to_string()
    }
}

fn redirect_host(client: &Client) -> Option<String> {
    let root = client.root_url.as_deref().and_then(host);
    let hosts: BTreeSet<_> = client.redirect_uris.iter().filter_map(|uri| host(uri).or(root)).collect();
    match hosts.len() {
        1 => hosts.first().map(|host| (*host).to_owned()),
        _ => None,
    }
}

/// The host of an absolute URL.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit('@').next()?;
    let host = match address.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => address.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_url_is_without_user_and_port() {
        assert_eq!(host("https://pairwise.acme.example/cb"), Some("pairwise.acme.example"));
        assert_eq!(host("http://me@[::1]:8080/*"), Some("::1"));
        assert_eq!(host("/relative"), None);
        assert_eq!(host("https://*"), Some("*"));
    }
}
