//! What was granted, and what becomes of the rest.

use permissions::{AskedFor, Owner, Registry, Sharing, Ticket, Wanted};
use serde_json::{Map, Value};

use super::Caller;
use super::claims::Pushed;
use crate::error::GrantError;
use crate::exchange::Exchange;

/// Tickets of one resource at the most: whoever asks for ever is not listened to.
const MOST_TICKETS: usize = 1000;

/// What was granted, in the order in which it was asked for.
#[derive(Default)]
pub(super) struct Granted(Vec<Wanted>);

/// `response_include_resource_name`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    Told,
    Untold,
}

impl Granted {
    pub(super) fn add(&mut self, of: &Wanted, scopes: Vec<String>) {
        self.0.push(Wanted { resource: of.resource.clone(), scopes });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, id: &str) -> Option<&Wanted> {
        self.0.iter().find(|granted| granted.resource.as_ref().is_some_and(|resource| resource.id == id))
    }

    /// Whether something of `wanted` is granted.
    pub(super) fn covers(&self, wanted: &Wanted) -> bool {
        match &wanted.resource {
            Some(resource) => self.find(&resource.id).is_some(),
            None => self.0.iter().any(|granted| granted.resource.is_none()),
        }
    }

    /// Whether all that an RPT granted is granted still.
    pub(super) fn contains_all(&self, earlier: &[AskedFor]) -> bool {
        earlier.iter().filter_map(|one| one.resource.as_deref()).all(|id| self.find(id).is_some())
    }

    /// As clients see it: `scopes, claims, rsid, rsname`.
    pub(super) fn permissions(&self, claims: &Pushed, names: Names) -> Value {
        let permission = |granted: &Wanted| {
            let mut shown = Map::new();
            if !granted.scopes.is_empty() {
                shown.insert("scopes".to_owned(), granted.scopes.clone().into());
            }
            if !claims.is_empty() {
                let claims = claims.iter().map(|(name, values)| (name.clone(), Value::from(values.clone())));
                shown.insert("claims".to_owned(), Value::Object(claims.collect()));
            }
            if let Some(resource) = &granted.resource {
                shown.insert("rsid".to_owned(), resource.id.as_str().into());
                if names == Names::Told {
                    shown.insert("rsname".to_owned(), resource.name.as_str().into());
                }
            }
            Value::Object(shown)
        };
        self.0.iter().map(permission).collect()
    }
}

/// Asks the owners of what was wanted and not granted: a permission ticket for each scope.
pub(super) async fn submit(
    cx: &Exchange<'_>,
    registry: &Registry<'_>,
    (wanted, granted): (&[Wanted], &Granted),
    caller: &Caller,
) -> Result<(), GrantError> {
    let user = caller.subject().user();
    for one in wanted {
        let Some(resource) = &one.resource else { continue };
        if !resource.owner_managed || resource.owner == Owner::Server || resource.owner.is(user) {
            continue;
        }
        let has = granted.find(&resource.id).map(|granted| granted.scopes.as_slice());
        let missing: Vec<Option<String>> = match (one.scopes.is_empty(), has) {
            (true, Some(_)) => Vec::new(),
            (true, None) => vec![None],
            (false, has) => {
                let lacks = |scope: &&String| has.is_none_or(|has| !has.contains(*scope));
                one.scopes.iter().filter(lacks).cloned().map(Some).collect()
            }
        };
        let ids: Vec<String> = missing.iter().map(|_| cx.parts.entropy.uuid().to_string()).collect();
        let ask = |sharing: &mut Sharing| ask(sharing, user.id.as_str(), missing.iter().zip(&ids));
        registry.change_sharing(&resource.id, ask).await?;
    }
    Ok(())
}

/// Adds the tickets that are not there yet; `None` where all are.
fn ask<'a>(
    sharing: &mut Sharing,
    requester: &str,
    missing: impl Iterator<Item = (&'a Option<String>, &'a String)>,
) -> Option<()> {
    let before = sharing.tickets.len();
    for (scope, id) in missing {
        let is_there = sharing.tickets.iter().any(|ticket| ticket.requester == requester && ticket.scope == *scope);
        if !is_there && sharing.tickets.len() < MOST_TICKETS {
            let (id, requester) = (id.clone(), requester.to_owned());
            sharing.tickets.push(Ticket { id, requester, scope: scope.clone(), granted_by: None });
        }
    }
    (sharing.tickets.len() > before).then_some(())
}
