use realm_model::ProtocolMapper;

use super::absent::{Reason, nearest};
use super::{Entity, ExplainedToken, Holder, Inquiry, Sourced};
use crate::issuing::is_lightweight;
use crate::mapper::{Compiled, Places, Source, Step};

const PLACEHOLDER: &str = "${client_id}";

/// Which of the mappers are meant.
pub(crate) type Meant<'m> = &'m dyn Fn(&Sourced<'_>) -> bool;

impl<'a> Inquiry<'a> {
    pub(crate) fn missing_claim(&self, name: &str, tokens: &[ExplainedToken]) -> (Vec<&'static str>, Vec<Reason>) {
        let has = |token: &ExplainedToken| token.claims.iter().any(|claim| is_or_holds(&claim.name(), name));
        let (found, without): (Vec<_>, Vec<_>) = tokens.iter().partition(|token| has(token));
        let meant = |sourced: &Sourced<'_>| makes(sourced, name);
        let mut reasons: Vec<_> = without.iter().flat_map(|token| self.why_not_made(token.name, &meant)).collect();
        if found.is_empty() && reasons.is_empty() {
            reasons = self.elsewhere(&meant);
        }
        if found.is_empty() && reasons.is_empty() {
            reasons.push(self.unknown_claim(name));
        }
        if tokens.len() == 1 && !reasons.is_empty() {
            reasons.extend(self.why_not_granted("openid"));
        }
        (found.iter().map(|token| token.name).collect(), reasons)
    }

    /// What keeps the mappers of the plan that are meant from making a claim of `token`.
    pub(crate) fn why_not_made(&self, token: &'static str, meant: Meant<'_>) -> Vec<Reason> {
        let places = match token {
            "ID token" => Places::ID,
            "userinfo" => Places::USERINFO,
            _ if is_lightweight(self.client) => Places::LIGHTWEIGHT,
            _ => Places::ACCESS,
        };
        let why = |sourced: &'a Sourced<'a>| {
            let who = format!("mapper \"{}\" of {}", sourced.mapper.name, sourced.owner);
            let reason = match &sourced.compiled {
                Compiled::Nothing(why) => Reason::new("mapper-skipped", format!("{who} is skipped: {why}")),
                Compiled::Claim(step) if !step.serves(places) => switched_off(token, step, &who, places),
                Compiled::Claim(step) if self.makes_nothing(sourced, places) => {
                    let (rule, text) = self.no_value(step);
                    Reason::new(rule, format!("{who} finds nothing for it: {text}"))
                }
                _ => return None,
            };
            Some(reason.at(sourced.entity()))
        };
        self.sourced.iter().filter(|sourced| meant(sourced)).filter_map(why).collect()
    }

    /// The client scopes that are not granted and have such a mapper.
    pub(crate) fn elsewhere(&self, meant: Meant<'_>) -> Vec<Reason> {
        let mut scopes: Vec<_> = self.realm.client_scopes.values().filter(|scope| !self.granted.contains(&scope.name)).collect();
        scopes.sort_by(|a, b| a.name.cmp(&b.name));
        let mut reasons = Vec::new();
        for scope in scopes {
            let sourced = |mapper: &'a ProtocolMapper| Sourced::new(mapper, Holder::ClientScope(scope.name.clone()));
            let Some(one) = scope.mappers.iter().map(|mapper| sourced(mapper)).find(|sourced| meant(sourced)) else { continue };
            let Some(why) = self.why_not_granted(&scope.name) else { continue };
            let text = format!("mapper \"{}\" makes it, but {}", one.mapper.name, why.text);
            reasons.push(Reason { rule: why.rule, text, entity: Some(one.entity()) });
        }
        reasons
    }

    fn unknown_claim(&self, name: &str) -> Reason {
        if let Some(text) = of_protocol(name) {
            return Reason::new("not-of-mappers", text);
        }
        let scopes = self.realm.client_scopes.values().flat_map(|scope| &scope.mappers);
        let names: Vec<_> = scopes.chain(&self.client.mappers).map(|mapper| claim_of(mapper)).collect();
        let nearest = nearest(name, names.iter().map(String::as_str));
        let text = format!("no mapper of client {} or of any client scope makes a claim {name}{nearest}", self.client.client_id);
        Reason::new("no-mapper", text).at(self.owner())
    }

    fn no_value(&self, step: &Step) -> (&'static str, String) {
        let (user, client) = (self.user(), &self.client.client_id);
        let text = match &step.source {
            Source::UserAttribute { name, .. } => return self.no_attribute(name),
            Source::UserProperty(property) => format!("{user} has no {property:?}"),
            Source::FullName => format!("{user} has neither firstName nor lastName"),
            Source::Address(_) => format!("{user} has none of the attributes of an address"),
            Source::SessionNote(note) => format!("the session has no note {note}"),
            Source::RealmRoles { .. } => format!("no realm role of {user} is in scope"),
            Source::ClientRoles { client: Some(client), .. } => format!("no role of client {client} of {user} is in scope"),
            Source::ClientRoles { client: None, .. } => format!("no role of any client of {user} is in scope"),
            Source::AudienceResolve => format!("no role of a client other than {client} of {user} is in scope"),
            Source::Groups { .. } => format!("{user} is in no group"),
            Source::AllowedOrigins => format!("client {client} has no webOrigins"),
            Source::SessionState => "there is no session".to_owned(),
            Source::Nonce => "the request had no nonce".to_owned(),
            _ => "there is no value".to_owned(),
        };
        ("no-value", text)
    }

    fn no_attribute(&self, name: &str) -> (&'static str, String) {
        let user = self.subject.user();
        if user.attributes.get(name).is_some_and(|values| !values.is_empty()) {
            return ("value-of-other-type", format!("attribute {name} of {} is not of the type in jsonType.label", self.user()));
        }
        let nearest = nearest(name, user.attributes.keys().map(String::as_str));
        ("no-attribute", format!("neither {} nor a group of theirs has an attribute {name}{nearest}", self.user()))
    }
}

/// Whether the claim `own` is `name`, in it, or around it.
fn is_or_holds(own: &str, name: &str) -> bool {
    let is_below = |low: &str, high: &str| low.strip_prefix(high).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    is_below(own, name) || is_below(name, own)
}

/// Whether a mapper is there for the claim `name`.
fn makes(sourced: &Sourced<'_>, name: &str) -> bool {
    let template = match &sourced.compiled {
        Compiled::Claim(step) => step.path.join("."),
        Compiled::Nothing(_) => claim_of(sourced.mapper),
        Compiled::Role(_) | Compiled::Pairwise { .. } => return false,
    };
    match template.split_once(PLACEHOLDER) {
        Some((before, after)) => {
            is_or_holds(before.trim_end_matches('.'), name) && (name.len() < before.len() || name.ends_with(after))
        }
        None => !template.is_empty() && is_or_holds(&template, name),
    }
}

fn claim_of(mapper: &ProtocolMapper) -> String {
    mapper.value("claim.name").unwrap_or_default().replace("\\.", ".")
}

fn switched_off(token: &str, step: &Step, who: &str, places: Places) -> Reason {
    let always = step.places.includes(places);
    let switch = match places {
        Places::LIGHTWEIGHT => {
            let text = format!("{who} is not for lightweight access tokens, which the client has: lightweight.claim is off");
            return Reason::new("lightweight", text);
        }
        Places::ID => "id.token.claim",
        Places::USERINFO => "userinfo.token.claim",
        _ => "access.token.claim",
    };
    let text = match (places, &step.source, always) {
        (Places::USERINFO, Source::SessionNote(_), _) | (Places::USERINFO, _, true) => {
            return Reason::new("not-for-userinfo", format!("{who} never serves userinfo: it says nothing of the user"));
        }
        _ if places == Places::USERINFO => format!("{who} is not for userinfo: {switch} is off"),
        _ => format!("{who} is not for the {token}: {switch} is off"),
    };
    Reason::new("switched-off", text)
}

fn of_protocol(name: &str) -> Option<&'static str> {
    Some(match name {
        "nonce" => "the request had no nonce",
        "at_hash" => "only ID tokens have it",
        "sid" | "session_state" => "there is no session: client credentials have none",
        "cnf" => "the token is not bound to a key: no DPoP proof, no client certificate",
        "authorization" => "only requesting party tokens have it (grant urn:ietf:params:oauth:grant-type:uma-ticket)",
        _ => return None,
    })
}

impl Inquiry<'_> {
    /// The entity of a client's own member.
    pub(crate) fn of_client(&self, name: &'static str) -> Entity {
        Entity::field(self.owner(), name)
    }
}
