//! The realm's policies of client registration: components of the realm, for anonymous callers or for all others. They are judged
//! before anything is written, and say in Keycloak's words why not.

mod hosts;

use realm_editing::body::{object, text, texts};
use realm_model::document::{Body, Documents, Kind};
use serde_json::Value;
use token_issuer::RegistrationAuth;

use crate::error::RegistrationError;

const PROVIDER_TYPE: &str = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";

/// The policies that hold for one request.
pub(crate) struct Policies<'d> {
    documents: &'d Documents,
    all: Vec<&'d Body>,
}

/// What somebody wants to do.
#[derive(Clone, Copy)]
pub(crate) enum Event<'e> {
    /// To make a client: its representation.
    Register(&'e Body),
    /// To change a client: as it is, and what is said of it.
    Update(&'e Body, &'e Body),
    /// To read or remove one.
    Touch,
}

impl<'e> Event<'e> {
    fn given(self) -> Option<&'e Body> {
        match self {
            Self::Register(given) | Self::Update(_, given) => Some(given),
            Self::Touch => None,
        }
    }

    fn before(self) -> Option<&'e Body> {
        match self {
            Self::Update(before, _) => Some(before),
            Self::Register(_) | Self::Touch => None,
        }
    }
}

impl<'d> Policies<'d> {
    /// Those of the realm for callers of this kind; who may send at all is judged first.
    pub(crate) fn of(documents: &'d Documents, auth: RegistrationAuth) -> Self {
        let kind = match auth {
            RegistrationAuth::Anonymous => "anonymous",
            RegistrationAuth::Authenticated => "authenticated",
        };
        let components = documents.of_kind(Kind::Component).map(|entry| &entry.document);
        let of_kind = components.filter(|component| component.key.owner == PROVIDER_TYPE);
        let mut all: Vec<&Body> = of_kind.map(|policy| &policy.body).filter(|body| text(body, "subType") == Some(kind)).collect();
        all.sort_by_key(|policy| text(policy, "providerId") != Some("trusted-hosts"));
        Self { documents, all }
    }

    /// Origins of browsers that may register clients.
    pub(crate) fn web_origins(&self) -> Vec<String> {
        let policies = self.all.iter().filter(|policy| text(policy, "providerId") == Some("registration-web-origins"));
        policies.flat_map(|policy| values(policy, "web-origins")).map(str::to_owned).collect()
    }

    /// Asks each of them, `peer` being who sends.
    ///
    /// # Errors
    /// 403 in the words of the first that says no.
    pub(crate) async fn judge(&self, event: Event<'_>, peer: std::net::IpAddr) -> Result<(), RegistrationError> {
        for policy in &self.all {
            let said = match text(policy, "providerId") {
                Some("trusted-hosts") => hosts::judge(policy, event, peer).await,
                _ => self.say(policy, event),
            };
            if let Err(details) = said {
                let policy = text(policy, "name").unwrap_or_default().to_owned();
                return Err(RegistrationError::Policy { policy, details });
            }
        }
        Ok(())
    }

    fn say(&self, policy: &Body, event: Event<'_>) -> Result<(), String> {
        match text(policy, "providerId").unwrap_or_default() {
            "max-clients" if matches!(event, Event::Register(_)) => self.refuse_too_many(policy),
            "allowed-client-templates" => self.refuse_other_scopes(policy, event),
            "allowed-protocol-mappers" => refuse_other_mappers(policy, event),
            "consent-required" => {
                refuse_change(event, ("consentRequired", true), "Not permitted to update consentRequired to false")
            }
            "scope" => refuse_change(event, ("fullScopeAllowed", false), "Not permitted to enable fullScopeAllowed"),
            "client-disabled" => refuse_change(event, ("enabled", false), "Not permitted to enable client"),
            _ => Ok(()),
        }
    }

