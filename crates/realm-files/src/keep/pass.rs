//! One look at all files.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::PathBuf;

use futures_util::future::join_all;
use realm_model::{Diagnostic, Severity};

use super::{Keeper, Known, Look};
use crate::apply::ApplyError;
use crate::plan::{Action, Plan};
use crate::sources::{Digest, FileRealm, Found, Source, find};
use crate::status::Broken;
use crate::watch::Stamp;

/// So many sources are read and applied at once: the store makes durable together what comes together.
const AT_ONCE: usize = 32;

/// A source that is not as it was.
struct Changed {
    path: PathBuf,
    known: Known,
    outcome: Outcome,
}

impl Changed {
    /// Its path, and what is in it now; nothing where that is not known or not read.
    fn realms(&self) -> Option<(&OsStr, &[FileRealm])> {
        match &self.outcome {
            Outcome::Realms(realms, _) => Some((self.path.as_os_str(), realms)),
            Outcome::Settled | Outcome::Same | Outcome::Broken(_) => None,
        }
    }
}

/// What reading it gave.
enum Outcome {
    /// Byte for byte what was read before: that it is the same has been made sure of.
    Settled,
    /// Byte for byte what was applied.
    Same,
    Realms(Vec<FileRealm>, Vec<Diagnostic>),
    Broken(Vec<Diagnostic>),
}

impl Keeper {
    /// Reads what changed and applies it. Returns what was done.
    pub async fn pass(&mut self, look: Look) -> Vec<Plan> {
        let paths = self.paths.clone();
        let Ok(found) = tokio::task::spawn_blocking(move || find(&paths)).await else { return Vec::new() };
        self.watcher.set(&found.folders);
        if look == Look::Again {
            self.renew().await;
        }
        let gone = self.forget_gone(&found);
        let changed = self.changed(&found, look);
        let mut done = Vec::new();
        for some in changed.chunks(AT_ONCE) {
            done.extend(self.take_over(some, look).await);
        }
        if gone || !changed.is_empty() {
            done.extend(self.retire().await);
        }
        self.report_unfound(found.diagnostics);
        self.status.lock().realms = self.known.values().map(|known| known.realms.len()).sum();
        done
    }

    /// What `${file:…}` stands for may have changed where no file of a realm did.
    async fn renew(&self) {
        if let Err(error) = self.reconciler.live.renew().await {
            log::error!("the values of placeholders are as they were: {error}");
        }
    }

    /// The sources whose files are not as they were.
    fn changed(&self, found: &Found, look: Look) -> Vec<Source> {
        let is_changed = |source: &&Source| {
            let stamps: Vec<_> = source.files.iter().map(|(path, _)| Stamp::of(path)).collect();
            look == Look::Again || self.known.get(&source.path).is_none_or(|known| !known.is_settled || known.stamps != stamps)
        };
        found.sources.iter().filter(is_changed).cloned().collect()
    }

    async fn take_over(&mut self, sources: &[Source], look: Look) -> Vec<Plan> {
        let reading = sources.iter().map(|source| {
            let (source, known) = (source.clone(), self.known.get(&source.path).cloned().unwrap_or_default());
            let placeholders = std::sync::Arc::clone(self.reconciler.live.placeholders());
            tokio::task::spawn_blocking(move || read(&source, known, placeholders.as_ref(), look))
        });
        let read = join_all(reading).await.into_iter().flatten();
        let (settled, read): (Vec<_>, Vec<_>) = read.partition(|changed| matches!(changed.outcome, Outcome::Settled));
        self.known.extend(settled.into_iter().map(|changed| (changed.path, changed.known)));
        let mut done = Vec::new();
        let taken = self.claim(&read);
        let applying = read.into_iter().zip(taken).map(|(changed, taken)| self.apply(changed, taken));
        let applied = join_all(applying).await;
        for (path, known, outcome) in applied {
            let source = path.display().to_string();
            match outcome {
                Ok(plans) => {
                    self.recovered(&source);
                    self.note_applied(&plans);
                    done.extend(plans.into_iter().map(in_brief));
                }
                Err(diagnostics) => self.report(source, diagnostics),
            }
            let before = self.known.insert(path, known.clone()).map(|before| before.realms).unwrap_or_default();
            self.left.extend(before.into_iter().filter(|realm| !known.realms.contains(realm)));
        }
        done
    }

