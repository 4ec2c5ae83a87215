//! What somebody wants: `permission` parameters, a permission ticket, an earlier RPT.

use std::collections::HashMap;
use std::sync::Arc;

use realm_model::User;
use thiserror::Error;

use crate::{Owner, Registry, RegistryError, Resource, Sharing, uri};

/// One thing wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedFor {
    /// A resource by id, name, type or path; none: scopes wherever they are.
    pub resource: Option<String>,
    /// Scopes by name; none: all.
    pub scopes: Vec<String>,
}

impl AskedFor {
    /// `RESOURCE#SCOPE1,SCOPE2`, `RESOURCE`, `#SCOPE`
    pub fn parse(text: &str) -> Self {
        let (resource, scopes) = text.split_once('#').unwrap_or((text, ""));
        let scopes = scopes.split(',').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        Self { resource: Some(resource).filter(|resource| !resource.is_empty()).map(str::to_owned), scopes }
    }
}

/// How resources are named: `permission_resource_format`, `permission_resource_matching_uri`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// By id, name or type.
    #[default]
    Id,
    /// By a URI as it was registered.
    Uri,
    /// By a path that a registered URI may be a pattern of.
    MatchingUri,
}

/// A request for something that is not there.
#[derive(Debug, Error)]
pub enum AskedError {
    /// No such resource, or it has none of the scopes.
    #[error("no resource {0:?} with such scopes")]
    UnknownResource(String),
    /// No resource has this URI.
    #[error("no resource with the URI {0:?}")]
    UnknownUri(String),
    /// None of these scopes exists.
    #[error("no such scopes: {0:?}")]
    UnknownScopes(Vec<String>),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// What is to be decided on: a resource (or none) with scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The resource.
    pub resource: Option<Arc<Resource>>,
    /// The scopes; all that the resource has, where none were named.
    pub scopes: Vec<String>,
}

/// Collects what is wanted, each resource once.
struct Collected {
    wanted: Vec<Wanted>,
    at: HashMap<String, usize>,
}

impl Collected {
    fn add(&mut self, resource: Arc<Resource>, scopes: Vec<String>) {
        match self.at.get(&resource.id).and_then(|at| self.wanted.get_mut(*at)) {
            Some(known) => {
                let new = scopes.into_iter().filter(|scope| !known.scopes.contains(scope)).collect::<Vec<_>>();
                known.scopes.extend(new);
            }
            None => {
                self.at.insert(resource.id.clone(), self.wanted.len());
                self.wanted.push(Wanted { resource: Some(resource), scopes });
            }
        }
    }
}

