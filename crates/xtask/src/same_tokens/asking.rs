//! What is asked: each user at each client that takes passwords, each service account; with the default scopes and with all.

use std::collections::BTreeMap;

use serde_json::Value;

use super::claims::Said;
use crate::http_client::{Connection, HttpError};

/// One token request.
pub(super) struct Question {
    pub(super) title: String,
    path: String,
    form: Vec<(&'static str, String)>,
}

/// All token requests of a realm.
pub(super) fn questions(realm: &str, users: &BTreeMap<String, String>, file: &Value) -> Vec<Question> {
    let path = format!("/realms/{realm}/protocol/openid-connect/token");
    let mut all = Vec::new();
    let clients = file.get("clients").and_then(Value::as_array).into_iter().flatten();
    for client in clients.filter(|client| text(client, "protocol") == "openid-connect" && !is_on(client, "bearerOnly")) {
        for scope in scopes(client) {
            let mut ask = |grant: &'static str, user: Option<(&String, &String)>| {
                let mut form = vec![("grant_type", grant.to_owned()), ("client_id", text(client, "clientId").to_owned())];
                form.extend((!is_on(client, "publicClient")).then(|| ("client_secret", text(client, "secret").to_owned())));
                form.push(("scope", scope.clone()));
                let who = user.map_or("itself", |(name, _)| name);
                form.extend(user.into_iter().flat_map(|(name, word)| [("username", name.clone()), ("password", word.clone())]));
                let title = format!("{who} at {} for \"{scope}\"", text(client, "clientId"));
                all.push(Question { title, path: path.clone(), form });
            };
            if is_on(client, "directAccessGrantsEnabled") {
                users.iter().for_each(|user| ask("password", Some(user)));
            }
            if is_on(client, "serviceAccountsEnabled") {
                ask("client_credentials", None);
            }
        }
    }
    all
}

/// What this server answers.
pub(super) fn ask_all(base: &str, questions: &[Question]) -> Result<Vec<Said>, HttpError> {
    let mut connection = Connection::open(base)?;
    let ask = |question: &Question| {
        let answer = connection.post_form(&question.path, &encoded(&question.form))?;
        Ok(Said::new(base, answer.status, &answer.body))
    };
    questions.iter().map(ask).collect()
}

/// `openid` alone, and with every optional scope but the one that makes offline sessions.
fn scopes(client: &Value) -> [String; 2] {
    let optional = client.get("optionalClientScopes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut all = vec!["openid"];
    all.extend(optional.filter(|scope| *scope != "offline_access"));
    ["openid".to_owned(), all.join(" ")]
}

fn encoded(form: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in form {
        text.push_str(if text.is_empty() { "" } else { "&" });
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => text.push(char::from(byte)),
                _ => text.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    text
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn is_on(value: &Value, member: &str) -> bool {
    value.get(member) == Some(&Value::Bool(true))
}
