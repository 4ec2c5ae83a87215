//! Why a token says what it says, and why it does not say what somebody misses: the plan of the claims, evaluated mapper by mapper.
//!
//! The values are those of the tokens that would be issued; nothing here decides what goes into a token.

mod absent;
mod absent_claim;
mod absent_role;
mod entity;
mod present;
mod trail;

use std::sync::Arc;

use ambient::SeededEntropy;
use async_trait::async_trait;
use key_rotation::parse_compact;
use realm_model::{Client, ProtocolMapper, Realm};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::claims::Claims;
use crate::evaluate::Facts;
use crate::issuing::Issuing;
use crate::mapper::{Compiled, Places, compile};
use crate::mint::{MintContext, MintError};
use crate::plan::{ClaimPlan, mappers_of};
use crate::{
    GrantKind, GrantedScope, Issue, KeyError, RealmKeys, ScopeRequest, SessionFacts, SessionKind, SessionNotes, SignedToken,
    Subject, TokenIssuer,
};

pub use self::absent::{Answer, Asked, Reason};
pub use self::entity::{Entity, Holder, Member};
pub use self::present::{ExplainedClaim, ExplainedToken, Maker, Origin, Part};

/// Which tokens are meant.
#[derive(Clone, Debug)]
pub struct Question {
    /// Of which client.
    pub client: Arc<Client>,
    /// For whom; a service account gets them without a session.
    pub subject: Subject,
    /// The `scope` parameter.
    pub scope: Option<String>,
}

/// What a token says of itself. Nothing is verified: it opens no door here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ToldByToken {
    /// `iss`
    pub iss: String,
    /// `azp`
    pub azp: Option<String>,
    /// `sub`
    pub sub: Option<String>,
    /// `preferred_username`
    pub preferred_username: Option<String>,
    /// `scope`
    pub scope: Option<String>,
}

impl ToldByToken {
    /// Reads the claims of a compact token; `None` where it is none.
    pub fn read(token: &str) -> Option<Self> {
        serde_json::from_slice(&parse_compact(token.trim()).ok()?.payload).ok()
    }

    /// The realm, by the last part of `iss`.
    pub fn realm(&self) -> Option<&str> {
        self.iss.rsplit_once("/realms/").map(|(_, name)| name)
    }
}

/// What is to be said of the tokens.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The `scope` of the access token.
    pub scope: String,
    /// Why a request with this `scope` parameter is refused; the rest is told of the words that the client has.
    pub refused: Option<String>,
    /// Access token, ID token and userinfo, as far as there are such.
    pub tokens: Vec<ExplainedToken>,
    /// What was asked about.
    pub answers: Vec<Answer>,
}

/// A mapper of the plan, and what brings it.
pub(crate) struct Sourced<'a> {
    pub(crate) mapper: &'a ProtocolMapper,
    pub(crate) owner: Holder,
    pub(crate) compiled: Compiled,
}

impl<'a> Sourced<'a> {
    pub(crate) fn new(mapper: &'a ProtocolMapper, owner: Holder) -> Self {
        Self { mapper, owner, compiled: compile(mapper) }
    }

    fn priority(&self) -> u8 {
        match &self.compiled {
            Compiled::Claim(step) => step.source.priority(),
            _ => 0,
        }
    }

    pub(crate) fn entity(&self) -> Entity {
        Entity { holder: self.owner.clone(), member: Some(Member::Mapper(self.mapper.name.clone())) }
    }
}

/// Everything that is known of the tokens in question.
pub(crate) struct Inquiry<'a> {
    pub(crate) realm: &'a Realm,
    pub(crate) client: &'a Client,
    pub(crate) subject: &'a Subject,
    pub(crate) requested: &'a ScopeRequest,
    pub(crate) granted: &'a GrantedScope,
    /// In the order of the plan.
    pub(crate) sourced: &'a [Sourced<'a>],
    pub(crate) plan: &'a ClaimPlan,
    pub(crate) facts: &'a Facts<'a>,
}

/// Claims without a signature: nobody takes them for a token.
struct Unsigned;

#[async_trait]
impl RealmKeys for Unsigned {
    async fn sign(&self, _: &Arc<Realm>, _: &str, _: &str, claims: &[u8]) -> Result<String, KeyError> {
        Ok(String::from_utf8_lossy(claims).into_owned())
    }

