//! What is granted. Keycloak: recordings uma-ticket/*; what no recording shows was measured on 26.7.4.

use std::collections::BTreeSet;

use crate::policy::{Judge, Strategy};
use crate::server::Concern;
use crate::{Enforcement, Identity, Resource, ResourceServer, Sharing};

/// The decisions of one request.
pub struct Evaluation<'a> {
    server: &'a ResourceServer,
    identity: &'a Identity<'a>,
    judge: Judge<'a>,
}

/// What the permissions of one resource said.
#[derive(Default)]
struct Said {
    anything: bool,
    granted: BTreeSet<String>,
    denied: BTreeSet<String>,
    /// Whether the resource as a whole was granted.
    resource: bool,
    /// Whether it was refused.
    refused: bool,
}

impl<'a> Evaluation<'a> {
    /// Of what `server` grants to `identity`.
    pub fn new(server: &'a ResourceServer, identity: &'a Identity<'a>) -> Self {
        Self { server, identity, judge: Judge::new(&server.policies, identity) }
    }

    /// Which of the `wanted` scopes of a resource are granted; `None` where nothing is. Without a resource: of those scopes wherever
    /// they are. A resource without scopes is granted as a whole, with no scopes at all.
    pub fn decide(&mut self, resource: Option<&Resource>, wanted: &[String], sharing: Option<&Sharing>) -> Option<Vec<String>> {
        if self.server.enforcement == Enforcement::Disabled {
            return Some(wanted.to_vec());
        }
        let mut said = self.ask_permissions(resource, wanted);
        if let Some(sharing) = sharing.filter(|_| resource.is_some_and(|resource| resource.owner_managed)) {
            self.ask_owner(sharing, wanted, &mut said);
        }
        if !said.anything {
            return (self.server.enforcement == Enforcement::Permissive).then(|| wanted.to_vec());
        }
        let one_is_enough = self.server.strategy == Strategy::Affirmative;
        if wanted.is_empty() {
            return (said.resource && (one_is_enough || !said.refused)).then(Vec::new);
        }
        let holds = |scope: &&String| said.granted.contains(*scope) && (one_is_enough || !said.denied.contains(*scope));
        let granted: Vec<String> = wanted.iter().filter(holds).cloned().collect();
        (!granted.is_empty()).then_some(granted)
    }

    fn ask_permissions(&mut self, resource: Option<&Resource>, wanted: &[String]) -> Said {
        let mut said = Said::default();
        for permission in self.server.permissions(resource, wanted) {
            said.anything = true;
            let grants = self.judge.applies(&permission.applied, permission.strategy);
            let names_it = resource.is_some_and(|resource| permission.resources.contains(&resource.id));
            match (permission.concern, grants) {
                (Concern::Resource, true) => {
                    said.resource = true;
                    said.granted.extend(wanted.iter().cloned());
                }
                (Concern::Scope, true) => {
                    said.granted.extend(wanted.iter().filter(|scope| permission.scopes.contains(*scope)).cloned());
                }
                // What is granted for the resource itself is not refused by its type (measured on 26.7.4).
                (Concern::Resource, false) if names_it || !said.resource => {
                    said.refused = true;
                    said.denied.extend(wanted.iter().cloned());
                }
                (Concern::Resource, false) => {}
                (Concern::Scope, false) => said.denied.extend(permission.scopes.iter().cloned()),
            }
        }
        said
    }

    /// A policy of the owner that is for somebody else refuses nobody.
    fn ask_owner(&self, sharing: &Sharing, wanted: &[String], said: &mut Said) {
        said.anything |= !sharing.policies.is_empty();
        for policy in sharing.policies.iter().filter(|policy| policy.is_for(self.identity)) {
            said.resource |= policy.scopes.is_empty();
            said.granted.extend(wanted.iter().filter(|scope| policy.scopes.contains(*scope)).cloned());
        }
    }
}

#[cfg(test)]
mod tests;
