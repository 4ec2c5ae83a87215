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

/// Tells whether the condition of a conditional flow holds.
pub(crate) trait Conditions {
    /// `execution` is a condition (`conditional-…`).
    fn holds(&self, flow: &Flow, execution: &Execution) -> bool;
}

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
    };
    tab.set_note(&note_of(flow, execution), word);
}

/// What became of an execution so far.
pub(crate) fn outcome(tab: &Tab, flow: &Flow, execution: &Execution) -> Option<Outcome> {
    match tab.note(&note_of(flow, execution))? {
        "done" => Some(Outcome::Done),
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
        let steps = || flow.executions.iter().filter(|execution| !execution.is_disabled() && !is_condition(execution));
        let is_required = |execution: &&Execution| execution.requirement != Requirement::Alternative;
        // Alternatives beside required steps are ignored.
        if steps().any(|execution| is_required(&execution)) {
            return self.required(flow, steps().filter(is_required), depth);
        }
        self.alternatives(flow, steps(), depth)
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

    /// The first that has succeeded is enough, else the first that has a way left.
    fn alternatives(&self, flow: &'r Flow, steps: impl Iterator<Item = &'r Execution> + Clone, depth: usize) -> Next<'r> {
        let mut states = steps.map(|execution| self.execution(flow, execution, depth));
        let mut open = None;
        for state in &mut states {
            match state {
                Next::Done => return Next::Done,
                Next::Run(..) => open = open.or(Some(state)),
                Next::NoWayLeft => {}
            }
        }
        open.unwrap_or(Next::NoWayLeft)
    }

    fn execution(&self, flow: &'r Flow, execution: &'r Execution, depth: usize) -> Next<'r> {
        match &execution.step {
            ExecutionStep::Flow { alias } => match self.realm.flows.flow(alias) {
                Some(inner) => self.flow(inner, depth + 1),
                None => Next::NoWayLeft,
            },
            ExecutionStep::Authenticator { .. } | ExecutionStep::Form { .. } => match outcome(self.tab, flow, execution) {
                Some(Outcome::Done) => Next::Done,
                Some(Outcome::Skipped) => Next::NoWayLeft,
                None => Next::Run(flow, execution),
            },
        }
    }

    /// Whether a conditional flow is to be gone through: it has conditions, and all of them hold.
    fn is_due(&self, execution: &Execution) -> bool {
        let Some(flow) = execution.flow().and_then(|alias| self.realm.flows.flow(alias)) else { return false };
        let mut conditions = flow.executions.iter().filter(|execution| !execution.is_disabled() && is_condition(execution));
        let mut any = false;
        conditions.all(|condition| {
            any = true;
            self.conditions.holds(flow, condition)
        }) && any
    }
}
