use realm_model::{ProtocolMapper, RoleKey};
use serde_json::{Map, Value};

use super::{Entity, Holder, Inquiry, Sourced};
use crate::claims::{ClaimValue, Claims};
use crate::evaluate::{group_with, own_attribute};
use crate::mapper::{Compiled, Places, Property, Source, Step};
use crate::roles::RoleEdit;

/// A token, or the answer of userinfo.
#[derive(Clone, Debug)]
pub struct ExplainedToken {
    /// `access token`, `ID token` or `userinfo`.
    pub name: &'static str,
    /// Its claims, in their order.
    pub claims: Vec<ExplainedClaim>,
}

/// A claim.
#[derive(Clone, Debug)]
pub struct ExplainedClaim {
    /// The way to it through nested objects.
    pub path: Vec<String>,
    /// Its value, or each of its values where it is a list.
    pub parts: Vec<Part>,
}

/// A value of a claim.
#[derive(Clone, Debug)]
pub struct Part {
    /// The value; `None` where every token has another one.
    pub value: Option<Value>,
    /// Where it came from; the one that counts is the last.
    pub origins: Vec<Origin>,
}

/// Where a value came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// What put it into the token.
    pub maker: Maker,
    /// What it was read from, such as the way to a role: user, groups, roles.
    pub path: Vec<Entity>,
    /// What it was read from where that is no entity.
    pub note: Option<String>,
}

/// What puts claims into tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Every token of its kind has the claim.
    Protocol(&'static str),
    /// A protocol mapper.
    Mapper {
        /// Its name.
        name: String,
        /// Its type.
        kind: String,
        /// The client or client scope that it stands in.
        owner: Holder,
    },
}

/// Claims that differ from token to token.
const OF_THE_MOMENT: [&str; 8] = ["exp", "iat", "auth_time", "jti", "iss", "sid", "at_hash", "session_state"];

/// What one mapper makes.
struct Contribution<'a> {
    sourced: &'a Sourced<'a>,
    step: &'a Step,
    path: Vec<String>,
    value: Value,
}

impl ExplainedClaim {
    /// Its name, with dots between the parts of its path.
    pub fn name(&self) -> String {
        self.path.join(".")
    }
}

impl<'a> Inquiry<'a> {
    /// The claims of a token with what each came from.
    pub(crate) fn token(&self, name: &'static str, places: Places, claims: &Map<String, Value>) -> ExplainedToken {
        let made: Vec<_> = self.sourced.iter().flat_map(|sourced| self.contributions(sourced, places)).collect();
        let mut leaves = Vec::new();
        for (name, value) in claims {
            add_leaves(vec![name.clone()], value, &made, &mut leaves);
        }
        let claims = leaves.into_iter().map(|(path, value)| self.claim(path, value, &made)).collect();
        ExplainedToken { name, claims }
    }

    /// Whether `sourced` makes anything for `places`.
    pub(crate) fn makes_nothing(&self, sourced: &'a Sourced<'a>, places: Places) -> bool {
        self.contributions(sourced, places).is_empty()
    }

