//! What comes next in a flow: a pure function of the flow and of what is done so far. Keycloak: its rules for REQUIRED, ALTERNATIVE,
//! CONDITIONAL and DISABLED (wire-browser.md section 7; asked of 26.7.4).

use realm_model::{Execution, ExecutionStep, Flow, Realm, Requirement};
use sessions::Tab;

/// Sub-flows within sub-flows at the most: a circle ends.
const DEEPEST: usize = 16;

/// What became of an execution in this login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It succeeded.
    Done,
    /// It had nothing to say.
    Skipped,
    /// The user has not what it asks for, and sets it up before the login is finished.
    ToBeSetUp,
}

/// What comes next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next<'r> {
    /// This execution.
    Run(&'r Flow, &'r Execution),
    /// Nothing: the flow has succeeded.
    Done,
    /// Nothing: no way is left.
    NoWayLeft,
}

/// What a flow asks of the login that goes through it.
pub(crate) trait Conditions {
    /// Whether `execution`, which is a condition (`conditional-…`), holds.
    fn holds(&self, flow: &Flow, execution: &Execution) -> bool;

    /// Whether the user has what `execution` asks for: an alternative that nobody can take is none.
    fn can_take(&self, execution: &Execution) -> bool;
}

/// Note of a tab: the alternative that the user wants to take, by its [`name_of`].
pub(crate) const CHOSEN: &str = "chosen";

/// What comes next in `flow`.
pub(crate) fn next<'r>(realm: &'r Realm, flow: &'r Flow, tab: &Tab, conditions: &dyn Conditions) -> Next<'r> {
    Walk { realm, tab, conditions }.flow(flow, 0)
}

/// The name of an execution in the notes of a tab.
pub(crate) fn name_of(flow: &Flow, execution: &Execution) -> String {
    format!("{}\n{}", flow.alias, execution.key)
}

fn note_of(flow: &Flow, execution: &Execution) -> String {
    format!("outcome\n{}\n{}", flow.alias, execution.key)
}

/// Remembers what became of an execution.
pub(crate) fn record(tab: &mut Tab, (flow, execution): (&Flow, &Execution), outcome: Outcome) {
    let word = match outcome {
        Outcome::Done => "done",
        Outcome::Skipped => "skipped",
        Outcome::ToBeSetUp => "to_be_set_up",
    };
    tab.set_note(&note_of(flow, execution), word);
}

/// What became of an execution so far.
pub(crate) fn outcome(tab: &Tab, flow: &Flow, execution: &Execution) -> Option<Outcome> {
    match tab.note(&note_of(flow, execution))? {
        "done" => Some(Outcome::Done),
        "to_be_set_up" => Some(Outcome::ToBeSetUp),
        _ => Some(Outcome::Skipped),
    }
}

/// Forgets what became of all executions: the flow begins anew.
pub(crate) fn forget(tab: &mut Tab) {
    tab.notes.retain(|(name, _)| !name.starts_with("outcome\n"));
}

/// Whether a provider is a condition.
pub(crate) fn is_condition(execution: &Execution) -> bool {
    execution.provider().is_some_and(|provider| provider.starts_with("conditional-"))
}

/// Whether `flow` has succeeded in this login, by something that was done in it.
pub(crate) fn has_succeeded(realm: &Realm, flow: &Flow, tab: &Tab, conditions: &dyn Conditions) -> bool {
    is_entered(realm, (flow, 0), tab) && matches!(next(realm, flow, tab, conditions), Next::Done)
}

/// Whether anything was done in `flow`: it stays due then, whatever becomes of its conditions.
pub(crate) fn is_entered(realm: &Realm, (flow, depth): (&Flow, usize), tab: &Tab) -> bool {
    let done = |execution: &Execution| match execution.flow().and_then(|alias| realm.flows.flow(alias)) {
        Some(inner) if execution.provider().is_none() && depth < DEEPEST => is_entered(realm, (inner, depth + 1), tab),
        _ => matches!(outcome(tab, flow, execution), Some(Outcome::Done | Outcome::ToBeSetUp)),
    };
    flow.executions.iter().filter(|execution| !execution.is_disabled()).any(done)
}

/// The ways that are open where the login stands, in the order of the flow: more than one where there are alternatives.
pub(crate) fn ways<'r>(
    realm: &'r Realm,
    flow: &'r Flow,
    tab: &Tab,
    conditions: &dyn Conditions,
) -> Vec<(&'r Flow, &'r Execution)> {
    let mut ways = Vec::new();
    Walk { realm, tab, conditions }.ways(flow, 0, &mut ways);
    ways
}

