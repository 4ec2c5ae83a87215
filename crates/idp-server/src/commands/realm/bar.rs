//! A progress bar for what takes longer than a second, where somebody watches.

use ambient::{Clock, SystemClock, Timestamp};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use realm_files::Step;

/// Nothing is shown before so many milliseconds have passed.
const PATIENCE: i64 = 1000;

/// Shows steps.
pub(super) struct Bar {
    bar: ProgressBar,
    began: Timestamp,
}

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self { bar, began: SystemClock.now() }
    }

    /// Takes note of a step. Indicatif itself shows nothing where standard error is no terminal.
    pub(super) fn step(&self, step: Step<'_>) {
        if self.bar.is_hidden() && SystemClock.now().millis_since(self.began) > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        match step {
            Step::Realm(name, users) => {
                let template = if users.is_some() {
                    "{msg} {wide_bar} {pos}/{len} users {per_sec} {eta}"
                } else {
                    "{msg} {spinner} {pos} users {per_sec}"
                };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    self.bar.set_style(style);
                }
                self.bar.set_message(name.to_owned());
                self.bar.set_position(0);
                match users {
                    Some(users) => self.bar.set_length(users),
                    None => self.bar.unset_length(),
                }
            }
            Step::Users(more) => self.bar.inc(more),
            Step::Done(_) => {}
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
