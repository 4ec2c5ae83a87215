//! Realm files as living truth: what they say is compared with what was said before and with what is in force, shown, and applied.
//!
//! **Architecture invariant:** nothing here reads a clock, the environment or a terminal; what a plan would write is worked out
//! without the store, and one realm is changed by one commit.

mod apply;
mod export;
mod import;
mod keep;
mod making;
mod plan;
mod progress;
mod reconcile;
mod seal;
mod side_by_side;
mod sources;
mod status;
mod watch;
#[cfg(test)]
mod world;

pub use apply::{ApplyError, Reconciler, UsersLookedAt};
pub use export::{ExportError, ExportOptions, ExportTo, ExportUsers, export};
pub use import::{Existing, ImportError, Imported, import};
pub use keep::{Keeper, Look};

pub use plan::{Action, Change, Colour, Counts, MemberChange, Outcome, Plan, Refusal, Subject, human, json, markdown};
pub use progress::{Progress, Step};
pub use reconcile::{Applied, Comparison, Live, LiveUsers, Options, applied, plan};
pub use seal::{Hashing, KeepPlain, Seal, SealError};
pub use sources::{Content, Digest, FileRealm, Found, Inward, Part, Reading, Source, SourcePlace, find};
pub use status::{Broken, Standing, Status};
pub use watch::Watcher;
