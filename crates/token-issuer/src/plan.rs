use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use oidc_types::{ClientId, RealmName};
use realm_model::{Client, ClientScope, ProtocolMapper, Realm, RoleSet};

use crate::GrantedScope;
use crate::mapper::{Compiled, Step, compile};
use crate::pairwise::Pairwise;
use crate::roles::RoleEdit;

/// The mappers of a client with a granted scope, read once: what claims are made by.
#[derive(Debug)]
pub(crate) struct ClaimPlan {
    pub(crate) steps: Vec<Step>,
    pub(crate) role_edits: Vec<RoleEdit>,
    pub(crate) pairwise: Option<Pairwise>,
    /// The roles in the client's scope; `None` where its scope is full.
    pub(crate) allowed_roles: Option<RoleSet>,
    /// The `scope` of a response and an access token.
    pub(crate) token_scope: String,
}

impl ClaimPlan {
    /// Compiles the mappers of `client` and of the client scopes in `scope`. A mapper that cannot be used is logged, here and only here.
    pub(crate) fn compile(realm: &Realm, client: &Client, scope: &GrantedScope) -> Self {
        let mut plan = Self {
            steps: Vec::new(),
            role_edits: Vec::new(),
            pairwise: None,
            allowed_roles: (!client.full_scope_allowed).then(|| roles_in_scope(realm, client, scope)),
            token_scope: scope.token_text(),
        };
        mappers_of(client, scope).for_each(|(_, mapper)| plan.add(realm, client, mapper));
        plan.steps.sort_by_key(|step| step.source.priority());
        // Keycloak: roles are renamed before others are added, whatever the order of the mappers (measured on 26.7.4).
        plan.role_edits.sort_by_key(|edit| matches!(edit, RoleEdit::Add(_)));
        plan
    }

    fn add(&mut self, realm: &Realm, client: &Client, mapper: &ProtocolMapper) {
        match compile(mapper) {
            Compiled::Claim(step) => self.steps.push(step),
            Compiled::Role(edit) => self.role_edits.push(edit),
            Compiled::Pairwise { sector, salt } => match Pairwise::new(client, sector.as_deref(), salt) {
                Some(pairwise) => self.pairwise = Some(pairwise),
                None => skipped(realm, client, mapper, "the client has no single sector host"),
            },
            Compiled::Nothing(why) => skipped(realm, client, mapper, why),
        }
    }
}

/// The mappers of a token, each with the client scope that brings it; those of the client itself come last.
pub(crate) fn mappers_of<'a>(
    client: &'a Client,
    scope: &'a GrantedScope,
) -> impl Iterator<Item = (Option<&'a ClientScope>, &'a ProtocolMapper)> {
    let of_scopes = scope.client_scopes().flat_map(|scope| scope.mappers.iter().map(move |mapper| (Some(&**scope), &**mapper)));
    of_scopes.chain(client.mappers.iter().map(|mapper| (None, &**mapper)))
}

fn skipped(realm: &Realm, client: &Client, mapper: &ProtocolMapper, why: &str) {
    log::info!(
        "realm {}, client {}: mapper {:?} of type {} is skipped: {why}",
        realm.name,
        client.client_id,
        mapper.name,
        mapper.protocol_mapper
    );
}

/// The client's own roles, its scope mappings and those of the granted client scopes, with all they contain (wire.md section 3.3).
fn roles_in_scope(realm: &Realm, client: &Client, scope: &GrantedScope) -> RoleSet {
    let own = realm.roles.keys().filter(|role| role.client.as_ref() == Some(&client.client_id));
    let mapped = scope.client_scopes().flat_map(|scope| &scope.role_scope_mappings);
    realm.expand(own.chain(&client.scope_mappings).chain(mapped))
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct PlanKey {
    realm: RealmName,
    client: ClientId,
    scope: Arc<str>,
}

/// Plans by realm, client and scope, each for the newest snapshot of its realm that was seen.
#[derive(Default)]
pub(crate) struct Plans(RwLock<HashMap<PlanKey, (u64, Arc<ClaimPlan>)>>);

impl Plans {
    /// Plans kept at the most; past it all are dropped and made anew when needed.
    const MOST: usize = 4096;

    pub(crate) fn of(&self, realm: &Realm, client: &Client, scope: &GrantedScope) -> Arc<ClaimPlan> {
        let key = PlanKey { realm: realm.name.clone(), client: client.client_id.clone(), scope: Arc::clone(scope.full_text()) };
        if let Some((generation, plan)) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key)
            && *generation == realm.generation
        {
            return Arc::clone(plan);
        }
        let plan = Arc::new(ClaimPlan::compile(realm, client, scope));
        let mut plans = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if plans.len() >= Self::MOST {
            plans.clear();
        }
        plans.insert(key, (realm.generation, Arc::clone(&plan)));
        plan
    }
}
