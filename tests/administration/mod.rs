//! The Admin API, where no recording shows it: who gains no power by it, and what breaks nothing.

use serde_json::{Value, json};

use crate::harness::client::{Client, Reply};
use crate::harness::replayer::Call;
use crate::harness::server::TestServer;
use crate::token::{admin, with};

/// Asks the Admin API, below `/admin/realms/small`, with a token.
fn ask(server: &TestServer, token: &str, (method, path): (&str, &str), body: &Value) -> Reply {
    let header = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    let headers = [header("Authorization", &format!("Bearer {token}")), header("Content-Type", "application/json")];
    let (target, text) = (format!("/admin/realms/small{path}"), body.to_string());
    let body = (!body.is_null()).then_some(text.as_bytes());
    Client::of(server).send(&Call { method, target: &target, headers: &headers, body }).unwrap()
}

/// The tokens of a login of anna, who has `roles` of realm-management.
fn log_in(server: &TestServer) -> Value {
    let rows = [("client_id", "app"), ("username", "anna"), ("password", "frank-password"), ("scope", "openid offline_access")];
    let online = [("grant_type", "password"), rows[0], rows[1], rows[2], ("scope", "openid")];
    let offline = [("grant_type", "password"), rows[0], rows[1], rows[2], rows[3]];
    let client = Client::of(server);
    let mut tokens = client.token("small", &online).json();
    tokens["offline_token"] = client.token("small", &offline).json()["refresh_token"].take();
    tokens
}

fn administered_by_anna(roles: &Value) -> (tempfile::TempDir, TestServer) {
    with(|realm| {
        realm["users"][0]["clientRoles"] = json!({ "realm-management": roles });
        realm["users"][0]["realmRoles"] = json!(["offline_access"]);
    })
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}"))
}

/// CVE-2023-0657
#[test]
fn refuses_tokens_of_every_other_type_in_the_place_of_an_administrators() {
    let (_folder, server) = administered_by_anna(&json!(["realm-admin"]));
    let tokens = log_in(&server);
    assert_eq!(ask(&server, text(&tokens, "access_token"), ("GET", "/users"), &Value::Null).status, 200);
    for other in ["id_token", "refresh_token", "offline_token"] {
        assert_eq!(ask(&server, text(&tokens, other), ("GET", "/users"), &Value::Null).status, 401, "{other}");
    }
}

/// CVE-2026-4629, CVE-2026-3121, CVE-2026-9795: what a mapper writes into a token, or a client lets through, is no role of its user.
#[test]
fn who_may_manage_clients_gains_nothing_by_a_mapper_that_writes_roles_into_tokens() {
    let (_folder, server) = administered_by_anna(&json!(["manage-clients"]));
    let tokens = log_in(&server);
    let client = ask(&server, text(&tokens, "access_token"), ("GET", "/clients?clientId=app"), &Value::Null).json();
    let mappers = format!("/clients/{}/protocol-mappers/models", text(&client[0], "id"));
    for (name, mapper) in [
        ("role", json!({"protocolMapper": "oidc-hardcoded-role-mapper", "config": {"role": "realm-management.realm-admin"}})),
        (
            "claim",
            json!({"protocolMapper": "oidc-hardcoded-claim-mapper", "config": {
            "claim.name": "resource_access.realm-management.roles", "claim.value": "[\"realm-admin\"]", "jsonType.label": "JSON",
            "access.token.claim": "true"}}),
        ),
    ] {
        let mut mapper = mapper;
        (mapper["name"], mapper["protocol"]) = (json!(name), json!("openid-connect"));
        ask(&server, text(&tokens, "access_token"), ("POST", &mappers), &mapper);
        let tokens = log_in(&server);
        for (method, path) in [("GET", "/users"), ("DELETE", ""), ("GET", "/events"), ("GET", "/keys")] {
            let answer = ask(&server, text(&tokens, "access_token"), (method, path), &Value::Null);
            assert_eq!(answer.status, 403, "{name}: {method} {path}");
        }
    }
    assert_eq!(admin(&server, "GET", "/small", &Value::Null)["realm"], "small");
}

