//! A slip of the pen must not empty a realm.

use std::collections::BTreeMap;

use realm_model::document::{Documents, Kind};

use super::Options;
use crate::plan::{Action, Plan, Refusal, Subject};

/// How many entities of each kind there are.
pub(super) fn count(live: &Documents) -> BTreeMap<&'static str, usize> {
    Kind::ALL.map(|kind| (kind.word(), live.count_of(kind))).into()
}

/// Refuses a plan that deletes more than one entity of a kind and more than a tenth of those that are there. What goes with
/// another entity (the roles of a client) does not count.
pub(super) fn judge(plan: &mut Plan, there: &BTreeMap<&'static str, usize>, options: Options) {
    if options.allow_deletes {
        return;
    }
    let mut going: BTreeMap<&'static str, usize> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.action == Action::Delete) {
        if let Subject::Entity(key) = &change.subject {
            *going.entry(key.kind.word()).or_default() += 1;
        }
    }
    let refusals = going.into_iter().filter_map(|(kind, count)| {
        let all = there.get(kind).copied().unwrap_or_default();
        (count > 1 && count * 10 > all).then_some(Refusal::TooManyDeletions { kind, count, all })
    });
    plan.refusals.extend(refusals);
}