    /// Brings the realms of one source into force.
    async fn apply(&self, changed: Changed, taken: Vec<Diagnostic>) -> (PathBuf, Known, Result<Vec<Plan>, Vec<Diagnostic>>) {
        let Changed { path, mut known, outcome } = changed;
        let realms = match outcome {
            Outcome::Settled | Outcome::Same => return (path, known, Ok(Vec::new())),
            Outcome::Broken(diagnostics) => return (path, known, Err(diagnostics)),
            Outcome::Realms(..) if !taken.is_empty() => {
                // Tried again until the other one gives it up.
                return (path, Known { realms: known.realms, ..Known::default() }, Err(taken));
            }
            Outcome::Realms(realms, warnings) => {
                warnings.iter().for_each(|warning| log::warn!("{warning}"));
                realms
            }
        };
        known.realms = realms.iter().map(|realm| realm.name.clone()).collect();
        let mut plans = Vec::new();
        let mut failures = Vec::new();
        for realm in &realms {
            match self.reconciler.apply(realm, self.options).await {
                Ok(plan) => plans.push(plan),
                Err(error) => {
                    known.digest = Digest::default();
                    if !matches!(error, ApplyError::Refused(_)) {
                        known.stamps.clear(); // the store may answer the next time
                    }
                    let message = format!("realm \"{}\": {error}", realm.name);
                    failures.push(Diagnostic::of_file(Severity::Error, &realm.source, message));
                }
            }
        }
        (path, known, if failures.is_empty() { Ok(plans) } else { Err(failures) })
    }

    /// Notes which source has which realm; gives for each source what another one has already.
    fn claim(&mut self, read: &[Changed]) -> Vec<Vec<Diagnostic>> {
        let now: HashMap<&OsStr, &[FileRealm]> = read.iter().filter_map(|changed| changed.realms()).collect();
        self.owners
            .retain(|name, owner| now.get(owner.as_os_str()).is_none_or(|realms| realms.iter().any(|realm| realm.name == *name)));
        let mut taken = Vec::with_capacity(read.len());
        for changed in read {
            let mut wrong = Vec::new();
            if let Outcome::Realms(realms, _) = &changed.outcome {
                for realm in realms {
                    match self.owners.get(&realm.name).filter(|owner| **owner != changed.path) {
                        Some(other) => {
                            let message = format!("realm \"{}\" is in {}, too", realm.name, other.display());
                            wrong.push(Diagnostic::of_file(Severity::Error, &realm.source, message));
                        }
                        None => {
                            self.owners.insert(realm.name.clone(), changed.path.clone());
                        }
                    }
                }
            }
            taken.push(wrong);
        }
        taken
    }

    /// Forgets sources that are not there any more; tells whether there were any.
    fn forget_gone(&mut self, found: &Found) -> bool {
        let there: BTreeSet<&PathBuf> = found.sources.iter().map(|source| &source.path).collect();
        let gone: Vec<PathBuf> = self.known.keys().filter(|path| !there.contains(path)).cloned().collect();
        for path in &gone {
            if let Some(known) = self.known.remove(path) {
                self.left.extend(known.realms);
            }
            self.status.lock().broken.remove(&path.display().to_string());
        }
        self.owners.retain(|_, owner| !gone.contains(owner));
        !gone.is_empty()
    }

    /// Realms that files brought and that are in none any more.
    async fn retire(&mut self) -> Vec<Plan> {
        // A file that cannot be read may hold any of them.
        if self.known.values().any(|known| known.realms.is_empty()) {
            return Vec::new();
        }
        let owned = |realm: &String| self.known.values().any(|known| known.realms.contains(realm));
        let left: Vec<String> = std::mem::take(&mut self.left).into_iter().filter(|realm| !owned(realm)).collect();
        let mut done = Vec::new();
        for realm in left {
            match self.reconciler.plan_without_file(&realm, self.options).await {
                Ok(None) => {}
                Ok(Some(plan)) => {
                    plan.notes.iter().for_each(|note| log::warn!("{note}"));
                    match self.reconciler.commit(plan).await {
                        Ok(plan) if plan.has_changes() => done.push(plan),
                        Ok(_) => {}
                        Err(error) => log::error!("realm {realm} is in no file any more and stays: {error}"),
                    }
                }
                Err(error) => log::error!("realm {realm}: {error}"),
            }
        }
        done
    }

