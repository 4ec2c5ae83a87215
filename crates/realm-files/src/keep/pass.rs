//! One look at all files.

use std::collections::BTreeSet;
use std::path::PathBuf;

use futures_util::stream::{self, FuturesUnordered, StreamExt};
use realm_model::{Diagnostic, Severity};

use super::{Keeper, Known, Look};
use crate::apply::{ApplyError, Prepared, Reconciler};
use crate::plan::{Action, Plan};
use crate::reconcile::Options;
use crate::sources::{Digest, FileRealm, Found, Source, find};
use crate::status::Broken;
use crate::watch::Stamp;

/// So many sources are read by one thread, one after the other: most are small.
const PART: usize = 4;

/// So many parts that were read are looked at together: a realm may move from the one to the other.
const TOGETHER: usize = 8;

/// While more sources than this are being applied no further ones are read: the store makes durable together what comes together.
const AT_ONCE: usize = 128;

/// A source that is not as it was.
struct Changed {
    path: PathBuf,
    known: Known,
    outcome: Outcome,
}

impl Changed {
    /// What is in it now; nothing where that is not known or not read.
    fn realms(&self) -> Option<&[InFile]> {
        match &self.outcome {
            Outcome::Realms(realms, _) => Some(realms),
            Outcome::Settled | Outcome::Same | Outcome::Broken(_) => None,
        }
    }
}

/// A realm of a source; one that is new is prepared.
struct InFile {
    realm: FileRealm,
    prepared: Option<Prepared>,
}

/// What reading it gave.
enum Outcome {
    /// Byte for byte what was read before: that it is the same has been made sure of.
    Settled,
    /// Byte for byte what was applied.
    Same,
    Realms(Vec<InFile>, Vec<Diagnostic>),
    Broken(Vec<Diagnostic>),
}

/// What came of a source.
type Applied = (PathBuf, Known, Result<Vec<Plan>, Vec<Diagnostic>>);

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
        let is_changed = !changed.is_empty();
        let mut done = self.take_over(changed, look).await;
        if gone || is_changed {
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

    /// Reads and applies `sources`: some are read, on all cores, while those before are written.
    async fn take_over(&mut self, sources: Vec<Source>, look: Look) -> Vec<Plan> {
        let known = |source: &Source| self.known.get(&source.path).cloned().unwrap_or_default();
        let sources: Vec<_> = sources.into_iter().map(|source| (known(&source), source)).collect();
        let (reconciler, options) = (self.reconciler.clone(), self.options);
        let reading = stream::iter(sources).chunks(PART).map(|part| {
            let reconciler = reconciler.clone();
            let read_one = move |(known, source)| read(&source, known, &reconciler, look);
            tokio::task::spawn_blocking(move || part.into_iter().map(read_one).collect::<Vec<_>>())
        });
        let at_once = std::thread::available_parallelism().map_or(1, usize::from) * 2;
        let mut reading = std::pin::pin!(reading.buffered(at_once).chunks(TOGETHER));
        let (mut applying, mut done, mut is_read) = (FuturesUnordered::new(), Vec::new(), false);
        while !(is_read && applying.is_empty()) {
            tokio::select! {
                read = reading.next(), if !is_read && applying.len() <= AT_ONCE => match read {
                    Some(read) => applying.extend(
                        self.claimed(read.into_iter().flatten().flatten()).into_iter().map(|(changed, taken)| apply(&reconciler, options, changed, taken)),
                    ),
                    None => is_read = true,
                },
                Some(applied) = applying.next(), if !applying.is_empty() => done.extend(self.note(applied)),
            }
        }
        done
    }

    /// Notes what was found unchanged; gives the others, each with what is wrong with the realms it has.
    fn claimed(&mut self, read: impl Iterator<Item = Changed>) -> Vec<(Changed, Vec<Diagnostic>)> {
        let (settled, read): (Vec<_>, Vec<_>) = read.partition(|changed| matches!(changed.outcome, Outcome::Settled));
        self.known.extend(settled.into_iter().map(|changed| (changed.path, changed.known)));
        let taken = self.claim(&read);
        read.into_iter().zip(taken).collect()
    }

    /// Notes what came of a source. Returns what was done.
    fn note(&mut self, (path, known, outcome): Applied) -> Vec<Plan> {
        let source = path.display().to_string();
        let done = match outcome {
            Ok(plans) => {
                self.recovered(&source);
                self.note_applied(&plans);
                plans.into_iter().map(in_brief).collect()
            }
            Err(diagnostics) => {
                self.report(source, diagnostics);
                Vec::new()
            }
        };
        let before = self.known.insert(path, known.clone()).map(|before| before.realms).unwrap_or_default();
        self.left.extend(before.into_iter().filter(|realm| !known.realms.contains(realm)));
        done
    }

    /// Notes which source has which realm; gives for each source what another one has already.
    fn claim(&mut self, read: &[Changed]) -> Vec<Vec<Diagnostic>> {
        for changed in read {
            let Some(now) = changed.realms() else { continue };
            for left in changed.known.realms.iter().filter(|name| now.iter().all(|here| here.realm.name != **name)) {
                if self.owners.get(left) == Some(&changed.path) {
                    self.owners.remove(left);
                }
            }
        }
        let mut taken = Vec::with_capacity(read.len());
        for changed in read {
            let mut wrong = Vec::new();
            for InFile { realm, .. } in changed.realms().unwrap_or_default() {
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

/// Brings the realms of one source into force.
async fn apply(reconciler: &Reconciler, options: Options, changed: Changed, taken: Vec<Diagnostic>) -> Applied {
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
    known.realms = realms.iter().map(|InFile { realm, .. }| realm.name.clone()).collect();
    let mut plans = Vec::new();
    let mut failures = Vec::new();
    for InFile { realm, prepared } in realms {
        match reconciler.apply_prepared((&realm, prepared), options).await {
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

/// Reads a source; one that changes meanwhile is read anew the next time.
fn read(source: &Source, before: Known, reconciler: &Reconciler, look: Look) -> Changed {
    let placeholders = reconciler.live.placeholders().as_ref();
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
    let in_file = |realm| InFile { prepared: reconciler.prepare(&realm), realm };
    Changed { path, known, outcome: Outcome::Realms(reading.realms.into_iter().map(in_file).collect(), reading.diagnostics) }
}
