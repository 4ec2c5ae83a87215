use std::sync::Arc;

use oidc_types::Scope;
use realm_model::{Client, ClientScope, Organization, Realm, User};
use thiserror::Error;

use crate::Subject;
use crate::organization_scope::{ORGANIZATION, OrganizationScope, OrganizationWord, may_be_asked_for};

/// Characters of a `scope` parameter at the most, in UTF-16; a longer one is as good as none (wire.md section 0.2b).
pub const LONGEST_SCOPE: usize = 4000;

const OPENID: &str = "openid";
const OFFLINE_ACCESS: &str = "offline_access";

/// A `scope` parameter with a word that the client may not ask for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("scope words that the client does not have")]
pub struct InvalidScope {
    raw: String,
}

impl InvalidScope {
    /// Keycloak's text for it, with the parameter as it was sent.
    pub fn description(&self) -> String {
        format!("Invalid scopes: {}", self.raw)
    }
}

/// A checked `scope` parameter: every word is one that the client may ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeRequest(Option<Scope>);

impl ScopeRequest {
    /// Checks the words of `requested` against the client's default and optional scopes (wire.md section 1.2).
    ///
    /// # Errors
    /// [`InvalidScope`] where a word is neither of them nor `openid`.
    pub fn parse(client: &Client, requested: Option<&str>) -> Result<Self, InvalidScope> {
        // Keycloak: an over-long scope counts as absent (wire.md section 0.2b).
        let Some(raw) = requested.filter(|raw| raw.encode_utf16().count() <= LONGEST_SCOPE) else { return Ok(Self(None)) };
        // Keycloak: spaces at the end are no words, and a scope of spaces alone has none (measured on 26.7.4).
        let words = match raw.trim_end_matches(' ') {
            "" if !raw.is_empty() => Scope::default(),
            words => Scope::parse(words),
        };
        if !words.words().all(|word| may_ask_for(client, word)) {
            return Err(InvalidScope { raw: raw.to_owned() });
        }
        Ok(Self(Some(words)))
    }

    /// The same, and organizations must be those of `realm`. What is not judged for that grants nothing of others.
    ///
    /// # Errors
    /// [`InvalidScope`]
    pub fn judge(realm: &Realm, client: &Client, requested: Option<&str>) -> Result<Self, InvalidScope> {
        let parsed = Self::parse(client, requested)?;
        match &parsed.0 {
            Some(words) if !may_be_asked_for(realm, words) => Err(InvalidScope { raw: requested.unwrap_or_default().to_owned() }),
            _ => Ok(parsed),
        }
    }

    /// A parameter that was taken as it is: words that the client does not have are passed over.
    pub fn taken(requested: Option<&str>) -> Self {
        Self(requested.map(Scope::parse))
    }

    /// Whether `word` was asked for.
    pub fn asks_for(&self, word: &str) -> bool {
        self.0.as_ref().is_some_and(|words| words.contains(word))
    }

    /// Whether one of the words is of organizations.
    pub(crate) fn asks_for_organization(&self) -> bool {
        self.0.as_ref().is_some_and(|words| words.words().any(|word| OrganizationWord::parse(word).is_some()))
    }

    /// Whether there was a `scope` parameter at all.
    pub fn is_present(&self) -> bool {
        self.0.is_some()
    }

    /// Whether `offline_access` was asked for, be it by word or because it is a default scope of `client`.
    pub fn wants_offline(&self, client: &Client) -> bool {
        self.asks_for(OFFLINE_ACCESS) || client.default_scopes.iter().any(|name| &**name == OFFLINE_ACCESS)
    }

    /// What `subject` gets of it: the client's default scopes and the optional ones asked for, without those bound to roles
    /// that the subject has none of.
    pub fn grant(&self, realm: &Realm, client: &Client, subject: &Subject) -> GrantedScope {
        GrantedScope::of((realm, client, subject), self.0.as_ref().unwrap_or(&Scope::default()), Defaults::Always)
    }
}

fn may_ask_for(client: &Client, word: &str) -> bool {
    let name = if OrganizationWord::parse(word).is_some() { ORGANIZATION } else { word };
    word == OPENID || client.default_scopes.iter().chain(client.optional_scopes.iter()).any(|scope| &**scope == name)
}

/// Whether the client's default scopes come in unasked.
#[derive(Clone, Copy)]
enum Defaults {
    Always,
    WhereNamed,
}

/// The client scopes that one token request got: what its tokens are made from.
#[derive(Clone, Debug, Default)]
pub struct GrantedScope {
    openid: bool,
    scopes: Vec<Arc<ClientScope>>,
    organization: Option<OrganizationScope>,
    full_text: Arc<str>,
}

impl GrantedScope {
    /// What the `scope` claim of a refresh token still grants: a word that the client has lost since, or whose role the
    /// subject has lost, is gone.
    pub fn of_refresh_token(realm: &Realm, client: &Client, subject: &Subject, text: &str) -> Self {
        Self::of((realm, client, subject), &Scope::parse(text), Defaults::WhereNamed)
    }

    /// What the `scope` claim of a token that is looked at grants now: the client's default scopes and the words of the claim.
    /// `None`: the token has no such claim (ID tokens).
    pub fn of_token(realm: &Realm, client: &Client, subject: &Subject, text: Option<&str>) -> Self {
        let words = text.map(Scope::parse).unwrap_or_default();
        Self::of((realm, client, subject), &words, Defaults::Always)
    }

