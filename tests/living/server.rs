//! Servers of these tests, asked as applications and admins ask.

use std::path::Path;

use idp_server::Options;
use idp_server::cli::{BootstrapAdmin, Database, Management};
use oidc_types::Secret;
use serde_json::{Value, json};

use crate::harness::client::{Client, Form, Reply};
use crate::harness::replayer::{Call, claims};
use crate::harness::server::TestServer;

pub const ADMIN: (&str, &str) = ("root", "root-of-all-realms");

/// A server of this process that follows the realm files under `realms`; nothing is kept.
pub fn following(realms: &Path) -> Served {
    with_options(realms, |_| {})
}

/// As [`following`]; what it holds is kept in `data`.
pub fn keeping(realms: &Path, data: &Path) -> Served {
    with_options(realms, |options| {
        options.settings.database = Database::Embedded;
        "embedded".clone_into(&mut options.settings.sessions);
        data.clone_into(&mut options.settings.data);
    })
}

/// As [`following`], with whatever else `change` sets.
pub fn with_options(realms: &Path, change: impl FnOnce(&mut Options)) -> Served {
    let (username, password) = (ADMIN.0.to_owned(), Secret::new(ADMIN.1.to_owned()));
    let management =
        Management { address: "127.0.0.1:0".into(), relative_path: String::new(), tls: false, health: true, metrics: true };
    let server = TestServer::with_options(|options| {
        options.settings.realms = vec![realms.to_owned()];
        options.settings.bootstrap_admin = Some(BootstrapAdmin { username, password });
        options.settings.management = Some(management);
        change(options);
    });
    let client = Client::of(&server);
    Served { server, client }
}

/// A server of this process.
pub struct Served {
    pub server: TestServer,
    pub client: Client,
}

impl Served {
    pub fn admin(&self) -> Admin {
        Admin::of(self.client.clone())
    }

    /// The check of realm files in `/health/ready`: what is wrong, by file. The server is ready whatever they say.
    pub fn broken_files(&self) -> Vec<(String, String)> {
        let management = Client::at(self.server.management.as_ref().unwrap());
        let ready = management.get("/health/ready");
        assert_eq!(ready.status, 200);
        let ready = ready.json();
        let check = ready["checks"].as_array().unwrap().iter().find(|check| check["name"] == "Realm files").unwrap();
        let told = check["data"].as_object().into_iter().flatten();
        told.map(|(file, what)| (file.clone(), what.as_str().unwrap().to_owned())).collect()
    }

    /// A metric without labels.
    pub fn metric(&self, name: &str) -> f64 {
        let management = Client::at(self.server.management.as_ref().unwrap());
        let text = String::from_utf8(management.get("/metrics").body.clone()).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }
}

/// A login of alice in realm acme.
pub const ALICE: Form<'static> =
    &[("grant_type", "password"), ("client_id", "app"), ("username", "alice"), ("password", "wonderland")];

/// A login of the client machine with this secret.
pub fn machine(client: &Client, secret: &str) -> Reply {
    client.token("acme", &[("grant_type", "client_credentials"), ("client_id", "machine"), ("client_secret", secret)])
}

/// A refresh of a session at the client app.
pub fn refresh(client: &Client, token: &str) -> Reply {
    client.token("acme", &[("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", token)])
}

/// The claims of the access token in `reply`.
pub fn access_claims(reply: &Reply) -> Value {
    claims(&reply.text("access_token")).unwrap()
}

/// Somebody who administers all realms.
pub struct Admin {
    client: Client,
    token: String,
}

impl Admin {
    pub fn of(client: Client) -> Self {
        let rows = [("grant_type", "password"), ("client_id", "admin-cli"), ("username", ADMIN.0), ("password", ADMIN.1)];
        let token = client.token("master", &rows).text("access_token");
        Self { client, token }
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let headers = [
            ("Authorization".to_owned(), Some(format!("Bearer {}", self.token))),
            ("Content-Type".to_owned(), Some("application/json".to_owned())),
        ];
        let body = body.map(Value::to_string);
        let target = format!("/admin/realms{path}");
        let call = Call { method, target: &target, headers: &headers, body: body.as_ref().map(String::as_bytes) };
        self.client.send(&call).unwrap_or_else(|error| panic!("{method} {target}: {error}"))
    }

    fn well(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let reply = self.send(method, path, body);
        assert!((200..300).contains(&reply.status), "{method} {path}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
        reply
    }

    /// What is at `path`, where something is.
    pub fn find(&self, path: &str) -> Option<Value> {
        let reply = self.send("GET", path, None);
        (reply.status == 200).then(|| reply.json())
    }

    pub fn get(&self, path: &str) -> Value {
        self.well("GET", path, None).json()
    }

    pub fn post(&self, path: &str, body: &Value) {
        self.well("POST", path, Some(body));
    }

    pub fn put(&self, path: &str, body: &Value) {
        self.well("PUT", path, Some(body));
    }

    pub fn delete(&self, path: &str) {
        self.well("DELETE", path, None);
    }

    /// A client of realm acme.
    pub fn find_client(&self, id: &str) -> Option<Value> {
        self.get(&format!("/acme/clients?clientId={id}")).as_array().unwrap().first().cloned()
    }

    pub fn client(&self, id: &str) -> Value {
        self.find_client(id).unwrap_or_else(|| panic!("no client {id}"))
    }

    /// Puts members into a client of realm acme.
    pub fn change_client(&self, id: &str, members: &Value) {
        let mut client = self.client(id);
        let path = format!("/acme/clients/{}", client["id"].as_str().unwrap());
        for (name, value) in members.as_object().unwrap() {
            client[name] = value.clone();
        }
        self.put(&path, &client);
    }

    /// Changes the password of a user of realm acme.
    pub fn reset_password(&self, username: &str, password: &str) {
        let users = self.get(&format!("/acme/users?username={username}&exact=true"));
        let id = users[0]["id"].as_str().unwrap_or_else(|| panic!("no user {username}"));
        let body = json!({"type": "password", "value": password, "temporary": false});
        self.put(&format!("/acme/users/{id}/reset-password"), &body);
    }
}
