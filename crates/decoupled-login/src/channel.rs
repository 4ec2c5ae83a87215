//! Who asks users: the authentication channel over HTTP, a service of the operator's (wire-extra.md section 3).

use bytes::Bytes;
use outbound_http::Outbound;
use realm_model::Client;
use serde_json::{Map, Value};

use crate::error::BackchannelError;
use crate::request::BackchannelRequest;

/// Where the operator's service is, and how it is called.
#[derive(Clone)]
pub struct AuthenticationChannel {
    url: String,
    outbound: Outbound,
}

/// What users are asked.
pub(crate) struct Question<'a> {
    /// The user's name.
    pub(crate) username: &'a str,
    /// The words asked for, and the client's default scopes that a consent page shows.
    pub(crate) scope: &'a str,
    /// Who wants to know.
    pub(crate) client: &'a Client,
    /// What the client said.
    pub(crate) request: &'a BackchannelRequest,
}

impl AuthenticationChannel {
    /// At `url`, called by an `outbound` of its own: the operator has named it, so it may be where others may not lead.
    pub const fn new(url: String, outbound: Outbound) -> Self {
        Self { url, outbound }
    }

    /// Hands a question over; the answer comes to the callback endpoint with `bearer`.
    pub(crate) async fn ask(&self, question: &Question<'_>, bearer: &str) -> Result<(), BackchannelError> {
        let body = question.body().to_string();
        let authorization = format!("Bearer {bearer}");
        let headers = [("content-type", "application/json"), ("accept", "application/json"), ("authorization", &authorization)];
        match self.outbound.post(&self.url, &headers, Bytes::from(body)).await?.status {
            201 => Ok(()),
            status => Err(BackchannelError::ChannelStatus(status)),
        }
    }
}

impl Question<'_> {
    fn body(&self) -> Value {
        let mut body = Map::new();
        for (name, value) in &self.request.further {
            body.insert(name.clone(), value.as_str().into());
        }
        // After what the client chose: nothing of it stands in the place of what the server says.
        let told = [
            ("binding_message", self.request.binding_message.as_deref()),
            ("login_hint", Some(self.username)),
            ("scope", Some(self.scope)),
            ("acr_values", self.request.acr_values.as_deref()),
        ];
        for (name, value) in told {
            if let Some(value) = value {
                body.insert(name.to_owned(), value.into());
            }
        }
        body.insert("is_consent_required".to_owned(), self.client.consent_required.into());
        Value::Object(body)
    }
}
