use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use ambient::SeededEntropy;

use super::*;
use crate::HashAlgorithm;

const CHEAP: HashPolicy = HashPolicy { algorithm: HashAlgorithm::Pbkdf2Sha256, iterations: Some(1) };

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// A pool whose jobs nobody does until the test takes them.
fn pool_without_threads(queue: usize) -> HashPool {
    HashPool { queue: Arc::new(Queue::new(queue)) }
}

fn run_one(pool: &HashPool) {
    pool.queue.next(&mut Memory::default()).unwrap().run(&mut Memory::default());
}

fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

#[tokio::test]
async fn a_password_hashed_on_the_pool_verifies_on_the_pool() {
    let pool = HashPool::new(&Config { threads: 2, queue: 8 });
    let stored = pool.hash(secret("right"), &CHEAP, Arc::new(SeededEntropy::new(1))).await.unwrap();
    let stored = Arc::new(stored);
    assert_eq!(pool.verify(Some(Arc::clone(&stored)), secret("right"), &CHEAP).await, Ok(true));
    assert_eq!(pool.verify(Some(stored), secret("wrong"), &CHEAP).await, Ok(false));
}

#[tokio::test]
async fn many_at_once_each_get_their_own_answer() {
    let pool = Arc::new(HashPool::new(&Config { threads: 4, queue: 256 }));
    let policy = HashPolicy { algorithm: HashAlgorithm::Argon2, iterations: Some(1) };
    let stored = Arc::new(pool.hash(secret("7"), &policy, Arc::new(SeededEntropy::new(1))).await.unwrap());
    let tasks: Vec<_> = (0..32)
        .map(|n| {
            let (pool, stored) = (Arc::clone(&pool), Arc::clone(&stored));
            tokio::spawn(async move { pool.verify(Some(stored), secret(&n.to_string()), &policy).await })
        })
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap(), Ok(n == 7));
    }
}

#[test]
fn an_unknown_user_costs_the_hash_of_the_policy_and_is_never_right() {
    for policy in [HashPolicy::default(), CHEAP, HashPolicy { algorithm: HashAlgorithm::Bcrypt, iterations: Some(4) }] {
        let pool = pool_without_threads(1);
        let mut future = pin!(pool.verify(None, secret(""), &policy));
        assert!(future.as_mut().poll(&mut context()).is_pending());
        let work = pool.queue.next(&mut Memory::default()).unwrap();
        let Work::Verify { credential, .. } = &work else { panic!("no verification was queued") };
        assert_eq!((credential.algorithm(), credential.iterations()), (policy.algorithm, policy.effective_iterations()));
        assert!(!credential.needs_upgrade(&policy), "the same parameters as a hash by the policy");
        work.run(&mut Memory::default());
        assert_eq!(future.as_mut().poll(&mut context()), std::task::Poll::Ready(Ok(false)));
    }
}

#[test]
fn an_unknown_user_is_refused_even_where_the_computation_matches() {
    let pool = pool_without_threads(1);
    let mut future = pin!(pool.verify(None, secret("x"), &CHEAP));
    assert!(future.as_mut().poll(&mut context()).is_pending());
    let Some(Work::Verify { answer, .. }) = pool.queue.next(&mut Memory::default()) else { panic!("nothing queued") };
    answer.send(true).unwrap();
    assert_eq!(future.as_mut().poll(&mut context()), std::task::Poll::Ready(Ok(false)));
}

#[test]
fn a_full_queue_refuses_at_once_and_takes_jobs_again_when_one_is_done() {
    let pool = pool_without_threads(2);
    let mut first = pin!(pool.verify(None, secret("1"), &CHEAP));
    let mut second = pin!(pool.verify(None, secret("2"), &CHEAP));
    assert!(first.as_mut().poll(&mut context()).is_pending());
    assert!(second.as_mut().poll(&mut context()).is_pending());
    assert_eq!(pool.queue_length(), 2);
    let mut third = pin!(pool.verify(None, secret("3"), &CHEAP));
    assert_eq!(third.as_mut().poll(&mut context()), std::task::Poll::Ready(Err(PoolFull)));
    run_one(&pool);
    assert!(first.as_mut().poll(&mut context()).is_ready());
    let mut fourth = pin!(pool.verify(None, secret("4"), &CHEAP));
    assert!(fourth.as_mut().poll(&mut context()).is_pending());
}

#[test]
fn a_dropped_future_takes_its_job_out_of_the_queue() {
    let pool = pool_without_threads(1);
    {
        let mut gone = pin!(pool.verify(None, secret("gone"), &CHEAP));
        assert!(gone.as_mut().poll(&mut context()).is_pending());
    }
    let mut next = pin!(pool.verify(None, secret("next"), &CHEAP));
    assert!(next.as_mut().poll(&mut context()).is_pending(), "the abandoned job made room");
    assert_eq!(pool.queue_length(), 1);
    let Some(Work::Verify { password, .. }) = pool.queue.next(&mut Memory::default()) else { panic!("nothing queued") };
    assert_eq!(password.expose(), "next");
}

#[test]
fn a_closed_pool_refuses_instead_of_waiting() {
    let pool = pool_without_threads(1);
    pool.queue.close();
    let mut future = pin!(pool.verify(None, secret("x"), &CHEAP));
    assert_eq!(future.as_mut().poll(&mut context()), std::task::Poll::Ready(Err(PoolFull)));
}

#[test]
fn threads_end_with_the_pool() {
    let pool = HashPool::new(&Config { threads: 1, queue: 1 });
    let queue = Arc::clone(&pool.queue);
    drop(pool);
    assert!(queue.next(&mut Memory::default()).is_none());
}

#[test]
fn sizes_are_read_with_defaults() {
    let config: Config = serde_json::from_str(r#"{"queue": 3}"#).unwrap();
    assert_eq!(config, Config { threads: 0, queue: 3 });
}
