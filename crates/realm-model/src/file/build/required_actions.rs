//! Required actions.

use std::sync::LazyLock;

use serde::Deserialize as _;

use super::super::lenient::{Flag, Text, Whole};
use super::super::representation::{RealmRepresentation, RequiredActionRepresentation};
use super::{Draft, non_empty};
use crate::document::Kind;
use crate::sharing::{self, Pool};
use crate::template::Template;
use crate::{RequiredAction, RequiredActions};

/// The required actions that Keycloak makes in every realm.
pub(crate) fn every_realms() -> RequiredActions {
    static BUILT_IN: LazyLock<RequiredActions> = LazyLock::new(|| {
        let Some(template) = Template::of(Template::NEWEST) else { return RequiredActions::default() };
        let bodies = template.bodies(Kind::RequiredAction);
        shared(bodies.filter_map(|(_, body)| action(&RequiredActionRepresentation::deserialize(body).ok()?)).collect())
    });
    BUILT_IN.clone()
}

/// The required actions of a realm. Keycloak: where a file lists some, only those, and the built-in deletion of accounts
/// (measured on 26.7.4).
pub(super) fn read(draft: &mut Draft<'_>, representation: &RealmRepresentation) -> RequiredActions {
    if let Some(known) = draft.required_actions.take() {
        return known;
    }
    let Some(given) = &representation.required_actions else { return every_realms() };
    let mut actions: Vec<RequiredAction> = given.iter().filter_map(action).collect();
    if draft.source == super::Source::File {
        let built_in = every_realms();
        let deletion = built_in.find("delete_account").filter(|own| !actions.iter().any(|given| given.alias == own.alias));
        actions.extend(deletion.cloned());
    }
    shared(actions)
}

fn action(given: &RequiredActionRepresentation) -> Option<RequiredAction> {
    let provider = non_empty(given.provider_id.clone()).or_else(|| non_empty(given.alias.clone()))?;
    let alias = non_empty(given.alias.clone()).unwrap_or_else(|| provider.clone());
    let on = |flag: Option<Flag>| flag.is_some_and(|Flag(on)| on);
    Some(RequiredAction {
        name: sharing::text(given.name.as_ref().map_or(alias.as_str(), |Text(name)| name)),
        alias: sharing::text(&alias),
        provider: sharing::text(&provider),
        enabled: on(given.enabled),
        default_action: on(given.default_action),
        priority: given.priority.map_or(0, |Whole(priority)| priority),
        config: given.config.0.clone().into(),
    })
}

/// The one instance of a list, in order.
fn shared(mut actions: Vec<RequiredAction>) -> RequiredActions {
    static LISTS: LazyLock<Pool<Vec<RequiredAction>>> = LazyLock::new(Pool::default);
    actions.sort_by(|one, other| (one.priority, &one.alias).cmp(&(other.priority, &other.alias)));
    RequiredActions(sharing::one(&LISTS, actions))
}