    fn contributions(&self, sourced: &'a Sourced<'a>, places: Places) -> Vec<Contribution<'a>> {
        let Compiled::Claim(step) = &sourced.compiled else { return Vec::new() };
        if !step.serves(places) {
            return Vec::new();
        }
        let mut claims = Claims::default();
        step.evaluate(self.facts, &mut claims);
        let value = serde_json::to_value(ClaimValue::Object(claims)).unwrap_or_default();
        let mut found = vec![(Vec::new(), value)];
        for _ in &step.path {
            found = found.into_iter().flat_map(members).collect();
        }
        found.into_iter().map(|(path, value)| Contribution { sourced, step, path, value }).collect()
    }

    fn claim(&self, path: Vec<String>, value: &Value, made: &[Contribution<'_>]) -> ExplainedClaim {
        let makers: Vec<_> = made.iter().filter(|one| one.path == path).collect();
        let hidden = path.first().is_some_and(|name| OF_THE_MOMENT.contains(&name.as_str()))
            || makers.iter().any(|one| matches!(one.step.source, Source::SessionNote(_)));
        let is_list = value.is_array() || path.first().is_some_and(|name| name == "aud");
        let part = |one: &Value| {
            let mut origins: Vec<_> =
                makers.iter().filter(|made| values_of(&made.value).contains(one)).map(|made| self.origin(made, one)).collect();
            // Where several make one value together, such as the groups within organizations, none has it alone.
            if origins.is_empty() && !is_list {
                origins = makers.iter().map(|made| self.origin(made, one)).collect();
            } else if !is_list {
                origins.drain(..origins.len().saturating_sub(1));
            }
            if path.first().is_some_and(|name| name == "sub") {
                origins.extend(self.pairwise());
            }
            if origins.is_empty() {
                let name = path.first().map(String::as_str).unwrap_or_default();
                origins.push(Origin { maker: Maker::Protocol(of_protocol(name)), path: Vec::new(), note: None });
            }
            Part { value: (!hidden).then(|| one.clone()), origins }
        };
        let parts = match value {
            Value::Array(all) if all.is_empty() => vec![part(value)],
            value => values_of(value).iter().map(part).collect(),
        };
        ExplainedClaim { path, parts }
    }

    fn pairwise(&self) -> Option<Origin> {
        self.plan.pairwise.as_ref()?;
        let is_it = |sourced: &&Sourced<'_>| matches!(sourced.compiled, Compiled::Pairwise { .. });
        let sourced = self.sourced.iter().rev().find(is_it)?;
        let note = Some("made of the sector of the client and the id of the user".to_owned());
        Some(Origin { maker: maker(sourced.mapper, &sourced.owner), path: vec![self.user().into()], note })
    }

    fn origin(&self, made: &Contribution<'_>, value: &Value) -> Origin {
        let maker = maker(made.sourced.mapper, &made.sourced.owner);
        let text = value.as_str().unwrap_or_default();
        let user = self.user();
        let of_user = |name: &'static str| vec![Entity::field(self.user(), name)];
        let (path, note) = match &made.step.source {
            Source::UserAttribute { name, .. } => (self.attribute(name), None),
            Source::UserProperty(property) => (of_user(field(*property)), None),
            Source::FullName => (vec![Entity::field(user.clone(), "firstName"), Entity::field(user, "lastName")], None),
            Source::RealmRoles { prefix } => self.role(RoleKey::realm(text.strip_prefix(prefix.as_str()).unwrap_or(text))),
            Source::ClientRoles { prefix, client } => {
                let owner = client.clone().or_else(|| self.client_of(made)).unwrap_or_default();
                self.role(RoleKey::client(owner.as_str(), text.strip_prefix(prefix.as_str()).unwrap_or(text)))
            }
            Source::AudienceResolve => match self.facts.roles.clients.get(text).and_then(|roles| roles.first()) {
                Some(role) => self.role(RoleKey::client(text, &**role)),
                None => (Vec::new(), None),
            },
            Source::Groups { full_path } => (self.group(text, *full_path), None),
            Source::Address(_) => (vec![user.into()], None),
            Source::Subject => (of_user("id"), None),
            Source::AllowedOrigins => (vec![Entity::field(Holder::Client(self.client.client_id.clone()), "webOrigins")], None),
            Source::SessionNote(note) => (Vec::new(), Some(format!("note {note} of the session"))),
            Source::Constant(_) => (Vec::new(), Some("the mapper's own value".to_owned())),
            Source::Audience(_) => (Vec::new(), Some("named by the mapper".to_owned())),
            _ => (Vec::new(), Some("the login".to_owned())),
        };
        Origin { maker, path, note }
    }

    /// The user's own attribute, else that of a group.
    fn attribute(&self, name: &str) -> Vec<Entity> {
        let user = self.user();
        if !own_attribute(self.subject.user(), name).is_empty() {
            let known = ["username", "email", "firstName", "lastName"].into_iter().find(|known| *known == name);
            return vec![known.map_or_else(|| Entity::attribute(user.clone(), name), |known| Entity::field(user.clone(), known))];
        }
        let group = group_with(self.facts, name).map(|group| Entity::attribute(Holder::Group(group.path.clone()), name));
        std::iter::once(user.into()).chain(group).collect()
    }

    fn group(&self, name: &str, full_path: bool) -> Vec<Entity> {
        let is_it =
            |path: &&realm_model::GroupPath| if full_path { &***path == name } else { path.ends_with(&format!("/{name}")) };
        let found = self.subject.user().groups.iter().find(is_it);
        std::iter::once(self.user()).chain(found.cloned().map(Holder::Group)).map(Entity::from).collect()
    }

    /// The way to a role; a role mapper has its part in it.
    fn role(&self, role: RoleKey) -> (Vec<Entity>, Option<String>) {
        for sourced in self.sourced {
            let Compiled::Role(edit) = &sourced.compiled else { continue };
            match edit {
                RoleEdit::Add(added) if added.key() == role => {
                    return (vec![sourced.entity()], Some("added by a role mapper".to_owned()));
                }
                RoleEdit::Rename { from, to } if to.key() == role => {
                    let mut path = self.trail(&from.key());
                    path.push(sourced.entity());
                    return (path, Some(format!("was role {:?}", from.key())));
                }
                _ => {}
            }
        }
        (self.trail(&role), None)
    }

    /// The client whose roles these are: its id stands in the claim's name.
    fn client_of(&self, made: &Contribution<'_>) -> Option<String> {
        let named = |client: &str| made.step.path.iter().map(|part| part.replace("${client_id}", client)).collect::<Vec<_>>();
        self.facts.roles.clients.keys().find(|client| named(client) == made.path).map(ToString::to_string)
    }
}