    async fn verify(&self, _: &Arc<Realm>, _: &str) -> Result<Option<SignedToken>, KeyError> {
        Ok(None)
    }
}

/// What is asked for without a signature: to nobody's key either.
const ENCRYPTION: [&str; 2] = ["id.token.encrypted.response.alg", "id.token.encrypted.response.enc"];

/// Explains the tokens of `question`, and what of `asked` is in them or is not.
///
/// # Errors
/// [`MintError`] where the claims cannot be made.
pub async fn explain(question: &Question, cx: MintContext<'_>, asked: &[Asked]) -> Result<Explanation, MintError> {
    let mut client = (*question.client).clone();
    for name in ENCRYPTION {
        client.attributes.remove(name);
    }
    let client = Arc::new(client);
    let (requested, refused) = match ScopeRequest::judge(cx.realm, &client, question.scope.as_deref()) {
        Ok(requested) => (requested, None),
        Err(invalid) => (ScopeRequest::taken(question.scope.as_deref()), Some(invalid.description())),
    };
    let granted = requested.grant(cx.realm, &client, &question.subject);
    let issue = issue(question, &client, &granted, cx);
    let issuer = TokenIssuer::new(Arc::new(Unsigned), Arc::new(SeededEntropy::new(0)));
    let minted = issuer.mint(&issue, cx).await?;
    let plan = ClaimPlan::compile(cx.realm, &client, &granted);
    let issuing = Issuing::new(&issue, cx, (&plan, &plan), &issuer);
    let facts = issuing.facts();
    let sourced = sourced(&client, &granted);
    let inquiry = Inquiry {
        realm: cx.realm,
        client: &client,
        subject: &question.subject,
        requested: &requested,
        granted: &granted,
        sourced: &sourced,
        plan: &plan,
        facts: &facts,
    };
    let mut tokens = vec![inquiry.token("access token", issuing.access_places(), &serde_json::from_str(&minted.access_token)?)];
    if let Some(id_token) = &minted.id_token {
        tokens.push(inquiry.token("ID token", Places::ID, &serde_json::from_str(id_token)?));
        tokens.push(inquiry.token("userinfo", Places::USERINFO, &userinfo(&plan, &facts)?));
    }
    let answers = asked.iter().map(|asked| inquiry.answer(asked, &tokens)).collect();
    Ok(Explanation { scope: minted.scope, refused, tokens, answers })
}

/// The mappers in the order in which the plan runs them.
fn sourced<'a>(client: &'a Client, granted: &'a GrantedScope) -> Vec<Sourced<'a>> {
    let owner = |scope: Option<&realm_model::ClientScope>| match scope {
        Some(scope) => Holder::ClientScope(Arc::clone(&scope.name)),
        None => Holder::Client(client.client_id.clone()),
    };
    let mut all: Vec<_> = mappers_of(client, granted).map(|(scope, mapper)| Sourced::new(mapper, owner(scope))).collect();
    all.sort_by_key(Sourced::priority);
    all
}

/// A login of the user, or the grant of a service account.
fn issue(question: &Question, client: &Arc<Client>, granted: &GrantedScope, cx: MintContext<'_>) -> Issue {
    let service = question.subject.user().service_account_client.as_ref() == Some(&client.client_id);
    let (kind, grant) = match service {
        true => (SessionKind::Transient, GrantKind::ClientCredentials),
        false => (SessionKind::Online, GrantKind::AuthorizationCode),
    };
    let notes = match service {
        true => SessionNotes::of_service_account(client.client_id.as_str(), "127.0.0.1"),
        false => SessionNotes::default().with("AUTH_TIME", cx.now.secs().to_string()),
    };
    let session =
        SessionFacts { kind, id: "session".into(), started: cx.now, ends: None, remember_me: false, notes, acr: "1".into() };
    Issue::new(question.subject.clone(), Arc::clone(client), granted.clone(), session, grant)
}

fn userinfo<'a>(plan: &'a ClaimPlan, facts: &Facts<'a>) -> Result<Map<String, Value>, MintError> {
    let mut claims = Claims::with_room();
    claims.set("sub", facts.subject);
    plan.evaluate(facts, Places::USERINFO, &mut claims);
    match serde_json::to_value(claims.in_order())? {
        Value::Object(claims) => Ok(claims),
        _ => Ok(Map::new()),
    }
}

#[cfg(test)]
mod tests;
