//! `latchkey plan`, `latchkey apply`, `latchkey drift`.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::process::ExitCode;

use realm_files::{ApplyError, Colour, FileRealm, Options as Allowed, Outcome, Plan as Changes, Reconciler, UsersLookedAt};
use realm_model::Diagnostic;

use super::{Access, failed, files, open};
use crate::cli::{Invocation, Plan, Reconcile, ReportFormat};
use crate::realms;

/// Files and store, side by side.
struct Sides {
    files: Vec<FileRealm>,
    /// Realms that files brought and that are in none of them any more.
    left: Vec<String>,
    reconciler: Reconciler,
    allowed: Allowed,
}

impl Sides {
    /// Both; or the exit code where one cannot be read.
    async fn open(what: &Reconcile, plan: &Plan, invocation: &Invocation, access: Access) -> Result<Self, ExitCode> {
        let paths = files::paths(&what.files, plan);
        let (files, diagnostics) = realms::read(&paths, &invocation.environment);
        for diagnostic in &diagnostics {
            eprintln!("{diagnostic}");
        }
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(ExitCode::FAILURE);
        }
        if files.is_empty() {
            return Err(failed(&"no realm files: name files or folders, or set --realms (LATCHKEY_REALMS)"));
        }
        let reconciler = open(plan, invocation, access).await.map_err(|error| failed(&error))?;
        let allowed = Allowed { allow_deletes: what.deletions.allow_deletes, delete_users: what.deletions.delete_users };
        // Of files that were named one by one nobody knows whether they are all.
        let left = if what.files.is_empty() { left(&files, &reconciler) } else { Vec::new() };
        Ok(Self { files, left, reconciler, allowed })
    }

    async fn plans(&self, users: UsersLookedAt) -> Result<Vec<Changes>, ApplyError> {
        let mut plans = Vec::with_capacity(self.files.len());
        for file in &self.files {
            plans.push(self.reconciler.plan(file, self.allowed, users).await?);
        }
        for realm in &self.left {
            plans.extend(self.reconciler.plan_without_file(realm, self.allowed).await?);
        }
        Ok(plans)
    }

    /// The process ends: there is no use in taking large files to pieces.
    fn end(self) {
        std::mem::forget(self.files);
    }
}

fn left(files: &[FileRealm], reconciler: &Reconciler) -> Vec<String> {
    let there: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    reconciler.live.names().into_iter().filter(|name| !there.contains(name.as_str())).collect()
}

/// Shows what would change.
pub(super) async fn plan(what: &Reconcile, plan: &Plan, invocation: &Invocation) -> ExitCode {
    let sides = match Sides::open(what, plan, invocation, Access::Look).await {
        Ok(sides) => sides,
        Err(code) => return code,
    };
    match sides.plans(UsersLookedAt::Changed).await {
        Ok(plans) => {
            show(&plans, what.format);
            sides.end();
            code(plans.iter().map(Changes::outcome))
        }
        Err(error) => failed(&error),
    }
}

/// Shows what differs from the files and stays.
pub(super) async fn drift(what: &Reconcile, plan: &Plan, invocation: &Invocation) -> ExitCode {
    let sides = match Sides::open(what, plan, invocation, Access::Look).await {
        Ok(sides) => sides,
        Err(code) => return code,
    };
    match sides.plans(UsersLookedAt::All).await {
        Ok(plans) => {
            show(&plans, what.format);
            sides.end();
            code(plans.iter().map(Changes::drift_outcome))
        }
        Err(error) => failed(&error),
    }
}

/// Brings the files into force, realm by realm, each at one instant.
pub(super) async fn apply(what: &Reconcile, plan: &Plan, invocation: &Invocation) -> ExitCode {
    let sides = match Sides::open(what, plan, invocation, Access::Write).await {
        Ok(sides) => sides,
        Err(code) => return code,
    };
    let mut done = Vec::new();
    let mut good = true;
    for file in &sides.files {
        match sides.reconciler.apply(file, sides.allowed).await {
            Ok(plan) => done.push(plan),
            Err(error) => {
                failed(&format_args!("realm {}: {error}", file.name));
                good = false;
            }
        }
    }
    for realm in &sides.left {
        match sides.reconciler.plan_without_file(realm, sides.allowed).await {
            Ok(None) => {}
            Ok(Some(plan)) => match sides.reconciler.commit(plan).await {
                Ok(plan) => done.push(plan),
                Err(error) => {
                    failed(&format_args!("realm {realm}: {error}"));
                    good = false;
                }
            },
            Err(error) => {
                failed(&format_args!("realm {realm}: {error}"));
                good = false;
            }
        }
    }
    show(&done, what.format);
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn show(plans: &[Changes], format: ReportFormat) {
    let text = match format {
        ReportFormat::Json => format!("{:#}", realm_files::json(plans)),
        ReportFormat::Markdown => realm_files::markdown(plans),
        ReportFormat::Human | ReportFormat::Sarif | ReportFormat::Github => {
            let colour = if std::io::stdout().is_terminal() { Colour::Ansi } else { Colour::Off };
            realm_files::human(plans, colour)
        }
    };
    say!("{}", text.trim_end_matches('\n'));
}

/// An error is worse than changes, changes are worse than nothing.
fn code(outcomes: impl Iterator<Item = Outcome>) -> ExitCode {
    let mut worst = Outcome::Nothing;
    for outcome in outcomes {
        worst = match (worst, outcome) {
            (Outcome::Error, _) | (_, Outcome::Error) => Outcome::Error,
            (Outcome::Changes, _) | (_, Outcome::Changes) => Outcome::Changes,
            (Outcome::Nothing, Outcome::Nothing) => Outcome::Nothing,
        };
    }
    ExitCode::from(worst.code())
}
