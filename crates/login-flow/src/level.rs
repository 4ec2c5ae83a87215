//! Levels of authentication: how strongly somebody has logged in, what a client asks for, and what is still to be shown (step-up).
//! The conditions `conditional-level-of-authentication` of a flow say which of its sub-flows stands for which level; what was reached
//! when is kept with the session.

use std::collections::BTreeMap;

use realm_model::{Execution, Flow};
use sessions::UserSession;

use crate::acr;
use crate::flow;
use crate::login::{Login, note};

/// The condition.
pub(crate) const CONDITION: &str = "conditional-level-of-authentication";
/// Note of a user session: levels and when they were reached, seconds since the epoch, as JSON.
const REACHED: &str = "loa-map";
/// Note of a user session: the kinds of credentials that were shown in it.
const SHOWN: &str = "shown_credentials";
/// Note of a tab: [`REACHED`] of the session that it goes on with.
const HELD: &str = "held_levels";
/// No level at all.
const NONE: i64 = -1;
/// Flows within flows at the most.
const DEEPEST: usize = 16;

/// What stands for a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leveled<'a> {
    flow: &'a Flow,
    level: i64,
    /// Seconds for which it is held.
    max_age: i64,
}

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    level: i64,
    /// Whether a weaker login is worth nothing to it.
    demanded: bool,
}

fn of_condition<'a>(flow: &'a Flow, execution: &Execution) -> Option<Leveled<'a>> {
    if execution.is_disabled() || execution.provider() != Some(CONDITION) {
        return None;
    }
    let number = |key: &str| execution.config().and_then(|config| config.get(key)?.parse().ok());
    Some(Leveled { flow, level: number("loa-condition-level").unwrap_or(0), max_age: number("loa-max-age").unwrap_or(0) })
}

fn read(text: Option<&str>) -> BTreeMap<i64, i64> {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

impl<'a> Login<'_, 'a> {
    /// The session that the login goes on with holds levels already.
    pub(crate) fn recall_levels(&mut self, session: &UserSession) {
        if let Some(reached) = session.note(REACHED) {
            self.tab.set_note(HELD, reached);
        }
    }

    /// Whether more is asked for than the session holds.
    pub(crate) fn needs_step_up(&self) -> bool {
        let leveled = self.leveled();
        let held = self.highest_held(&leveled);
        // Of a flow without levels a session is as good as `0`.
        let held = if leveled.is_empty() { held.max(0) } else { held };
        self.wanted(&leveled).level > held
    }

    /// Whether a sub-flow with this condition is to be gone through: its level is asked for and not held, or there is none yet.
    pub(crate) fn is_level_due(&self, flow: &Flow, execution: &Execution) -> bool {
        let Some(own) = of_condition(flow, execution) else { return true };
        let leveled = self.leveled();
        let held = self.highest_held(&leveled);
        let has_begun = leveled.iter().any(|one| flow::is_entered(self.realm(), (one.flow, 0), &self.tab));
        if held == NONE && !has_begun {
            return true;
        }
        own.level <= self.wanted(&leveled).level && !self.holds_level(own)
    }

    /// The level of the answer. Keycloak: 0 where a session without levels is merely gone on with, else 1 (recording
    /// sso/second-client-without-login).
    pub(crate) fn level(&self) -> i64 {
        let leveled = self.leveled();
        let reached = self.reached_now(&leveled).into_iter().max().unwrap_or(NONE).max(self.highest_held(&leveled));
        match reached {
            NONE => i64::from(self.tab.note(note::AUTHENTICATED).is_some()),
            level => level,
        }
    }

    /// Whether the client demands more than what was reached (CVE-2023-3597).
    pub(crate) fn lacks_demanded_level(&self) -> bool {
        let wanted = self.wanted(&self.leveled());
        wanted.demanded && self.level() < wanted.level
    }

    /// Keeps with the session what was shown in this login.
    pub(crate) fn put_levels(&self, session: &mut UserSession) {
        let mut reached = read(session.note(REACHED));
        let now = self.browser.cx.now.secs();
        reached.extend(self.reached_now(&self.leveled()).into_iter().map(|level| (level, now)));
        if !reached.is_empty() {
            session.set_note(REACHED, &serde_json::to_string(&reached).unwrap_or_default());
        }
        let mut shown: Vec<&str> = session.note(SHOWN).unwrap_or_default().split(' ').collect();
        shown.extend(self.shown_now());
        shown.retain(|kind| !kind.is_empty());
        shown.sort_unstable();
        shown.dedup();
        let shown = shown.join(" ");
        session.set_note(SHOWN, &shown);
    }

    /// The kinds of credentials shown in this login.
    pub(crate) fn shown_now(&self) -> impl Iterator<Item = &str> {
        self.tab.note(note::AUTHENTICATED).unwrap_or_default().split(' ').filter(|kind| !kind.is_empty())
    }

    /// The kinds of credentials shown in a session.
    pub(crate) fn shown_in(session: &UserSession) -> impl Iterator<Item = &str> {
        session.note(SHOWN).unwrap_or_default().split(' ').filter(|kind| !kind.is_empty())
    }

    fn leveled(&self) -> Vec<Leveled<'a>> {
        let mut found = Vec::new();
        if let Some(flow) = self.flow() {
            self.find_leveled((flow, 0), &mut found);
        }
        found
    }

    fn find_leveled(&self, (flow, depth): (&'a Flow, usize), found: &mut Vec<Leveled<'a>>) {
        if depth > DEEPEST {
            return;
        }
        found.extend(flow.executions.iter().find_map(|execution| of_condition(flow, execution)));
        let inner = flow.executions.iter().filter(|execution| !execution.is_disabled() && execution.provider().is_none());
        for flow in inner.filter_map(|execution| self.realm().flows.flow(execution.flow()?)) {
            self.find_leveled((flow, depth + 1), found);
        }
    }

    fn holds_level(&self, one: Leveled<'_>) -> bool {
        let reached = read(self.tab.note(HELD));
        // Keycloak: an age of 0 holds for nothing but the login itself (recording sso/step-up).
        reached.get(&one.level).is_some_and(|at| at.saturating_add(one.max_age) > self.browser.cx.now.secs())
    }

    fn highest_held(&self, leveled: &[Leveled<'_>]) -> i64 {
        leveled.iter().filter(|one| self.holds_level(**one)).map(|one| one.level).max().unwrap_or(NONE)
    }

    fn reached_now(&self, leveled: &[Leveled<'_>]) -> Vec<i64> {
        let (realm, tab) = (self.realm(), &self.tab);
        leveled.iter().filter(|one| flow::has_succeeded(realm, one.flow, tab, self)).map(|one| one.level).collect()
    }

    fn wanted(&self, leveled: &[Leveled<'_>]) -> Wanted {
        let levels = acr::levels(self.realm(), &self.client);
        let number = |name: &str| levels.get(name).copied().or_else(|| name.parse().ok());
        let parameters = self.request.parameters();
        let demanded = acr::demanded(parameters);
        let mut wanted = Wanted { level: NONE, demanded: !demanded.is_empty() };
        let names = if demanded.is_empty() { acr::wished(&self.client, parameters) } else { demanded };
        // Any of them will do.
        wanted.level = names.iter().filter_map(|name| number(name)).min().unwrap_or(NONE);
        if let Some(least) = self.client.attribute("minimum.acr.value").and_then(number)
            && wanted.level <= least
        {
            wanted = Wanted { level: least, demanded: true };
        }
        if !wanted.demanded {
            wanted.level = wanted.level.min(leveled.iter().map(|one| one.level).max().unwrap_or(NONE));
        }
        wanted
    }
}
