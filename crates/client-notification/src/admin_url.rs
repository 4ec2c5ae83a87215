//! What Keycloak's adapters are told at the `adminUrl` of their client: signed actions (wire.md section 5; measured on 26.7.4).

use bytes::Bytes;
use futures_util::future::join_all;
use oidc_types::ClientId;
use realm_http::RealmContext;
use serde::Serialize;
use token_issuer::{AdminAction, MintContext};
use url::Url;

use crate::ClientNotifications;
use crate::delivery::Message;

/// Keycloak: this is what its HTTP client says of a text.
const TEXT: &str = "text/plain; charset=ISO-8859-1";

/// Where the nodes of one client are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminUrls {
    /// The client.
    pub client_id: ClientId,
    /// Absolute; one for each node.
    pub urls: Vec<String>,
}

impl AdminUrls {
    /// Those of a client with this absolute admin URL, on these hosts; on its own where there are none.
    pub fn on_nodes<'n>(client_id: ClientId, url: &str, nodes: impl Iterator<Item = &'n str>) -> Self {
        let mut urls: Vec<String> = nodes.map(|host| with_host(url, host).unwrap_or_else(|| url.to_owned())).collect();
        if urls.is_empty() {
            urls.push(url.to_owned());
        }
        Self { client_id, urls }
    }
}

fn with_host(url: &str, host: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.set_host(Some(host)).ok()?;
    Some(url.into())
}

/// Who was told; serialized as Keycloak's `GlobalRequestResult`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The admin URLs that answered well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub success_requests: Vec<String>,
    /// The others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed_requests: Vec<String>,
}

impl ClientNotifications {
    /// Tells all of `targets` to do `action`, once: the caller learns whom it did not reach.
    pub async fn tell_admin_urls(&self, request: &RealmContext, targets: &[AdminUrls], action: AdminAction) -> Told {
        let each = targets.iter().flat_map(|target| target.urls.iter().map(move |url| (&target.client_id, url)));
        let results =
            join_all(each.map(|(client_id, url)| async move {
                (url.clone(), self.tell_admin_url(request, (client_id, url), action).await)
            }));
        let mut told = Told::default();
        for (url, reached) in results.await {
            if reached { &mut told.success_requests } else { &mut told.failed_requests }.push(url);
        }
        told
    }

    async fn tell_admin_url(&self, request: &RealmContext, (client_id, url): (&ClientId, &str), action: AdminAction) -> bool {
        let issuer = request.issuer();
        let cx = MintContext { realm: &request.realm, issuer: &issuer, now: request.now };
        let token = match self.token_issuer.sign_admin_action(client_id, action, cx).await {
            Ok(token) => token,
            Err(error) => {
                log::error!("notification: realm={} client={client_id}: nothing signed: {error}", request.realm.name);
                return false;
            }
        };
        let (realm, client_id) = (request.realm.name.clone(), client_id.clone());
        let url = format!("{}/{}", url.trim_end_matches('/'), path(action));
        let message = Message { realm, client_id, url, content_type: TEXT, body: Bytes::from(token) };
        message.send(&self.outbound).await.inspect_err(|error| log::warn!("{message}: not told: {error}")).is_ok()
    }
}

/// Below the admin URL.
const fn path(action: AdminAction) -> &'static str {
    match action {
        AdminAction::PushNotBefore(_) => "k_push_not_before",
        AdminAction::Logout(_) => "k_logout",
        AdminAction::TestAvailability => "k_test_available",
    }
}
