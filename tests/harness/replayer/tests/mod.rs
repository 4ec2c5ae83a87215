//! The replayer is itself a judge that must be judged: a wrong field is found, a moving one is not.

mod comparing;
mod making;
mod playing;
mod reading;
