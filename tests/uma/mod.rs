//! The UMA grant and the protection API, where no recording shows them: who may reach what of whom.

use serde_json::{Value, json};

use crate::harness::client::{Client, Reply};
use crate::harness::replayer::Call;
use crate::harness::server::TestServer;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:uma-ticket";

/// Resource servers `rs` and `rs2`; `olga` and `otto` own things at `rs`, `uwe` asks for them.
fn server() -> (tempfile::TempDir, TestServer) {
    let server = |id: &str| {
        json!({"clientId": id, "secret": "s", "authorizationServicesEnabled": true, "directAccessGrantsEnabled": true,
               "authorizationSettings": {"allowRemoteResourceManagement": true, "scopes": [{"name": "view"}, {"name": "edit"}],
                                         "resources": [{"name": "house", "scopes": [{"name": "view"}]}], "policies": []}})
    };
    let user = |name: &str, roles: Value| {
        json!({"username": name, "enabled": true, "email": format!("{name}@r.example"), "firstName": name, "lastName": "x",
               "credentials": [{"type": "password", "value": "p"}], "clientRoles": roles})
    };
    let owner = json!({"rs": ["uma_protection"], "rs2": ["uma_protection"]});
    let realm = json!({
        "realm": "uma", "enabled": true,
        "roles": {"client": {"rs": [{"name": "uma_protection"}], "rs2": [{"name": "uma_protection"}]}},
        "clients": [server("rs"), server("rs2"), {"clientId": "app", "publicClient": true, "directAccessGrantsEnabled": true},
                    {"clientId": "open", "publicClient": true, "webOrigins": ["*"]}],
        "users": [user("olga", owner.clone()), user("otto", owner), user("uwe", json!({}))],
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("uma.json");
    std::fs::write(&file, realm.to_string()).unwrap();
    let server = TestServer::with_realms(vec![file]);
    (folder, server)
}

/// A token of a user by a client.
fn log_in(server: &TestServer, client: &str, user: &str) -> String {
    let rows = [("grant_type", "password"), ("client_id", client), ("client_secret", "s"), ("username", user), ("password", "p")];
    Client::of(server).token("uma", &rows).text("access_token")
}

/// A token of a resource server for itself.
fn own_token(server: &TestServer, client: &str) -> String {
    let rows = [("grant_type", "client_credentials"), ("client_id", client), ("client_secret", "s")];
    Client::of(server).token("uma", &rows).text("access_token")
}

fn ask(server: &TestServer, token: &str, (method, path): (&str, &str), body: Option<Value>) -> Reply {
    let headers = [
        ("Authorization".to_owned(), Some(format!("Bearer {token}"))),
        ("Content-Type".to_owned(), Some("application/json".to_owned())),
    ];
    let (target, body) = (format!("/realms/uma/authz/protection/{path}"), body.map(|body| body.to_string()));
    let call = Call { method, target: &target, headers: &headers, body: body.as_ref().map(String::as_bytes) };
    Client::of(server).send(&call).unwrap()
}

/// The UMA grant of a bearer: status and permissions, or the error's text.
fn permissions(server: &TestServer, token: &str, rows: &[(&str, &str)]) -> (u16, Value) {
    let mut form: Vec<String> = vec![format!("grant_type={GRANT}"), "response_mode=permissions".to_owned()];
    form.extend(rows.iter().map(|(name, value)| format!("{name}={}", value.replace('#', "%23"))));
    let headers = [
        ("Authorization".to_owned(), Some(format!("Bearer {token}"))),
        ("Content-Type".to_owned(), Some("application/x-www-form-urlencoded".to_owned())),
    ];
    let (target, body) = ("/realms/uma/protocol/openid-connect/token", form.join("&"));
    let reply =
        Client::of(server).send(&Call { method: "POST", target, headers: &headers, body: Some(body.as_bytes()) }).unwrap();
    match reply.status {
        200 => (200, reply.json()),
        status => (status, reply.json()["error_description"].take()),
    }
}

/// CVE-2023-0657: an ID token says who somebody is, to whoever gets to see it.
#[test]
fn refuses_an_id_token_in_the_place_of_a_bearer_token() {
    let (_folder, server) = server();
    let rows = [("grant_type", "password"), ("client_id", "app"), ("username", "uwe"), ("password", "p"), ("scope", "openid")];
    let tokens = Client::of(&server).token("uma", &rows);
    let refused = (400, Value::from("Invalid bearer token"));
    assert_ne!(permissions(&server, &tokens.text("access_token"), &[("audience", "rs")]), refused);
    for other in ["id_token", "refresh_token"] {
        assert_eq!(permissions(&server, &tokens.text(other), &[("audience", "rs")]), refused, "{other}");
    }
}

/// CVE-2026-37977: the client that a token names is believed once its signature was seen.
#[test]
fn refuses_to_let_a_forged_token_choose_who_may_read_the_answer() {
    let (_folder, server) = server();
    let genuine = log_in(&server, "app", "uwe");
    let origins = |target: &str, client: &str| {
        let mut parts: Vec<String> = genuine.split('.').map(str::to_owned).collect();
        let claims = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(&parts[1]).unwrap();
        let mut claims: Value = serde_json::from_slice(&claims).unwrap();
        (claims["azp"], claims["forged"]) = (client.into(), true.into());
        parts[1] = base64_simd::URL_SAFE_NO_PAD.encode_to_string(claims.to_string());
        let header = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let headers = [
            header("Authorization", &format!("Bearer {}", parts.join("."))),
            header("Origin", "https://evil.example"),
            header("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let body = format!("grant_type={GRANT}&audience=rs");
        let call = Call { method: "POST", target, headers: &headers, body: Some(body.as_bytes()) };
        let reply = Client::of(&server).send(&call).unwrap();
        assert_ne!(reply.status, 200);
        let told = |name: &str| reply.header(name).map(str::to_owned);
        (told("access-control-allow-origin"), told("access-control-allow-credentials"))
    };
    for target in ["/realms/uma/protocol/openid-connect/token", "/realms/uma/protocol/openid-connect/userinfo"] {
        let nobody = origins(target, "no-such-client");
        for client in ["open", "app", "rs"] {
            assert_eq!(origins(target, client), nobody, "{target} {client}");
        }
    }
}

/// A resource that its owner shares; its id.
fn register(server: &TestServer, owner: &str, name: &str) -> String {
    let body = json!({"name": name, "ownerManagedAccess": true, "resource_scopes": ["view", "edit"]});
    ask(server, owner, ("POST", "resource_set"), Some(body)).text("_id")
}

fn share(server: &TestServer, owner: &str, resource: &str, body: Value) -> Reply {
    ask(server, owner, ("POST", &format!("uma-policy/{resource}")), Some(body))
}

/// CVE-2026-3190: a token of the resource server's client is not enough to see who asked whom for what.
#[test]
fn permission_tickets_are_not_listed_for_a_caller_without_the_role() {
    let (_folder, server) = server();
    let (olga, otto, uwe) = (log_in(&server, "rs", "olga"), log_in(&server, "rs", "otto"), log_in(&server, "rs", "uwe"));
    let photo = register(&server, &olga, "photo");
    let body = json!({"resource": photo, "requesterName": "uwe", "scopeName": "view"});
    assert_eq!(ask(&server, &olga, ("POST", "permission/ticket"), Some(body)).status, 200);
    for path in ["permission/ticket", "permission/ticket/count"] {
        let reply = ask(&server, &uwe, ("GET", path), None);
        assert_eq!((reply.status, reply.text("error")), (403, "invalid_scope".to_owned()), "{path}");
    }
    let seen = |token: &str| ask(&server, token, ("GET", "permission/ticket"), None).json().as_array().unwrap().len();
    assert_eq!((seen(&olga), seen(&otto), seen(&own_token(&server, "rs"))), (1, 0, 1));
    assert_eq!(seen(&own_token(&server, "rs2")), 0, "nor of another resource server");
}

/// CVE-2025-14777: an owner named in a body, and ids of resources of others.
#[test]
fn nobody_becomes_the_owner_of_what_is_anothers() {
    let (_folder, server) = server();
    let (olga, otto) = (log_in(&server, "rs", "olga"), log_in(&server, "rs", "otto"));
    let photo = register(&server, &olga, "photo");
    let claimed = json!({"name": "photo", "owner": "otto", "ownerManagedAccess": true, "resource_scopes": ["view"]});
    let at = format!("resource_set/{photo}");
    assert_eq!(ask(&server, &otto, ("PUT", &at), Some(claimed.clone())).status, 403);
    assert_eq!(ask(&server, &otto, ("DELETE", &at), None).status, 403);
    assert_eq!(ask(&server, &otto, ("GET", &at), None).status, 403);
    assert_eq!(ask(&server, &olga, ("PUT", &at), Some(claimed)).status, 204);
    let read = ask(&server, &olga, ("GET", &at), None);
    assert_eq!(read.status, 200, "it is olga's still");
    let again = json!({"_id": photo, "name": "mine", "ownerManagedAccess": true});
    assert_eq!(ask(&server, &otto, ("POST", "resource_set"), Some(again)).status, 409);
}

/// CVE-2025-14778: policies of another owner.
#[test]
fn policies_of_another_owner_are_neither_read_nor_changed_nor_removed() {
    let (_folder, server) = server();
    let (olga, otto, uwe) = (log_in(&server, "rs", "olga"), log_in(&server, "rs", "otto"), log_in(&server, "app", "uwe"));
    let photo = register(&server, &olga, "photo");
    let policy = share(&server, &olga, &photo, json!({"name": "for uwe", "scopes": ["view"], "users": ["uwe"]})).text("id");
    let at = format!("uma-policy/{policy}");
    let widened = json!({"name": "for all", "scopes": ["view", "edit"], "users": ["uwe", "otto"]});
    for token in [&otto, &own_token(&server, "rs")] {
        assert_eq!(ask(&server, token, ("GET", &at), None).status, 400);
        assert_eq!(ask(&server, token, ("PUT", &at), Some(widened.clone())).status, 400);
        assert_eq!(ask(&server, token, ("DELETE", &at), None).status, 400);
        assert_eq!(ask(&server, token, ("GET", "uma-policy"), None).json(), json!([]));
    }
    let asked = [("audience", "rs"), ("permission", photo.as_str())];
    assert_eq!(permissions(&server, &uwe, &asked).1[0]["scopes"], json!(["view"]));
}

/// CVE-2026-4630: ids of another resource server of the realm.
#[test]
fn resources_of_another_resource_server_are_not_reached_by_their_ids() {
    let (_folder, server) = server();
    let (olga, other) = (log_in(&server, "rs", "olga"), own_token(&server, "rs2"));
    let photo = register(&server, &olga, "photo");
    let policy = share(&server, &olga, &photo, json!({"name": "for uwe", "users": ["uwe"]})).text("id");
    let body = json!({"name": "x"});
    for token in [&other, &log_in(&server, "rs2", "olga")] {
        for (method, path) in
            [("GET", "resource_set"), ("PUT", "resource_set"), ("DELETE", "resource_set"), ("GET", "uma-policy")]
        {
            let id = if path == "uma-policy" { &policy } else { &photo };
            let given = (method == "PUT").then(|| body.clone());
            let reply = ask(&server, token, (method, &format!("{path}/{id}")), given);
            assert_eq!(reply.status, 404, "{method} {path}");
        }
        let ticket = ask(&server, token, ("POST", "permission"), Some(json!([{"resource_id": photo}])));
        assert_eq!((ticket.status, ticket.text("error")), (400, "invalid_resource_id".to_owned()));
    }
    assert_eq!(permissions(&server, &olga, &[("audience", "rs2"), ("permission", &photo)]).0, 400);
}

/// CVE-2026-4636: resources of others in the body of a policy for one's own.
#[test]
fn a_policy_is_for_the_resource_in_its_path_alone() {
    let (_folder, server) = server();
    let (olga, otto, uwe) = (log_in(&server, "rs", "olga"), log_in(&server, "rs", "otto"), log_in(&server, "app", "uwe"));
    let (of_olga, of_otto) = (register(&server, &olga, "photo"), register(&server, &otto, "film"));
    let injected = json!({"name": "mine", "scopes": ["view"], "users": ["uwe"], "resources": [of_olga]});
    let refused = share(&server, &otto, &of_otto, injected.clone());
    assert_eq!((refused.status, refused.text("error_description")), (400, "Invalid resource".to_owned()));
    assert_eq!(share(&server, &otto, &of_olga, json!({"name": "x", "users": ["uwe"]})).status, 400);
    let own = share(&server, &otto, &of_otto, json!({"name": "mine", "scopes": ["view"], "users": ["uwe"]})).text("id");
    assert_eq!(ask(&server, &otto, ("PUT", &format!("uma-policy/{own}")), Some(injected)).status, 400);
    assert_eq!(permissions(&server, &uwe, &[("audience", "rs"), ("permission", &of_olga)]), (403, json!("not_authorized")));
    assert_eq!(permissions(&server, &uwe, &[("audience", "rs"), ("permission", &of_otto)]).0, 200);
}

/// CVE-2026-9799: a granted ticket is for one scope of one resource.
#[test]
fn a_ticket_granted_for_one_thing_is_not_one_for_all() {
    let (_folder, server) = server();
    let (olga, uwe) = (log_in(&server, "rs", "olga"), log_in(&server, "app", "uwe"));
    let (photo, film) = (register(&server, &olga, "photo"), register(&server, &olga, "film"));
    let grant = json!({"resource": photo, "requesterName": "uwe", "scopeName": "view", "granted": true});
    assert_eq!(ask(&server, &olga, ("POST", "permission/ticket"), Some(grant)).status, 200);
    let (_, everything) = permissions(&server, &uwe, &[("audience", "rs")]);
    assert_eq!(everything, json!([{"scopes": ["view"], "rsid": photo, "rsname": "photo"}]));
    let denied = (403, json!("not_authorized"));
    assert_eq!(permissions(&server, &uwe, &[("audience", "rs"), ("permission", &format!("{photo}#edit"))]), denied);
    assert_eq!(permissions(&server, &uwe, &[("audience", "rs"), ("permission", &film)]), denied);
    // A ticket of the resource server that names no resource asks for scopes; it does not give them.
    let pat = own_token(&server, "rs");
    let ticket = ask(&server, &pat, ("POST", "permission"), Some(json!([{"resource_scopes": ["edit"]}]))).text("ticket");
    assert_eq!(permissions(&server, &uwe, &[("ticket", &ticket)]).0, 403);
    // Nor is another token of the resource server a ticket for everything.
    assert_eq!(permissions(&server, &uwe, &[("ticket", &pat)]), (403, json!("Ticket verification failed")));
}

#[test]
fn what_its_owner_withdraws_is_not_granted_any_more() {
    let (_folder, server) = server();
    let (olga, uwe) = (log_in(&server, "rs", "olga"), log_in(&server, "app", "uwe"));
    let photo = register(&server, &olga, "photo");
    let grant = json!({"resource": photo, "requesterName": "uwe", "scopeName": "view", "granted": true});
    let id = ask(&server, &olga, ("POST", "permission/ticket"), Some(grant)).text("id");
    let asked = [("audience", "rs"), ("permission", photo.as_str())];
    assert_eq!(permissions(&server, &uwe, &asked).0, 200);
    assert_eq!(ask(&server, &olga, ("PUT", "permission/ticket"), Some(json!({"id": id, "granted": false}))).status, 204);
    assert_eq!(permissions(&server, &uwe, &asked).0, 403);
    assert_eq!(ask(&server, &olga, ("GET", "permission/ticket"), None).json(), json!([]));
}

#[test]
fn a_ticket_is_good_for_five_minutes() {
    let (_folder, server) = server();
    let (olga, pat) = (log_in(&server, "rs", "olga"), own_token(&server, "rs"));
    let photo = register(&server, &olga, "photo");
    share(&server, &olga, &photo, json!({"name": "for uwe", "users": ["uwe"]}));
    let ticket = ask(&server, &pat, ("POST", "permission"), Some(json!([{"resource_id": photo}]))).text("ticket");
    server.clock.advance_secs(300);
    assert_eq!(permissions(&server, &log_in(&server, "app", "uwe"), &[("ticket", &ticket)]).0, 200);
    server.clock.advance_secs(1);
    assert_eq!(permissions(&server, &log_in(&server, "app", "uwe"), &[("ticket", &ticket)]).0, 403);
}
