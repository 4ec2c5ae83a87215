use std::sync::{Mutex, PoisonError};

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::pkey_ctx::PkeyCtx;

/// How a fresh context is set up for its one use.
pub(super) type Prepare<T> = Box<dyn Fn(&mut PkeyCtx<T>) -> Result<(), ErrorStack> + Send + Sync>;

/// More contexts than ever run at once are not kept.
const MOST_IDLE: usize = 64;

/// Contexts of one key, set up once and used again: setting one up costs OpenSSL 3 as much as 2 % of an RSA signature. They
/// belong to the key, not to a thread, so that they go when it goes. A context is in use by one thread at a time.
pub(super) struct ContextPool<T> {
    key: PKey<T>,
    prepare: Prepare<T>,
    idle: Mutex<Vec<PkeyCtx<T>>>,
}

impl<T> ContextPool<T> {
    pub(super) fn new(key: PKey<T>, prepare: Prepare<T>) -> Self {
        Self { key, prepare, idle: Mutex::new(Vec::new()) }
    }

    /// Runs `work` with a context; one that failed is not used again.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut PkeyCtx<T>) -> Result<R, ErrorStack>) -> Result<R, ErrorStack> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut context = match idle {
            Some(context) => context,
            None => {
                let mut fresh = PkeyCtx::new(&self.key)?;
                (self.prepare)(&mut fresh)?;
                fresh
            }
        };
        let result = work(&mut context)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(context);
        }
        Ok(result)
    }
}