    fn refuse_too_many(&self, policy: &Body) -> Result<(), String> {
        let most = values(policy, "max-clients").next().and_then(|most| most.parse::<usize>().ok()).unwrap_or(200);
        match self.documents.of_kind(Kind::Client).count() < most {
            true => Ok(()),
            false => Err(format!("It's allowed to have max {most} clients per realm")),
        }
    }

    /// Scopes beyond those of the realm, of the policy, and those that the client has.
    fn refuse_other_scopes(&self, policy: &Body, event: Event<'_>) -> Result<(), String> {
        let Some(given) = event.given() else { return Ok(()) };
        let settings = self.documents.settings().filter(|_| is_on(policy, "allow-default-scopes"));
        let of_realm = settings
            .into_iter()
            .flat_map(|realm| texts(realm, "defaultDefaultClientScopes").chain(texts(realm, "defaultOptionalClientScopes")));
        let own = event.before().into_iter().flat_map(scopes);
        let allowed: Vec<&str> = of_realm.chain(values(policy, "allowed-client-scopes")).chain(own).collect();
        match scopes(given).all(|scope| allowed.contains(&scope)) {
            true => Ok(()),
            false => Err("Not permitted to use specified clientScope".to_owned()),
        }
    }

    /// What becomes of a new client: consent, scope and being switched on are not its own choice.
    pub(crate) fn settle(&self, client: &mut Body) {
        for (provider, member, value) in [
            ("consent-required", "consentRequired", true),
            ("scope", "fullScopeAllowed", false),
            ("client-disabled", "enabled", false),
        ] {
            if self.all.iter().any(|policy| text(policy, "providerId") == Some(provider)) {
                client.insert(member.to_owned(), value.into());
            }
        }
    }
}

/// Refuses to give a switch of the client another value than the policy gave it.
fn refuse_change(event: Event<'_>, (member, value): (&str, bool), details: &str) -> Result<(), String> {
    let Event::Update(before, given) = event else { return Ok(()) };
    let is = |body: &Body| body.get(member).and_then(Value::as_bool);
    match is(before) == Some(value) && is(given) == Some(!value) {
        true => Err(details.to_owned()),
        false => Ok(()),
    }
}

/// Refuses mappers of another type than allowed. One that is sent back as it is stays; one that has the id of another and a type of its
/// own is a new one (CVE-2026-15572).
fn refuse_other_mappers(policy: &Body, event: Event<'_>) -> Result<(), String> {
    let Some(given) = event.given() else { return Ok(()) };
    let same = |mapper: &Value, member: &str, other: &Value| mapper.get(member) == other.get(member);
    let is_there = |mapper: &Value| {
        let there =
            event.before().and_then(|before| before.get("protocolMappers")).and_then(Value::as_array).into_iter().flatten();
        there.into_iter().any(|other| ["name", "protocolMapper", "config"].iter().all(|member| same(mapper, member, other)))
    };
    let mappers = given.get("protocolMappers").and_then(Value::as_array).into_iter().flatten().filter(|mapper| !is_there(mapper));
    for mapper in mappers {
        let of = mapper.get("protocolMapper").and_then(Value::as_str).unwrap_or_default();
        if !values(policy, "allowed-protocol-mapper-types").any(|allowed| allowed == of) {
            return Err("ProtocolMapper type not allowed".to_owned());
        }
    }
    Ok(())
}

fn scopes(client: &Body) -> impl Iterator<Item = &str> {
    texts(client, "defaultClientScopes").chain(texts(client, "optionalClientScopes"))
}

/// The values of an entry of a policy's configuration.
fn values<'b>(policy: &'b Body, name: &str) -> impl Iterator<Item = &'b str> + use<'b> {
    let list = object(policy, "config").and_then(|config| config.get(name)).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// A switch of a policy; on where nothing is said.
fn is_on(policy: &Body, name: &str) -> bool {
    values(policy, name).next().is_none_or(|value| value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests;
