//! Realm files that are made up: the same every time.

use serde_json::{Value, json};

/// The secret of a client that [`client`] makes.
pub(super) fn secret(number: usize) -> String {
    format!("secret-of-client-{number}-{:08x}", mixed(number))
}

/// A number that looks random and is not.
pub(super) fn mixed(number: usize) -> u64 {
    let mut x = (number as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A version 4 UUID.
pub(super) fn id(number: usize) -> String {
    let (a, b) = (mixed(number), mixed(number ^ 0xffff_ffff_0000));
    let (a1, a2, a3) = (a >> 32, (a >> 16) & 0xffff, a & 0xfff);
    format!("{a1:08x}-{a2:04x}-4{a3:03x}-a{:03x}-{:012x}", (b >> 48) & 0xfff, b & 0xffff_ffff_ffff)
}

/// A confidential client for people and for itself: `client-<number>`.
pub(super) fn client(number: usize) -> Value {
    let name = format!("client-{number}");
    json!({
        "clientId": name, "name": format!("Application {number}"), "enabled": true, "publicClient": false,
        "clientAuthenticatorType": "client-secret", "secret": secret(number), "serviceAccountsEnabled": true,
        "standardFlowEnabled": true, "directAccessGrantsEnabled": false, "protocol": "openid-connect",
        "redirectUris": [format!("https://{name}.example/callback"), format!("https://{name}.example/silent")],
        "webOrigins": ["+"],
        "attributes": { "access.token.lifespan": "300", "post.logout.redirect.uris": "+", "pkce.code.challenge.method": "S256" },
    })
}

/// A realm of clients.
pub(super) fn realm(name: &str, clients: usize) -> Value {
    let clients: Vec<Value> = (0..clients).map(client).collect();
    json!({ "realm": name, "enabled": true, "sslRequired": "none", "clients": clients })
}

/// A user with a hashed password, as an export has it.
pub(super) fn user(number: usize, realm: &str) -> Value {
    let username = username(number);
    let salt = id(number + 1);
    let secret =
        json!({ "value": format!("{salt}{salt}"), "salt": salt.replace('-', ""), "additionalParameters": {} }).to_string();
    let data = r#"{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}"#;
    json!({
        "id": id(number), "username": username, "email": format!("{username}@example.org"), "emailVerified": true,
        "firstName": "Anna", "lastName": format!("Adler{}", mixed(number) % 5_000), "enabled": true,
        "createdTimestamp": 1_700_000_000_000_u64 + number as u64, "totp": false,
        "attributes": { "employee": [format!("e{}", mixed(number + 3) % 900_000)] },
        "credentials": [{
            "id": id(number + 2), "type": "password", "createdDate": 1_700_000_000_000_u64, "secretData": secret, "credentialData": data,
        }],
        "disableableCredentialTypes": [], "requiredActions": [], "realmRoles": [format!("default-roles-{realm}")], "notBefore": 0,
        "groups": [],
    })
}

/// The username of a user that [`user`] makes.
pub(super) fn username(number: usize) -> String {
    format!("user{:07}", (mixed(number) % 10) * 1_000_000 + number as u64 % 1_000_000)
}

/// A realm of everything, of at least so many bytes when it is written.
pub(super) fn large_realm(name: &str, bytes: usize) -> Value {
    let (mut realm, mut size, mut number) = (realm(name, 0), 0, 0);
    let (mut clients, mut roles, mut groups, mut users) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut sized = |value: Value| {
        size += serde_json::to_string_pretty(&value).map_or(0, |text| text.len() + text.lines().count() * 4);
        (value, size < bytes)
    };
    let mut goes_on = true;
    while goes_on {
        number += 1;
        let mut client = client(number);
        if let Some(client) = client.as_object_mut() {
            client.insert("protocolMappers".to_owned(), json!([mapper("department"), mapper("cost centre")]));
        }
        let role = json!({ "name": format!("role-{number}"), "description": format!("What {number} may do"), "attributes": {} });
        let group = json!({ "name": format!("group-{number}"), "attributes": { "site": [format!("site {}", number % 40)] },
            "subGroups": [{ "name": "leads" }, { "name": "members" }] });
        for (list, value) in [(&mut clients, client), (&mut roles, role), (&mut groups, group), (&mut users, user(number, name))]
        {
            let (value, more) = sized(value);
            list.push(value);
            goes_on &= more;
        }
    }
    if let Some(realm) = realm.as_object_mut() {
        realm.extend([
            ("roles".to_owned(), json!({ "realm": roles })),
            ("groups".to_owned(), groups.into()),
            ("clients".to_owned(), clients.into()),
            ("users".to_owned(), users.into()),
        ]);
    }
    realm
}

fn mapper(attribute: &str) -> Value {
    json!({
        "name": attribute, "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-attribute-mapper", "consentRequired": false,
        "config": {
            "user.attribute": attribute, "claim.name": attribute, "jsonType.label": "String", "id.token.claim": "true",
            "access.token.claim": "true", "userinfo.token.claim": "true",
        },
    })
}
