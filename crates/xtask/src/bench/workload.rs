//! What is asked: the realms `bench`, `sbc` and `acme` of tests/keycloak/realms.

use super::BenchError;
use super::proof::ProofKey;
use super::yardstick::Yardstick;
use crate::http_client::{Answer, Connection, HttpError};

/// One kind of request, and what it costs beside HTTP.
pub(super) struct Workload {
    pub(super) name: &'static str,
    pub(super) crypto: Crypto,
    realm: &'static str,
    ask: Ask,
}

/// The crypto without which there is no answer.
#[derive(Clone, Copy)]
pub(super) enum Crypto {
    None,
    Signature,
    Argon2idAndSignature,
    Pbkdf2AndSignature,
}

impl Crypto {
    pub(super) fn ms(self, yardstick: &Yardstick) -> Option<f64> {
        match self {
            Self::None => None,
            Self::Signature => Some(yardstick.signature_ms),
            Self::Argon2idAndSignature => Some(yardstick.argon2id_ms + yardstick.signature_ms),
            Self::Pbkdf2AndSignature => Some(yardstick.pbkdf2_ms + yardstick.signature_ms),
        }
    }
}

enum Ask {
    Get(&'static str),
    Token(&'static str),
    RefreshChain {
        login: &'static str,
        client: &'static str,
        binding: Binding,
    },
    /// An access token, got once by `login`, is shown again and again.
    Show {
        login: &'static str,
        tail: &'static str,
        how: Shown,
    },
}

/// How an access token is shown.
enum Shown {
    /// `Authorization: Bearer`
    Header,
    /// At the end of this form.
    Form(&'static str),
}

const TOKEN: &str = "/protocol/openid-connect/token";

/// Whether the tokens of a chain are bound to a key, with a DPoP proof in every request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Binding {
    None,
    Dpop,
}

pub(super) const LOGIN: &str = "grant_type=password&client_id=app&username=alice&password=wonderland";

/// A login that costs no password hash, so that many sessions can be made: a service account with refresh tokens.
pub(super) const SESSION: Workload = Workload {
    name: "session",
    crypto: Crypto::Signature,
    realm: "acme",
    ask: Ask::Token("grant_type=client_credentials&client_id=cc-refresh&client_secret=cc-refresh-secret"),
};

pub(super) const ALL: &[Workload] = &[
    Workload {
        name: "client_credentials",
        crypto: Crypto::Signature,
        realm: "bench",
        ask: Ask::Token("grant_type=client_credentials&client_id=svc&client_secret=s3cr3t"),
    },
    Workload {
        name: "refresh chain",
        crypto: Crypto::Signature,
        realm: "bench",
        ask: Ask::RefreshChain { login: LOGIN, client: "app", binding: Binding::None },
    },
    Workload {
        name: "refresh chain DPoP",
        crypto: Crypto::Signature,
        realm: "bench",
        ask: Ask::RefreshChain { login: LOGIN, client: "app", binding: Binding::Dpop },
    },
    Workload {
        name: "es256 client_credentials",
        crypto: Crypto::None,
        realm: "legacy",
        ask: Ask::Token("grant_type=client_credentials&client_id=batch&client_secret=batch-secret"),
    },
    Workload {
        name: "token exchange",
        crypto: Crypto::Signature,
        realm: "acme",
        ask: Ask::Show {
            login: "grant_type=password&client_id=frontdoor&username=alice&password=wonderland-1",
            tail: TOKEN,
            how: Shown::Form(
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id=exchanger&client_secret=exchanger-secret&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token=",
            ),
        },
    },
    Workload {
        name: "introspection",
        crypto: Crypto::None,
        realm: "acme",
        ask: Ask::Show {
            login: "grant_type=password&client_id=frontdoor&username=bob&password=can-we-fix-it",
            tail: "/protocol/openid-connect/token/introspect",
            how: Shown::Form("client_id=introspector&client_secret=introspector-secret&token="),
        },
    },
    Workload {
        name: "userinfo",
        crypto: Crypto::None,
        realm: "acme",
        ask: Ask::Show {
            login: "grant_type=password&client_id=cli&username=alice&password=wonderland-1&scope=openid",
            tail: "/protocol/openid-connect/userinfo",
            how: Shown::Header,
        },
    },
    Workload { name: "password argon2id", crypto: Crypto::Argon2idAndSignature, realm: "bench", ask: Ask::Token(LOGIN) },
    Workload {
        name: "password pbkdf2",
        crypto: Crypto::Pbkdf2AndSignature,
        realm: "sbc",
        ask: Ask::Token("grant_type=password&client_id=cnsbc-api-access&username=operator&password=operator-pass"),
    },
    Workload { name: "certs", crypto: Crypto::None, realm: "bench", ask: Ask::Get("/protocol/openid-connect/certs") },
    Workload { name: "discovery", crypto: Crypto::None, realm: "bench", ask: Ask::Get("/.well-known/openid-configuration") },
];

/// One client's place in a workload: its connection, and the token it holds.
pub(super) struct Caller<'a> {
    workload: &'a Workload,
    connection: Connection,
    path: String,
    token: Option<String>,
    key: Option<ProofKey>,
}

impl<'a> Caller<'a> {
    pub(super) fn new(workload: &'a Workload, base: &str) -> Result<Self, BenchError> {
        let path = match workload.ask {
            Ask::Get(tail) | Ask::Show { tail, .. } => format!("/realms/{}{tail}", workload.realm),
            Ask::Token(_) | Ask::RefreshChain { .. } => format!("/realms/{}{TOKEN}", workload.realm),
        };
        let key = match workload.ask {
            Ask::RefreshChain { binding: Binding::Dpop, .. } => Some(ProofKey::new(format!("{base}{path}"))?),
            _ => None,
        };
        let mut caller = Self { workload, connection: Connection::open(base)?, path, token: None, key };
        match workload.ask {
            Ask::RefreshChain { login, .. } => {
                let answer = caller.post(login)?;
                caller.keep(&answer, "refresh_token")?;
            }
            Ask::Show { login, .. } => {
                let answer = caller.connection.post_form(&format!("/realms/{}{TOKEN}", workload.realm), login)?;
                caller.keep(&answer, "access_token")?;
            }
            Ask::Get(_) | Ask::Token(_) => {}
        }
        Ok(caller)
    }

