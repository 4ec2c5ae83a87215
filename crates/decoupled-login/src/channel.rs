//! Who asks users: the authentication channel over HTTP, a service of the operator's (wire-extra.md section 3); on a development
//! server a page.

use std::sync::Arc;

use bytes::Bytes;
use oidc_types::RealmName;
use outbound_http::Outbound;
use realm_model::Client;
use serde_json::{Map, Value};

use crate::error::BackchannelError;
use crate::questions::Questions;
use crate::request::BackchannelRequest;

/// Who asks users.
#[derive(Clone)]
pub struct AuthenticationChannel(Way);

#[derive(Clone)]
enum Way {
    /// Where the operator's service is, and how it is called.
    Service { url: String, outbound: Outbound },
    /// A page shows them.
    Page(Arc<Questions>),
}

/// What users are asked.
pub(crate) struct Question<'a> {
    /// Where.
    pub(crate) realm: &'a RealmName,
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
    /// A service at `url`, called by an `outbound` of its own: the operator has named it, so it may be where others may not lead.
    pub const fn new(url: String, outbound: Outbound) -> Self {
        Self(Way::Service { url, outbound })
    }

    /// Nobody is asked but whoever looks at `questions`: for development alone.
    pub const fn on_a_page(questions: Arc<Questions>) -> Self {
        Self(Way::Page(questions))
    }

    /// Where questions wait for a page, if they do.
    pub const fn questions(&self) -> Option<&Arc<Questions>> {
        match &self.0 {
            Way::Service { .. } => None,
            Way::Page(questions) => Some(questions),
        }
    }

    /// Hands a question over; the answer comes to the callback endpoint with `bearer`.
    pub(crate) async fn ask(&self, question: &Question<'_>, bearer: &str) -> Result<(), BackchannelError> {
        let (url, outbound) = match &self.0 {
            Way::Service { url, outbound } => (url, outbound),
            Way::Page(questions) => {
                questions.put(question, bearer);
                return Ok(());
            }
        };
        let body = question.body().to_string();
        let authorization = format!("Bearer {bearer}");
        let headers = [("content-type", "application/json"), ("accept", "application/json"), ("authorization", &authorization)];
        match outbound.post(url, &headers, Bytes::from(body)).await?.status {
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