pub(crate) fn maker(mapper: &ProtocolMapper, owner: &Holder) -> Maker {
    Maker::Mapper { name: mapper.name.clone(), kind: mapper.protocol_mapper.clone(), owner: owner.clone() }
}

fn members((path, value): (Vec<String>, Value)) -> Vec<(Vec<String>, Value)> {
    let Value::Object(members) = value else { return Vec::new() };
    let below = |name: String| path.iter().cloned().chain([name]).collect::<Vec<_>>();
    members.into_iter().map(|(name, value)| (below(name), value)).collect()
}

/// The elements of a list, else the value itself.
fn values_of(value: &Value) -> &[Value] {
    match value {
        Value::Array(all) if !all.is_empty() => all,
        one => std::slice::from_ref(one),
    }
}

/// The values at the depth at which mappers put them.
fn add_leaves<'v>(path: Vec<String>, value: &'v Value, made: &[Contribution<'_>], leaves: &mut Vec<(Vec<String>, &'v Value)>) {
    let goes_on = made.iter().any(|one| one.path.len() > path.len() && one.path.starts_with(&path));
    match value {
        Value::Object(members) if goes_on => {
            for (name, value) in members {
                add_leaves(path.iter().cloned().chain([name.clone()]).collect(), value, made, leaves);
            }
        }
        _ => leaves.push((path, value)),
    }
}

/// Why every token has this claim.
fn of_protocol(name: &str) -> &'static str {
    match name {
        "exp" => "now and the lifespan of access tokens",
        "iat" => "now",
        "jti" => "made for each token",
        "iss" => "the URL of the realm",
        "aud" => "ID tokens are for their client",
        "sub" => "the id of the user",
        "typ" => "the kind of the token",
        "azp" => "the client",
        "sid" => "the session",
        "at_hash" => "hash of the access token",
        "nonce" => "of the authorization request",
        "scope" => "client scopes that show in it (include.in.token.scope)",
        _ => "every token has it",
    }
}

fn field(property: Property) -> &'static str {
    match property {
        Property::Id => "id",
        Property::Username => "username",
        Property::Email => "email",
        Property::EmailVerified => "emailVerified",
        Property::FirstName => "firstName",
        Property::LastName => "lastName",
        Property::Enabled => "enabled",
        Property::CreatedTimestamp => "createdTimestamp",
        Property::ServiceAccountClientLink => "serviceAccountClientId",
    }
}