struct Walk<'r, 't> {
    realm: &'r Realm,
    tab: &'t Tab,
    conditions: &'t dyn Conditions,
}

impl<'r> Walk<'r, '_> {
    fn flow(&self, flow: &'r Flow, depth: usize) -> Next<'r> {
        if depth > DEEPEST {
            return Next::NoWayLeft;
        }
        // Alternatives beside required steps are ignored.
        if steps(flow).any(|execution| is_required(&execution)) {
            return self.required(flow, steps(flow).filter(is_required), depth);
        }
        self.alternatives(flow, steps(flow), depth)
    }

    fn ways(&self, flow: &'r Flow, depth: usize, ways: &mut Vec<(&'r Flow, &'r Execution)>) {
        if depth > DEEPEST {
            return;
        }
        let has_required = steps(flow).any(|execution| is_required(&execution));
        let counts = |execution: &&Execution| !has_required || is_required(execution);
        for execution in steps(flow).filter(counts) {
            let is_idle = execution.requirement == Requirement::Conditional && !self.is_due(execution);
            if is_idle {
                continue;
            }
            if let Next::Run(..) = self.execution(flow, execution, depth) {
                match execution.flow().and_then(|alias| self.realm.flows.flow(alias)).filter(|_| execution.provider().is_none()) {
                    Some(inner) => self.ways(inner, depth + 1, ways),
                    None => ways.push((flow, execution)),
                }
                if has_required {
                    return;
                }
            }
        }
    }

    fn required(&self, flow: &'r Flow, steps: impl Iterator<Item = &'r Execution>, depth: usize) -> Next<'r> {
        let mut any = false;
        for execution in steps {
            if execution.requirement == Requirement::Conditional && !self.is_due(execution) {
                continue;
            }
            any = true;
            match self.execution(flow, execution, depth) {
                Next::Done => {}
                other => return other,
            }
        }
        // Of nothing but conditions that do not hold comes no success.
        if any { Next::Done } else { Next::NoWayLeft }
    }

    /// The first that has succeeded is enough, else the one that the user has chosen, else the first that has a way left.
    fn alternatives(&self, flow: &'r Flow, steps: impl Iterator<Item = &'r Execution> + Clone, depth: usize) -> Next<'r> {
        let mut states = steps.map(|execution| self.execution(flow, execution, depth));
        let wanted = self.tab.note(CHOSEN);
        let (mut open, mut chosen) = (None, None);
        for state in &mut states {
            match state {
                Next::Done => return Next::Done,
                Next::Run(flow, execution) if wanted.is_some_and(|wanted| wanted == name_of(flow, execution)) => {
                    chosen = chosen.or(Some(state));
                }
                Next::Run(..) => open = open.or(Some(state)),
                Next::NoWayLeft => {}
            }
        }
        chosen.or(open).unwrap_or(Next::NoWayLeft)
    }

    fn execution(&self, flow: &'r Flow, execution: &'r Execution, depth: usize) -> Next<'r> {
        match &execution.step {
            ExecutionStep::Flow { alias } => match self.realm.flows.flow(alias) {
                Some(inner) => self.flow(inner, depth + 1),
                None => Next::NoWayLeft,
            },
            ExecutionStep::Authenticator { .. } | ExecutionStep::Form { .. } => match outcome(self.tab, flow, execution) {
                Some(Outcome::Done | Outcome::ToBeSetUp) => Next::Done,
                Some(Outcome::Skipped) => Next::NoWayLeft,
                None if execution.requirement == Requirement::Alternative && !self.conditions.can_take(execution) => {
                    Next::NoWayLeft
                }
                None => Next::Run(flow, execution),
            },
        }
    }

    /// Whether a conditional flow is to be gone through: it has conditions, and all of them hold.
    fn is_due(&self, execution: &Execution) -> bool {
        let Some(flow) = execution.flow().and_then(|alias| self.realm.flows.flow(alias)) else { return false };
        if is_entered(self.realm, (flow, 0), self.tab) {
            return true;
        }
        let mut conditions = flow.executions.iter().filter(|execution| !execution.is_disabled() && is_condition(execution));
        let mut any = false;
        conditions.all(|condition| {
            any = true;
            self.conditions.holds(flow, condition)
        }) && any
    }
}

pub(crate) fn steps(flow: &Flow) -> impl Iterator<Item = &Execution> + Clone {
    flow.executions.iter().filter(|execution| !execution.is_disabled() && !is_condition(execution))
}

pub(crate) fn is_required(execution: &&Execution) -> bool {
    execution.requirement != Requirement::Alternative
}

#[cfg(test)]
mod tests;