impl Registry<'_> {
    /// What `asked` is: resources that are there, with the scopes of them that are wanted. `user` is who asks: of two resources of one
    /// name it is the user's own that is meant.
    ///
    /// # Errors
    /// See [`AskedError`].
    pub async fn resolve(&self, asked: &[AskedFor], format: Format, user: &User) -> Result<Vec<Wanted>, AskedError> {
        let mut collected = Collected { wanted: Vec::new(), at: HashMap::new() };
        for one in asked {
            let scopes = self.known_scopes(&one.scopes).await?;
            match &one.resource {
                Some(word) => self.resolve_resource(word, (one, scopes.as_slice()), (format, user), &mut collected).await?,
                None => self.resolve_scopes(scopes, &mut collected).await?,
            }
        }
        Ok(collected.wanted)
    }

    /// The scopes that there are. Keycloak: one that is there is enough (measured on 26.7.4).
    async fn known_scopes(&self, asked: &[String]) -> Result<Vec<String>, AskedError> {
        let mut known = Vec::new();
        for scope in asked {
            if self.has_scope(scope).await? {
                known.push(scope.clone());
            }
        }
        if known.is_empty() && !asked.is_empty() { Err(AskedError::UnknownScopes(asked.to_vec())) } else { Ok(known) }
    }

    async fn resolve_resource(
        &self,
        word: &str,
        (asked, scopes): (&AskedFor, &[String]),
        (format, user): (Format, &User),
        collected: &mut Collected,
    ) -> Result<(), AskedError> {
        let (found, may_be_none) = match format {
            Format::Id => self.by_word(word, user).await?,
            Format::Uri | Format::MatchingUri => (self.by_uri(word, format).await?, false),
        };
        if found.is_empty() && !may_be_none {
            return Err(match format {
                Format::Id => AskedError::UnknownResource(word.to_owned()),
                Format::Uri | Format::MatchingUri => AskedError::UnknownUri(word.to_owned()),
            });
        }
        for resource in found {
            let has = self.available_scopes(&resource).await?;
            let wanted: Vec<String> = match asked.scopes.is_empty() {
                true => has,
                false => scopes.iter().filter(|scope| has.contains(scope)).cloned().collect(),
            };
            if !asked.scopes.is_empty() && wanted.is_empty() {
                if may_be_none {
                    continue;
                }
                return Err(AskedError::UnknownResource(word.to_owned()));
            }
            collected.add(resource, wanted);
        }
        Ok(())
    }

    async fn available_scopes(&self, resource: &Resource) -> Result<Vec<String>, RegistryError> {
        if resource.owner == Owner::Server || resource.kind.is_none() {
            return Ok(resource.scopes.clone());
        }
        Ok(self.scopes_of(resource, &self.all().await?))
    }

    /// By id, by name (the user's own first), or by type; whether it may be that there is none.
    async fn by_word(&self, word: &str, user: &User) -> Result<(Vec<Arc<Resource>>, bool), RegistryError> {
        if let Some(found) = self.find(word).await? {
            return Ok((vec![found], false));
        }
        if let Some((prefix, kind)) = word.split_once(':')
            && let Some(is_meant) = of_type(prefix)
        {
            let all = self.all().await?.into_iter();
            return Ok((all.filter(|r| r.kind.as_deref() == Some(kind) && is_meant(&r.owner, user)).collect(), true));
        }
        let own = Owner::User(user.id.as_str().to_owned());
        let found = match self.find_named(&own, word).await? {
            Some(found) => Some(found),
            None => self.find_named(&Owner::Server, word).await?,
        };
        Ok((found.into_iter().collect(), false))
    }

    /// By URI; of several patterns that fit the most exact.
    async fn by_uri(&self, uri: &str, format: Format) -> Result<Vec<Arc<Resource>>, RegistryError> {
        let all = self.all().await?;
        let exact: Vec<_> = all.iter().filter(|resource| resource.uris.iter().any(|own| own == uri)).cloned().collect();
        if !exact.is_empty() || format == Format::Uri {
            return Ok(exact);
        }
        Ok(best_by_path(&all, uri).into_iter().collect())
    }

    /// The resource whose pattern fits a path best.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn find_by_path(&self, path: &str) -> Result<Option<Arc<Resource>>, RegistryError> {
        Ok(best_by_path(&self.all().await?, path))
    }

    /// Scopes alone: the resources that have them; where there is none, the scopes themselves.
    async fn resolve_scopes(&self, scopes: Vec<String>, collected: &mut Collected) -> Result<(), AskedError> {
        if scopes.is_empty() {
            return Ok(());
        }
        let before = collected.wanted.len();
        for resource in self.all().await? {
            let wanted: Vec<String> = scopes.iter().filter(|scope| resource.scopes.contains(scope)).cloned().collect();
            if !wanted.is_empty() {
                collected.add(resource, wanted);
            }
        }
        if collected.wanted.len() == before {
            collected.wanted.push(Wanted { resource: None, scopes });
        }
        Ok(())
    }

    /// What an earlier RPT granted, as far as it is still there, beside what is wanted now.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn carry_over(&self, wanted: Vec<Wanted>, earlier: &[AskedFor]) -> Result<Vec<Wanted>, RegistryError> {
        let mut collected = Collected { wanted: Vec::new(), at: HashMap::new() };
        for one in wanted {
            match one.resource {
                Some(resource) => collected.add(resource, one.scopes),
                None => collected.wanted.push(one),
            }
        }
        for one in earlier {
            let Some(id) = &one.resource else { continue };
            let Some(resource) = self.find(id).await? else { continue };
            let has = self.available_scopes(&resource).await?;
            let scopes: Vec<String> = one.scopes.iter().filter(|scope| has.contains(scope)).cloned().collect();
            if scopes.is_empty() && !has.is_empty() {
                continue;
            }
            collected.add(resource, scopes);
        }
        Ok(collected.wanted)
    }

    /// All that `user` may have something of: the server's resources, the user's own, and those of which a permission ticket was granted
    /// to the user. What an owner shares by a policy alone has to be asked for (measured on 26.7.4).
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn everything(&self, user: &User, shared: &HashMap<String, Sharing>) -> Result<Vec<Wanted>, RegistryError> {
        let all = self.all().await?;
        let is_near = |resource: &&Arc<Resource>| {
            let is_shared = || shared.get(&resource.id).is_some_and(|sharing| sharing.grants_to(user.id.as_str()));
            resource.owner == Owner::Server || resource.owner.is(user) || is_shared()
        };
        let near = all.iter().filter(is_near);
        Ok(near.map(|r| Wanted { resource: Some(Arc::clone(r)), scopes: self.scopes_of(r, &all) }).collect())
    }
}

/// Whose resources of a type are meant by these words before it.
fn of_type(prefix: &str) -> Option<fn(&Owner, &User) -> bool> {
    match prefix {
        "resource-type" => Some(|owner, _| *owner == Owner::Server),
        "resource-type-any" => Some(|_, _| true),
        "resource-type-owner" => Some(|owner, user| owner.is(user)),
        "resource-type-instance" => Some(|owner, _| *owner != Owner::Server),
        _ => None,
    }
}

fn best_by_path(all: &[Arc<Resource>], path: &str) -> Option<Arc<Resource>> {
    let fits = all.iter().filter_map(|r| Some((r.uris.iter().filter_map(|own| uri::fit(own, path)).max()?, r)));
    fits.max_by_key(|(fit, _)| *fit).map(|(_, resource)| Arc::clone(resource))
}