    fn note_applied(&self, plans: &[Plan]) {
        let changed = plans.iter().filter(|plan| plan.has_changes());
        let mut status = self.status.lock();
        for plan in changed {
            let counts = plan.counts();
            log::info!(
                "realm {} is as {} says: {} made, {} changed, {} deleted",
                plan.realm,
                plan.source,
                counts.create,
                counts.update,
                counts.delete
            );
            plan.notes.iter().for_each(|note| log::info!("realm {}: {note}", plan.realm));
            status.applied += 1;
            status.applied_at = Some(self.reconciler.clock.now());
        }
    }

    fn recovered(&self, source: &str) {
        if self.status.lock().broken.remove(source).is_some() {
            log::info!("{source} can be used again");
        }
    }

    /// A file cannot be used: said once, until something else is wrong with it.
    fn report(&self, source: String, diagnostics: Vec<Diagnostic>) {
        let mut status = self.status.lock();
        let known = status.broken.get(&source);
        if known.is_some_and(|known| known.diagnostics == diagnostics) {
            return;
        }
        let since = known.map_or_else(|| self.reconciler.clock.now(), |known| known.since);
        let what = diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        log::error!("{source} cannot be used, what it said before holds on:\n{what}");
        status.failed += 1;
        status.broken.insert(source, Broken { diagnostics, since });
    }

    /// What is wrong beside the sources: folders that cannot be read, users without a realm.
    fn report_unfound(&self, diagnostics: Vec<Diagnostic>) {
        let sources: BTreeSet<String> = self.known.keys().map(|path| path.display().to_string()).collect();
        let errors: Vec<Diagnostic> = diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        let wrong: BTreeSet<String> = errors.iter().map(|diagnostic| diagnostic.file.clone()).collect();
        let healed: Vec<String> = {
            let status = self.status.lock();
            status.broken.keys().filter(|source| !sources.contains(*source) && !wrong.contains(*source)).cloned().collect()
        };
        healed.iter().for_each(|source| self.recovered(source));
        for error in errors {
            self.report(error.file.clone(), vec![error]);
        }
    }
}

/// Of a realm that was made it is enough to know that: ten thousand of them may come at once.
fn in_brief(mut plan: Plan) -> Plan {
    if plan.action == Action::Create {
        plan.changes = Vec::new();
    }
    plan
}

/// Reads a source; one that changes meanwhile is read anew the next time.
fn read(source: &Source, before: Known, placeholders: &dyn realm_model::Placeholders, look: Look) -> Changed {
    let stamps: Vec<_> = source.files.iter().map(|(path, _)| Stamp::of(path)).collect();
    let path = source.path.clone();
    let content = match source.content() {
        Ok(content) => content,
        Err(diagnostic) => {
            let known = Known { stamps, is_settled: true, seen: Digest::default(), ..before };
            return Changed { path, known, outcome: Outcome::Broken(vec![*diagnostic]) };
        }
    };
    let seen = content.bytes().clone();
    if before.stamps == stamps && before.seen == seen && look == Look::Changed {
        return Changed { path, known: Known { is_settled: true, ..before }, outcome: Outcome::Settled };
    }
    let is_settled = before.seen == seen || before.stamps.is_empty();
    let known = Known { stamps, is_settled, seen, digest: content.digest(placeholders), realms: before.realms };
    if before.digest == known.digest && !content.has_values(placeholders) {
        return Changed { path, known, outcome: Outcome::Same };
    }
    let reading = content.realms(placeholders);
    if reading.diagnostics.iter().any(Diagnostic::is_error) {
        // What was applied stays known: a file that goes back to it has nothing to apply.
        let known = Known { digest: before.digest, ..known };
        return Changed { path, known, outcome: Outcome::Broken(reading.diagnostics) };
    }
    Changed { path, known, outcome: Outcome::Realms(reading.realms, reading.diagnostics) }
}
