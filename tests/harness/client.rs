//! A client of one server, for tests that say their requests themselves.

use serde_json::Value;

use super::replayer::{Answer, Call, exchange, form};
use super::server::TestServer;

/// Rows of a form.
pub type Form<'a> = &'a [(&'a str, &'a str)];

/// Sends to one address under one name.
#[derive(Debug, Clone)]
pub struct Client {
    /// `host:port` to connect to.
    pub address: String,
    /// What it says in `Host`: the issuer does not change when the port does.
    pub name: String,
}

impl Client {
    pub fn of(server: &TestServer) -> Self {
        Self::at(server.host())
    }

    pub fn at(address: &str) -> Self {
        Self { address: address.to_owned(), name: "id.example".into() }
    }

    /// Sends one request; an error where no answer came.
    pub fn send(&self, call: &Call<'_>) -> Result<Reply, String> {
        let mut headers = vec![("Host".to_owned(), Some(self.name.clone()))];
        headers.extend_from_slice(call.headers);
        exchange(&self.address, &Call { headers: &headers, ..*call }).map(Reply)
    }

    pub fn get(&self, target: &str) -> Reply {
        self.send(&Call { method: "GET", target, headers: &[], body: None }).unwrap_or_else(|error| panic!("{target}: {error}"))
    }

    /// Posts a form; an error where no answer came.
    pub fn post(&self, target: &str, rows: Form<'_>) -> Result<Reply, String> {
        let rows: Vec<_> = rows.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let headers = [("Content-Type".to_owned(), Some("application/x-www-form-urlencoded".to_owned()))];
        self.send(&Call { method: "POST", target, headers: &headers, body: Some(form(&rows).as_bytes()) })
    }

    /// Asks the token endpoint of `realm`.
    pub fn token(&self, realm: &str, rows: Form<'_>) -> Reply {
        let target = format!("/realms/{realm}/protocol/openid-connect/token");
        self.post(&target, rows).unwrap_or_else(|error| panic!("{target}: {error}"))
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply(Answer);

impl std::ops::Deref for Reply {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.0
    }
}

impl Reply {
    /// The body, which must be JSON.
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {} {text}", self.status))
    }

    /// A field of the body that must be a text.
    pub fn text(&self, field: &str) -> String {
        let body = self.json();
        body[field].as_str().unwrap_or_else(|| panic!("no {field} in {} {body}", self.status)).to_owned()
    }
}
