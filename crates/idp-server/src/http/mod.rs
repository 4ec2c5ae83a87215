//! The actix side: both ports, what surrounds every request, start and stop of the listeners.

mod approval;
mod explain;
mod health;
mod listen;
mod mailbox;
mod management;
mod observe;
mod preview;
mod routes;
#[cfg(test)]
mod tests;

pub use listen::ListenError;
pub(crate) use listen::{Addresses, Served, serve};

/// Runs `future` on an actix system of this thread, until it ends.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}
