//! Telling a client that its user has answered (CIBA Core section 10.2).

use bytes::Bytes;
use realm_http::RealmContext;
use sessions::WaitingAuthorization;

use crate::DecoupledLogin;
use crate::error::CallbackError;

impl DecoupledLogin {
    /// Notifies a ping client; others poll. Only where everybody may call, so that a client cannot reach through this server what
    /// it could not reach itself (CVE-2026-1518).
    pub(crate) async fn notify(&self, request: &RealmContext, waiting: &WaitingAuthorization) -> Result<(), CallbackError> {
        let notes = waiting.note("auth_req_id").zip(waiting.note("client_notification_token"));
        let Some((auth_req_id, token)) = notes else { return Ok(()) };
        let client = request.realm.clients.values().find(|client| *client.id == *waiting.client);
        let Some(endpoint) = client.and_then(|client| client.attribute("ciba.backchannel.client.notification.endpoint")) else {
            return Ok(());
        };
        let body = serde_json::json!({ "auth_req_id": auth_req_id }).to_string();
        let authorization = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", &authorization)];
        let answer = self.outbound.post(endpoint, &headers, Bytes::from(body)).await.map_err(CallbackError::Notification)?;
        match answer.status {
            200 | 204 => Ok(()),
            status => Err(CallbackError::NotificationStatus(status)),
        }
    }
}