    /// Asks once; anything but a success is an error.
    pub(super) fn ask(&mut self) -> Result<(), BenchError> {
        let token = self.token.as_deref().unwrap_or_default();
        let answer = match &self.workload.ask {
            Ask::Get(_) => self.connection.get(&self.path)?,
            Ask::Token(form) => self.connection.post_form(&self.path, form)?,
            Ask::RefreshChain { client, .. } => {
                let form = format!("grant_type=refresh_token&client_id={client}&refresh_token={token}");
                let answer = self.post(&form)?;
                self.keep(&answer, "refresh_token")?;
                answer
            }
            Ask::Show { how: Shown::Header, .. } => {
                self.connection.get_with(&self.path, &format!("Authorization: Bearer {token}\r\n"))?
            }
            Ask::Show { how: Shown::Form(form), .. } => self.connection.post_form(&self.path, &format!("{form}{token}"))?,
        };
        self.expect_success(&answer)
    }

    fn post(&mut self, form: &str) -> Result<Answer, BenchError> {
        let proof = self.key.as_ref().map(ProofKey::proof).transpose()?;
        let header = proof.map_or_else(String::new, |proof| format!("DPoP: {proof}\r\n"));
        Ok(self.connection.post_form_with(&self.path, form, &header)?)
    }

    fn keep(&mut self, answer: &Answer, member: &str) -> Result<(), BenchError> {
        self.expect_success(answer)?;
        let body: serde_json::Value = serde_json::from_slice(&answer.body).map_err(|e| HttpError(e.to_string()))?;
        self.token = body.get(member).and_then(|t| t.as_str()).map(str::to_owned);
        Ok(())
    }

    fn expect_success(&self, answer: &Answer) -> Result<(), BenchError> {
        if answer.status == 200 {
            return Ok(());
        }
        let body = String::from_utf8_lossy(&answer.body).chars().take(200).collect();
        Err(BenchError::Refused { workload: self.workload.name, status: answer.status, body })
    }
}
