//! Two things at the same time.

/// Does both, `one` on a thread of its own if one is to be had.
pub(crate) fn side_by_side<A: Send, B>(one: impl Fn() -> A + Send + Sync, other: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let beside = std::thread::Builder::new().spawn_scoped(scope, &one);
        let other = other();
        let one = match beside.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => one(),
        };
        (one, other)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done() {
        let text = "both".to_owned();
        assert_eq!(side_by_side(|| text.len(), || text.to_uppercase()), (4, "BOTH".to_owned()));
    }
}
