//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0 section 2.5; wire.md section 7.4).

use bytes::Bytes;
use futures_util::future::join_all;
use realm_http::{RealmContext, absolute_url};
use realm_model::Client;
use sessions::UserSession;
use token_issuer::MintContext;

use crate::ClientNotifications;
use crate::delivery::Message;

const FORM: &str = "application/x-www-form-urlencoded";

/// Clients that are told before the answer, all at the same time; further ones, which nobody has but by ill will, wait for the
/// background.
const MOST_AT_ONCE: usize = 50;

impl ClientNotifications {
    /// Tells the clients of sessions that have ended, those that have a `backchannel.logout.url`. Call it once the sessions are
    /// gone from the store, and only for those that this call has removed, so that a client is told once.
    ///
    /// Nothing that goes wrong is an error for the caller: the logout is done.
    pub async fn sessions_ended(&self, request: &RealmContext, ended: &[UserSession]) {
        let mut messages = Vec::new();
        for session in ended {
            for client in request.realm.clients.values() {
                let Some(url) = client.attribute("backchannel.logout.url") else { continue };
                // Keycloak: one that is switched off hears nothing (measured on 26.7.4).
                if client.enabled && session.client(&client.id).is_some() {
                    messages.extend(self.logout_message(request, session, (client, url)).await);
                }
            }
        }
        let later = messages.split_off(messages.len().min(MOST_AT_ONCE));
        join_all(messages.into_iter().map(|message| self.tell(message))).await;
        later.into_iter().for_each(|message| self.try_later(message));
    }

    async fn tell(&self, message: Message) {
        match message.send(&self.outbound).await {
            Ok(()) => log::debug!("{message}: told of the logout"),
            Err(error) if error.is_temporary() => {
                log::info!("{message}: not told of the logout yet: {error}");
                self.try_later(message);
            }
            Err(error) => log::warn!("{message}: not told of the logout: {error}"),
        }
    }

    async fn logout_message(
        &self,
        request: &RealmContext,
        session: &UserSession,
        (client, url): (&Client, &str),
    ) -> Option<Message> {
        let issuer = request.issuer();
        let cx = MintContext { realm: &request.realm, issuer: &issuer, now: request.now };
        let token = match self.token_issuer.sign_logout_token(client, (&session.user, &session.id), cx).await {
            Ok(token) => token,
            Err(error) => {
                log::error!("notification: realm={} client={}: no logout token: {error}", request.realm.name, client.client_id);
                return None;
            }
        };
        Some(Message {
            realm: request.realm.name.clone(),
            client_id: client.client_id.clone(),
            url: absolute_url(client.root_url.as_deref(), &request.bases.front, url),
            content_type: FORM,
            body: Bytes::from(format!("logout_token={token}")), // base64url and dots alone
        })
    }
}
