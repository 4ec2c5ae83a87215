//! Time and randomness as values: what is otherwise read from the machine, handed in so that tests can hold it still.
//!
//! **Architecture invariant:** this is the only crate that reads the system clock or the operating system's randomness.

mod clock;
mod entropy;

pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