    fn of((realm, client, subject): (&Realm, &Client, &Subject), words: &Scope, defaults: Defaults) -> Self {
        let asked = |name: &str| match name {
            ORGANIZATION => words.words().any(|word| OrganizationWord::parse(word).is_some()),
            name => words.contains(name),
        };
        let always = matches!(defaults, Defaults::Always);
        let named = client.default_scopes.iter().filter(|name| always || asked(name));
        let optional = client.optional_scopes.iter().filter(|name| asked(name));
        let all: Vec<_> = named.chain(optional).collect();
        let has_organization = all.iter().any(|name| &***name == ORGANIZATION);
        let organization = has_organization.then(|| OrganizationScope::grant(realm, subject, words)).flatten();
        let mut scopes: Vec<_> = all
            .into_iter()
            .filter(|name| &***name != ORGANIZATION || organization.is_some())
            .filter_map(|name| realm.client_scopes.get(name))
            .filter(|scope| is_for(scope, realm, subject))
            .cloned()
            .collect();
        scopes.sort_by(|a, b| a.name.cmp(&b.name));
        scopes.dedup_by(|a, b| a.name == b.name);
        Self::new(words.contains(OPENID), scopes, organization)
    }

    fn new(openid: bool, scopes: Vec<Arc<ClientScope>>, organization: Option<OrganizationScope>) -> Self {
        let organization = organization.filter(|_| scopes.iter().any(|scope| &*scope.name == ORGANIZATION));
        let mut granted = Self { openid, scopes, organization, full_text: Arc::default() };
        granted.full_text = granted.text(|_| true).into();
        granted
    }

    /// The words of the client scopes that `shows` lets through.
    fn text(&self, shows: impl Fn(&ClientScope) -> bool) -> String {
        let mut text = String::with_capacity(64);
        let mut add = |word: &str| {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        };
        if self.openid {
            add(OPENID);
        }
        for scope in self.scopes.iter().filter(|scope| shows(scope)) {
            match &self.organization {
                Some(organization) if &*scope.name == ORGANIZATION => organization.words().for_each(&mut add),
                _ => add(&scope.name),
            }
        }
        text
    }

    /// This scope cut down to what a refresh asks for; default scopes stay (recording token-refresh/scope-narrowed).
    /// Without a `scope` parameter nothing changes.
    pub fn narrowed_to(&self, client: &Client, request: &ScopeRequest) -> Self {
        if !request.is_present() {
            return self.clone();
        }
        let is_default = |scope: &ClientScope| client.default_scopes.contains(&scope.name);
        let stays = !request.asks_for_organization() && client.default_scopes.iter().any(|name| &**name == ORGANIZATION);
        let narrowed = |organization: &OrganizationScope| match stays {
            true => Some(organization.clone()),
            false => organization.narrowed_to(request.0.as_ref()?),
        };
        let organization = self.organization.as_ref().and_then(narrowed);
        let keeps = |scope: &ClientScope| match &*scope.name {
            ORGANIZATION => organization.is_some(),
            name => is_default(scope) || request.asks_for(name),
        };
        let kept = self.scopes.iter().filter(|scope| keeps(scope)).cloned().collect();
        Self::new(self.openid && request.asks_for(OPENID), kept, organization)
    }

    /// Whether `openid` is in it.
    pub fn has_openid(&self) -> bool {
        self.openid
    }

    /// Whether `offline_access` is in it.
    pub fn has_offline_access(&self) -> bool {
        self.contains(OFFLINE_ACCESS)
    }

    /// Whether the client scope `name` is in it.
    pub fn contains(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| &*scope.name == name)
    }

    /// The organizations that it speaks of; `None` where it speaks of none.
    pub(crate) fn organizations(&self) -> Option<&[Arc<Organization>]> {
        self.organization.as_ref().map(OrganizationScope::organizations)
    }

    /// Whether `user` has granted all of it to `client`, as far as a user is asked.
    pub fn has_consent(&self, client: &Client, user: &User) -> bool {
        let is_asked =
            |scope: &ClientScope| scope.attributes.get("display.on.consent.screen").is_none_or(|value| value == "true");
        let granted = |scope: &Arc<ClientScope>| !is_asked(scope) || user.has_consented(client.client_id.as_str(), &scope.name);
        !client.consent_required || self.scopes.iter().all(granted)
    }

    /// The client scopes, by name.
    pub fn client_scopes(&self) -> impl Iterator<Item = &Arc<ClientScope>> {
        self.scopes.iter()
    }

    /// The words of a response and of an access token: `openid` first, then those with `include.in.token.scope`, sorted.
    pub fn token_text(&self) -> String {
        self.text(|scope| scope.include_in_token_scope)
    }

    /// All words, as a refresh token carries them.
    pub fn full_text(&self) -> &Arc<str> {
        &self.full_text
    }
}

/// A scope bound to roles is for those who have one of them.
fn is_for(scope: &ClientScope, realm: &Realm, subject: &Subject) -> bool {
    scope.role_scope_mappings.is_empty()
        || realm.expand(&scope.role_scope_mappings).iter().any(|role| subject.roles().contains(role))
}
