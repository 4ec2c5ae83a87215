//! The built-in entities of one realm, none of them put together: what it costs does not depend on how many there are.

use std::fmt;

use super::{Blueprint, Template};
use crate::document::{Key, Kind};

/// The built-in entities of a realm in the order of their keys; each has a place, a number from 0.
#[derive(Clone, Default)]
pub(crate) struct BuiltIn {
    template: Option<&'static Template>,
    /// The keys that have the realm's name in them, by place.
    named: Vec<(usize, Key)>,
}

impl fmt::Debug for BuiltIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BuiltIn").finish_non_exhaustive()
    }
}

impl BuiltIn {
    /// Of a realm of this name.
    pub(crate) fn of(template: &'static Template, realm_name: &str) -> Self {
        let named = template.in_order().enumerate().filter(|(_, blueprint)| blueprint.is_key_named());
        let named = named.map(|(place, blueprint)| (place, blueprint.key_in(realm_name))).collect();
        Self { template: Some(template), named }
    }

    /// How many places there are.
    pub(crate) fn count(&self) -> usize {
        self.template.map_or(0, |template| template.sorted.len())
    }

    /// The entity at a place.
    pub(crate) fn at(&self, place: usize) -> Option<&'static Blueprint> {
        let template = self.template?;
        template.blueprints.get(*template.sorted.get(place)?)
    }

    /// Where the entity of this key is.
    pub(crate) fn find(&self, key: &Key) -> Option<usize> {
        if let Some((place, _)) = self.named.iter().find(|(_, named)| named == key) {
            return Some(*place);
        }
        let template = self.template?;
        let key_at = |index: &usize| template.blueprints.get(*index).map(|blueprint| &blueprint.key);
        let place = template.sorted.binary_search_by(|index| key_at(index).cmp(&Some(key))).ok()?;
        self.at(place).filter(|blueprint| !blueprint.is_key_named()).map(|_| place)
    }

    /// The entity of this key.
    pub(crate) fn get(&self, key: &Key) -> Option<&'static Blueprint> {
        self.at(self.find(key)?)
    }

    /// All, in order, from the first of `kind`.
    pub(crate) fn onwards(&self, kind: Kind) -> impl Iterator<Item = (usize, &Key)> {
        let kind_at = |index: &usize| self.template.and_then(|template| template.blueprints.get(*index)).map(|b| b.key.kind);
        let first = self.template.map_or(0, |template| template.sorted.partition_point(|index| kind_at(index) < Some(kind)));
        (first..self.count()).filter_map(|place| Some((place, self.key(place)?)))
    }

    /// Those of a kind, in order.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, &Key)> {
        self.onwards(kind).take_while(move |(_, key)| key.kind == kind)
    }

    fn key(&self, place: usize) -> Option<&Key> {
        let blueprint = self.at(place)?;
        if blueprint.is_key_named() {
            return self.named.iter().find(|(named, _)| *named == place).map(|(_, key)| key);
        }
        Some(&blueprint.key)
    }
}
