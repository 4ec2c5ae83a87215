use oidc_types::Params;
use serde_json::{Map, Value};

/// What an authorization request may say (wire.md section 6.1).
const KNOWN: [&str; 21] = [
    "client_id",
    "response_type",
    "response_mode",
    "redirect_uri",
    "state",
    "scope",
    "login_hint",
    "prompt",
    "kc_idp_hint",
    "kc_action",
    "nonce",
    "max_age",
    "ui_locales",
    "request",
    "request_uri",
    "claims",
    "acr_values",
    "code_challenge",
    "code_challenge_method",
    "display",
    "dpop_jkt",
];

/// The user code of a device that waits for this login. Only [`Parameters::of_device`] sets it.
const USER_CODE: &str = "latchkey.user_code";

/// How a client shows who it is: nobody's business afterwards, and never kept (CVE-2024-4540).
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// Claims of a request object that are about itself.
const OF_THE_OBJECT: [&str; 7] = ["iss", "aud", "exp", "iat", "nbf", "jti", "sub"];

/// Characters of a value at the most, in UTF-16; a longer one is as good as none (measured on 26.7.4).
const LONGEST: usize = 4000;

/// How many unknown parameters are kept, and characters of each at the most (wire.md section 6.1).
const MOST_UNKNOWN: usize = 5;
const LONGEST_UNKNOWN: usize = 2000;

/// The parameters of an authorization request, each at most once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads those of a query or form; of a repeated one the first counts.
    pub(crate) fn read(form: &Params) -> Self {
        let mut parameters = Self::default();
        for (name, value) in form.iter() {
            if parameters.get(name).is_none() && !CREDENTIALS.contains(&name) {
                parameters.keep(name, value.to_owned());
            }
        }
        parameters
    }

    /// With what a request object says: it goes before what stands beside it (RFC 9101 section 6.3; recording
    /// request-object/object-wins).
    #[must_use]
    pub(crate) fn with_object(mut self, claims: &Map<String, Value>) -> Self {
        self.0.retain(|(name, _)| name != "request");
        for (name, value) in claims {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            if !matches!(name.as_str(), "request" | "client_id") && !OF_THE_OBJECT.contains(&name.as_str()) {
                self.0.retain(|(kept, _)| kept != name);
                self.keep(name, text);
            }
        }
        self
    }

    /// With what stands in a query beside a pushed request, as far as it changes nothing but what the user sees. Keycloak: whatever
    /// was not pushed counts (recording par/optional-for-other-client).
    #[must_use]
    pub(crate) fn beside(mut self, query: &Self) -> Self {
        for name in ["prompt", "login_hint", "ui_locales", "kc_idp_hint"] {
            if let (None, Some(value)) = (self.get(name), query.get(name)) {
                self.keep(name, value.to_owned());
            }
        }
        self
    }

    /// With another value of `name`.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(kept, _)| kept != name);
        self.keep(name, value.to_owned());
        self
    }

    /// Without `name`.
    #[must_use]
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(kept, _)| kept != name);
        self
    }

    fn keep(&mut self, name: &str, value: String) {
        let length = value.encode_utf16().count();
        let is_known = KNOWN.contains(&name);
        let unknown = self.0.iter().filter(|(kept, _)| !KNOWN.contains(&kept.as_str())).count();
        let fits = match name {
            USER_CODE => false,
            "request" => true,
            _ if is_known => length <= LONGEST,
            _ => length <= LONGEST_UNKNOWN && unknown < MOST_UNKNOWN,
        };
        if fits {
            self.0.push((name.to_owned(), value));
        }
    }

    /// The value of `name`. An empty value is a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(kept, _)| kept == name).map(|(_, value)| value.as_str())
    }

    /// What a device asked for that waits for whoever enters `user_code` (RFC 8628).
    pub(crate) fn of_device(asked: impl Iterator<Item = (String, String)>, user_code: &str) -> Self {
        Self(asked.chain([(USER_CODE.to_owned(), user_code.to_owned())]).collect())
    }

    /// The user code of the device that waits for this login, if one does.
    pub(crate) fn user_code(&self) -> Option<&str> {
        self.get(USER_CODE)
    }

    /// Name and value of each.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The opposite of [`Self::pairs`].
    pub(crate) const fn of_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl client_policies::Parameters for Parameters {
    fn value(&self, name: &str) -> Option<&str> {
        self.get(name)
    }
}

/// Prints the names only.
impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
