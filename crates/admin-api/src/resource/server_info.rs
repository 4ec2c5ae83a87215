//! `/admin/serverinfo`, as far as clients need it to start: every member is there, lists of what is not served are empty.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::roles::{self, CREATE_REALM, MASTER, Permission};
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static TOP: Resource = Resource {
    routes: &[Route::get("serverinfo", |call| Box::pin(read(call)))],
    locator: None,
    wrong_verb: WrongVerb::MethodNotAllowed,
};

/// The Keycloak whose API this is: clients ask for it before they speak.
const VERSION: &str = "26.7.4";

/// Policies of passwords: id, name, type of their value, default, whether there may be several.
const PASSWORD_POLICIES: &[(&str, &str, &str, &str, bool)] = &[
    ("digits", "Digits", "int", "1", false),
    ("forceExpiredPasswordChange", "Expire Password", "String", "365", false),
    ("hashAlgorithm", "Hashing Algorithm", "String", "argon2", false),
    ("hashIterations", "Hashing Iterations", "int", "-1", false),
    ("length", "Minimum Length", "int", "8", false),
    ("lowerCase", "Lowercase Characters", "int", "1", false),
    ("maxLength", "Maximum Length", "int", "64", false),
    ("notEmail", "Not Email", "", "", false),
    ("notUsername", "Not Username", "", "", false),
    ("passwordHistory", "Not Recently Used", "int", "3", false),
    ("regexPattern", "Regular Expression", "String", "", true),
    ("specialChars", "Special Characters", "int", "1", false),
    ("upperCase", "Uppercase Characters", "int", "1", false),
];

/// Keycloak: anybody with an admin role; what the machine is like is for those who may everything in their realm.
async fn read(call: &Call) -> Result<Answer, AdminError> {
    let caller = &call.caller;
    let in_master = caller.realm.name.as_str() == MASTER;
    let everything = roles::may_everything(&caller.roles, &caller.realm);
    let is_admin = everything
        || (in_master && (caller.has_realm_role(CREATE_REALM) || roles::has_any_of_master(&caller.roles)))
        || caller.may(caller.realm.name.as_str(), Permission::SeeRealm);
    if !is_admin {
        return Err(AdminError::Forbidden);
    }
    let mut info = common();
    if everything || caller.may(caller.realm.name.as_str(), Permission::AdministerRealm) {
        info.insert("systemInfo".to_owned(), system_info(call));
    }
    if everything {
        info.insert("cpuInfo".to_owned(), json!({ "processorCount": cores() }));
        let memory = json!({
            "total": 0, "totalFormated": "0 MB", "used": 0, "usedFormated": "0 MB",
            "free": 0, "freePercentage": 100, "freeFormated": "0 MB",
        });
        info.insert("memoryInfo".to_owned(), memory);
    }
    Answer::json(&info)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn common() -> Map<String, Value> {
    let policies = PASSWORD_POLICIES.iter().map(|(id, name, kind, default, several)| {
        let kind = if kind.is_empty() { Value::Null } else { (*kind).into() };
        json!({ "id": id, "displayName": name, "configType": kind, "defaultValue": default, "multipleSupported": several })
    });
    let policies: Vec<Value> = policies.collect();
    let info = json!({
        "profileInfo": { "name": "default", "disabledFeatures": [], "previewFeatures": [], "experimentalFeatures": [] },
        "features": [],
        "cryptoInfo": {
            "cryptoProvider": "OpenSSL", "supportedKeystoreTypes": ["PKCS12"],
            "clientSignatureSymmetricAlgorithms": ["HS256", "HS384", "HS512"],
            "clientSignatureAsymmetricAlgorithms":
                ["ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"],
        },
        "themes": {
            "common": [{ "name": "keycloak" }], "admin": [{ "name": "keycloak.v2" }], "login": [{ "name": "keycloak.v2" }],
            "welcome": [{ "name": "keycloak" }], "account": [{ "name": "keycloak.v3" }], "email": [{ "name": "keycloak" }],
        },
        "socialProviders": [], "identityProviders": [], "providers": {}, "protocolMapperTypes": {}, "builtinProtocolMappers": {},
        "clientInstallations": {}, "componentTypes": {}, "passwordPolicies": policies,
        "enums": { "operationType": ["ACTION", "CREATE", "DELETE", "UPDATE"], "eventType": [], "resourceType": [], "type": [] },
        "parameterizedScopeTypes": [],
    });
    if let Value::Object(info) = info { info } else { Map::new() }
}

/// The members that Keycloak has; what only a Java machine has is empty.
fn system_info(call: &Call) -> Value {
    json!({
        "version": VERSION, "serverTime": call.context.now.millis().to_string(), "uptime": "", "uptimeMillis": 0,
        "javaVersion": "", "javaVendor": "", "javaVm": "", "javaVmVersion": "", "javaRuntime": "", "javaHome": "",
        "osName": "Linux", "osArchitecture": if cfg!(target_arch = "aarch64") { "aarch64" } else { "amd64" }, "osVersion": "", "fileEncoding": "UTF-8",
        "userName": "", "userDir": "", "userTimezone": "UTC", "userLocale": "en",
    })
}