/// CVE-2024-3656, CVE-2025-14082, CVE-2025-14083, CVE-2025-13881
#[test]
fn a_user_without_a_role_of_administrators_reads_and_writes_nothing() {
    let (_folder, server) = administered_by_anna(&json!([]));
    let (tokens, users) = (log_in(&server), admin(&server, "GET", "/small/users?username=anna", &Value::Null));
    let own = format!("/users/{}", text(&users[0], "id"));
    for path in [
        "/users",
        "/users/count",
        "/users/profile",
        "/users/profile/metadata",
        "/roles",
        "/roles/offline_access",
        "/clients",
        "/groups",
        "/client-scopes",
        "/keys",
        "/components",
        "/identity-provider/instances",
        "/authentication/flows",
        "/authentication/required-actions",
        "/events",
        "/events/config",
        "/admin-events",
        "/client-policies/policies",
        "/clients-initial-access",
        "/localization",
        "/attack-detection/brute-force/users/x",
        "/default-groups",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain(
        [
            "",
            "?userProfileMetadata=true",
            "/unmanagedAttributes",
            "/role-mappings",
            "/consents",
            "/sessions",
            "/credentials",
            "/groups",
        ]
        .map(|more| format!("{own}{more}")),
    ) {
        let answer = ask(&server, text(&tokens, "access_token"), ("GET", &path), &Value::Null);
        assert_eq!(answer.status, 403, "{path}: {}", String::from_utf8_lossy(&answer.body));
        assert!(answer.body.len() < 100, "{path}");
    }
    for (method, path, body) in [
        ("PUT", own.as_str(), json!({"firstName": "x"})),
        ("POST", "/users", json!({"username": "x"})),
        ("DELETE", own.as_str(), Value::Null),
        ("PUT", "", json!({"enabled": false})),
        ("POST", "/clients", json!({"clientId": "x"})),
        ("POST", "/roles", json!({"name": "x"})),
        ("POST", "/testSMTPConnection", json!({"host": "127.0.0.1"})),
        ("POST", "/logout-all", Value::Null),
        ("PUT", "/users/profile", json!({"attributes": []})),
        ("POST", "/partialImport", json!({"users": []})),
    ] {
        assert_eq!(ask(&server, text(&tokens, "access_token"), (method, path), &body).status, 403, "{method} {path}");
    }
}

/// CVE-2025-7784, CVE-2026-9099, CVE-2026-3121, CVE-2026-14613, CVE-2026-14614, CVE-2026-14615, CVE-2026-16106, CVE-2026-16108,
/// CVE-2026-94001: permissions on parts are not served, and switched on they are no permissions.
#[test]
fn switching_fine_grained_permissions_on_gives_nobody_anything() {
    let (_folder, server) = administered_by_anna(&json!(["query-users", "query-groups", "query-clients"]));
    admin(&server, "PUT", "/small", &json!({"adminPermissionsEnabled": true}));
    for name in ["low", "high"] {
        admin(&server, "POST", "/small/groups", &json!({ "name": name }));
    }
    let groups = admin(&server, "GET", "/small/groups", &Value::Null);
    let (high, low) = (text(&groups[0], "id"), text(&groups[1], "id"));
    let (tokens, clients) = (log_in(&server), admin(&server, "GET", "/small/clients?clientId=app", &Value::Null));
    let child = format!("/groups/{low}/children");
    for (method, path, body) in [
        ("POST", child.as_str(), json!({"id": high, "name": "high"})),
        ("GET", child.as_str(), Value::Null),
        ("GET", "/roles/offline_access/groups", Value::Null),
        ("PUT", &format!("/clients/{}", text(&clients[0], "id")), json!({"clientId": "app", "enabled": false})),
        ("PUT", &format!("/clients/{}/management/permissions", text(&clients[0], "id")), json!({"enabled": true})),
    ] {
        let status = ask(&server, text(&tokens, "access_token"), (method, path), &body).status;
        assert!((400..500).contains(&status), "{method} {path}: {status}");
    }
    for path in ["/users", "/groups", "/clients"] {
        assert_eq!(ask(&server, text(&tokens, "access_token"), ("GET", path), &Value::Null).json(), json!([]), "{path}");
    }
    let groups = admin(&server, "GET", "/small/groups", &Value::Null);
    assert_eq!(groups.as_array().unwrap().len(), 2, "high is where it was: {groups}");
}

/// CVE-2024-11734
#[test]
fn a_line_break_in_a_security_header_of_a_realm_splits_no_answer_and_stops_none() {
    let (_folder, server) = with(|_| {});
    for hostile in ["DENY\r\nX-Evil: 1", "DENY\nX-Evil: 1", "DENY\r\n\r\n<p>", "DENY\u{0}", "é"] {
        let headers = json!({"browserSecurityHeaders": {"xFrameOptions": hostile, "xRobotsTag": "none"}});
        admin(&server, "PUT", "/small", &headers);
        let answer = Client::of(&server).get("/realms/small");
        assert_eq!(
            (answer.status, answer.header("x-evil"), answer.header("x-robots-tag")),
            (200, None, Some("none")),
            "{hostile:?}"
        );
        assert_eq!(answer.json()["realm"], "small");
    }
}

/// CVE-2024-1722
#[test]
fn refuses_a_user_whose_name_or_address_is_how_another_logs_in() {
    let (_folder, server) = administered_by_anna(&json!(["manage-users"]));
    admin(&server, "POST", "/small/users", &json!({"username": "kim@x.example", "enabled": true}));
    let tokens = log_in(&server);
    let create = |user: Value| ask(&server, text(&tokens, "access_token"), ("POST", "/users"), &user).status;
    assert_eq!(create(json!({"username": "eve", "email": "eve@x.example"})), 201);
    assert_eq!(create(json!({"username": "eve2", "email": "kim@x.example"})), 409);
    assert_eq!(create(json!({"username": "anna@example.org"})), 409);
    assert_eq!(create(json!({"username": "Anna@Example.ORG"})), 409);
    let eve = admin(&server, "GET", "/small/users?username=eve&exact=true", &Value::Null);
    let path = format!("/users/{}", text(&eve[0], "id"));
    let update = json!({"username": "eve", "email": "kim@x.example"});
    assert_eq!(ask(&server, text(&tokens, "access_token"), ("PUT", &path), &update).status, 409);
}

/// CVE-2025-8419, CVE-2023-6484: an address is a word of a mail's header and of the log.
#[test]
fn refuses_an_e_mail_address_that_would_end_its_line() {
    let (_folder, server) = administered_by_anna(&json!(["manage-users"]));
    let tokens = log_in(&server);
    for (number, hostile) in [
        "a@x.example\r\nBcc: b@x.example",
        "a@x.example\nX: 1",
        "a\r@x.example",
        "\"a\r\nb\"@x.example",
        "a@x.example\u{0}",
        "a@x.example>,<b@x.example",
        "a@x.example, b@x.example",
        "a@x.example RCPT TO:<b@x.example>",
    ]
    .into_iter()
    .enumerate()
    {
        let user = json!({"username": format!("u{number}"), "email": hostile});
        let answer = ask(&server, text(&tokens, "access_token"), ("POST", "/users"), &user);
        assert_eq!(answer.status, 400, "{hostile:?}");
    }
}

/// CVE-2024-11736, CVE-2025-9162, CVE-2024-10492: only files of the operator are filled in, never what came over the wire.
#[test]
fn refuses_to_fill_in_the_environment_or_a_file_for_whoever_writes_a_placeholder() {
    let (_folder, server) = administered_by_anna(&json!(["manage-clients", "manage-realm", "manage-users"]));
    let (tokens, placeholders) =
        (log_in(&server), ["${PATH}", "${env.PATH}", "${env.HOME:x}", "${file:/etc/hostname}", "${vault.secret}"]);
    // Written twice, `$$`, it is none.
    let kept = |client: &Value| ["name", "secret"].map(|member| text(client, member).replace("$${", "${"));
    for (number, hostile) in placeholders.into_iter().enumerate() {
        let id = format!("c{number}");
        let client = json!({"clientId": id, "name": hostile, "secret": hostile});
        assert_eq!(ask(&server, text(&tokens, "access_token"), ("POST", "/clients"), &client).status, 201, "{hostile}");
        assert_eq!(kept(&admin(&server, "GET", &format!("/small/clients?clientId={id}"), &Value::Null)[0]), [hostile; 2]);
    }
    let import =
        json!({"ifResourceExists": "FAIL", "clients": [{"clientId": "all", "name": "${env.PATH}", "secret": "${env.PATH}"}]});
    assert_eq!(ask(&server, text(&tokens, "access_token"), ("POST", "/partialImport"), &import).status, 200);
    assert_eq!(kept(&admin(&server, "GET", "/small/clients?clientId=all", &Value::Null)[0]), ["${env.PATH}"; 2]);
}
