use std::sync::Arc;

use ambient::Timestamp;

use super::{at, at_once, realm};
use crate::rotation::{Presented, Reused};
use crate::{
    ClientSession, Inserted, Kept, LoginAttempts, RecordStore, Replaced, SessionKind, Sessions, SingleUse, Spent, Subject,
    UserSession,
};

const UUID: &str = "2f1c9f36-3d2a-4d1b-9f63-0c7b0c1d2e3f";

pub(super) async fn hold(store: &Arc<dyn RecordStore>) {
    let sessions = Sessions::new(store.clone());
    a_session_reads_back_the_same(&sessions).await;
    offline_and_online_sessions_are_apart(&sessions).await;
    a_refresh_token_is_used_once_by_64_callers(&sessions).await;
    a_session_goes_with_the_last_of_64_clients(&sessions).await;
    a_revoked_token_is_known_until_it_is_dead(&sessions).await;
    a_code_is_spent_once_by_64_callers(&sessions).await;
    a_mark_is_made_once(&sessions).await;
    no_failed_login_of_64_at_once_is_lost(&sessions).await;
    attempts_are_forgotten(&sessions).await;
}

fn session(id: &str, kind: SessionKind) -> UserSession {
    let mut session = UserSession::new(id.into(), UUID.into(), kind, Timestamp::from_millis(at(0).millis() + 123));
    session.expires_at = at(1800);
    session.remember_me = true;
    session.set_note("AUTH_TIME", "1800000000");
    session.set_note("clientHost", "192.0.2.1");
    let mut client = ClientSession::new(UUID, "openid email profile", at(1));
    client.set_note("redirect_uri", "https://app.example/cb");
    session.attach(client);
    session.attach(ClientSession::new("by hand", "", at(2)));
    session
}

async fn a_session_reads_back_the_same(sessions: &Sessions) {
    let mut session = session("sid-1", SessionKind::Online);
    assert_eq!(sessions.record(&realm(), &session, at(0)).await.unwrap(), Inserted::Done);
    assert_eq!(sessions.record(&realm(), &session, at(0)).await.unwrap(), Inserted::Exists);
    let mut seen = sessions.find(&realm(), SessionKind::Online, &session.id, at(1)).await.unwrap().unwrap();
    assert_eq!(seen.value, session);
    for change in [&mut session, &mut seen.value] {
        change.last_refresh = at(60);
        change.expires_at = at(1860);
        change.detach("by hand");
        let presented = Presented { jti: UUID, issued_at: at(0), reuse_id: "family" };
        change.client_mut(UUID).unwrap().use_refresh_token(presented, 0, at(60)).unwrap();
    }
    assert_eq!(sessions.replace(&realm(), &seen, at(60)).await.unwrap(), Replaced::Done);
    assert_eq!(sessions.replace(&realm(), &seen, at(60)).await.unwrap(), Replaced::Lost);
    assert_eq!(sessions.find(&realm(), SessionKind::Online, &session.id, at(1859)).await.unwrap().unwrap().value, session);
    let of_user = sessions.of_user(&realm(), SessionKind::Online, &session.user, at(60)).await.unwrap();
    assert_eq!(of_user.into_iter().map(|seen| seen.value).collect::<Vec<_>>(), [session.clone()]);
    assert!(sessions.remove(&realm(), SessionKind::Online, &session.id).await.unwrap());
    assert!(sessions.of_user(&realm(), SessionKind::Online, &session.user, at(60)).await.unwrap().is_empty());
}

async fn offline_and_online_sessions_are_apart(sessions: &Sessions) {
    let offline = session("sid-2", SessionKind::Offline);
    let _ = sessions.record(&realm(), &offline, at(0)).await.unwrap();
    assert!(sessions.find(&realm(), SessionKind::Online, &offline.id, at(0)).await.unwrap().is_none());
    assert_eq!(sessions.find(&realm(), SessionKind::Offline, &offline.id, at(0)).await.unwrap().unwrap().value, offline);
}

/// What a refresh does: find, judge, replace, and again when it lost.
async fn refresh(sessions: Sessions, jti: &str) -> Result<(), Reused> {
    loop {
        let mut seen = sessions.find(&realm(), SessionKind::Online, &"sid-3".into(), at(5)).await.unwrap().unwrap();
        let presented = Presented { jti, issued_at: at(0), reuse_id: "family" };
        seen.client_mut(UUID).unwrap().use_refresh_token(presented, 0, at(5))?;
        if sessions.replace(&realm(), &seen, at(5)).await.unwrap() == Replaced::Done {
            return Ok(());
        }
    }
}

async fn a_refresh_token_is_used_once_by_64_callers(sessions: &Sessions) {
    let _ = sessions.record(&realm(), &session("sid-3", SessionKind::Online), at(0)).await.unwrap();
    let outcomes = at_once(64, |_| refresh(sessions.clone(), "token")).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(Reused::TooOften)).count(), 63);
}

async fn a_session_goes_with_the_last_of_64_clients(sessions: &Sessions) {
    let mut session = session("sid-4", SessionKind::Online);
    session.clients = (0..64).map(|n| ClientSession::new(&format!("client {n}"), "", at(0))).collect();
    assert_eq!(sessions.record(&realm(), &session, at(0)).await.unwrap(), Inserted::Done);
    let detached = at_once(64, |n| {
        let sessions = sessions.clone();
        async move {
            let client = format!("client {n}");
            sessions.detach(&realm(), (SessionKind::Online, &"sid-4".into()), &client, at(1)).await.unwrap()
        }
    });
    assert!(detached.await.into_iter().all(|had_a_part| had_a_part));
    assert!(!sessions.remove(&realm(), SessionKind::Online, &session.id).await.unwrap());
    assert!(!sessions.detach(&realm(), (SessionKind::Online, &session.id), "client 1", at(1)).await.unwrap());
}

async fn a_revoked_token_is_known_until_it_is_dead(sessions: &Sessions) {
    assert!(!sessions.is_token_revoked(&realm(), "jti", at(0)).await.unwrap());
    for _ in 0..2 {
        sessions.revoke_token(&realm(), "jti", at(10), at(0)).await.unwrap();
    }
    assert!(sessions.is_token_revoked(&realm(), "jti", at(9)).await.unwrap());
    assert!(!sessions.is_token_revoked(&"other".into(), "jti", at(9)).await.unwrap());
    assert!(!sessions.is_token_revoked(&realm(), "jti", at(10)).await.unwrap());
}

async fn a_code_is_spent_once_by_64_callers(sessions: &Sessions) {
    let realm = realm();
    let kept = sessions.record_code((&realm, "code"), b"what", at(60), at(0)).await.unwrap();
    assert_eq!(kept, Inserted::Done);
    assert_eq!(sessions.take((Kept::PushedRequest, &realm, "code"), at(1)).await.unwrap(), None);
    let spent = at_once(64, |_| {
        let sessions = sessions.clone();
        async move { sessions.spend_code((&super::realm(), "code"), at(100), at(1)).await.unwrap() }
    })
    .await;
    let (now, before) = (Spent::Now(b"what".to_vec()), Spent::Before(b"what".to_vec()));
    assert_eq!(spent.iter().filter(|spent| **spent == now).count(), 1);
    assert_eq!(spent.iter().filter(|spent| **spent == before).count(), 63);
    assert_eq!(sessions.spend_code((&realm, "code"), at(100), at(100)).await.unwrap(), Spent::Absent);
}

async fn a_mark_is_made_once(sessions: &Sessions) {
    let realm = realm();
    let long = "jti".repeat(10_000);
    for id in ["jti", &long] {
        assert!(sessions.mark_used((SingleUse::ClientAssertion, &realm, id), at(60), at(0)).await.unwrap());
        assert!(!sessions.mark_used((SingleUse::ClientAssertion, &realm, id), at(60), at(59)).await.unwrap());
        assert!(sessions.mark_used((SingleUse::DpopProof, &realm, id), at(60), at(0)).await.unwrap());
    }
}

async fn no_failed_login_of_64_at_once_is_lost(sessions: &Sessions) {
    let counted = at_once(64, |n| {
        let sessions = sessions.clone();
        async move {
            let user = "ann".into();
            let change = |attempts: Option<LoginAttempts>| {
                let attempts = attempts.unwrap_or_default();
                let last_ip = Some(format!("192.0.2.{n}"));
                Some(LoginAttempts { failures: attempts.failures + 1, last_failure: at(1), last_ip, ..attempts })
            };
            sessions.update_attempts(&realm(), Subject::User(&user), at(1), change).await.unwrap().unwrap().failures
        }
    })
    .await;
    let mut counted = counted;
    counted.sort_unstable();
    assert_eq!(counted, (1..=64).collect::<Vec<_>>());
}

async fn attempts_are_forgotten(sessions: &Sessions) {
    let (realm, user) = (realm(), "bob".into());
    let subject = Subject::User(&user);
    let locked = LoginAttempts {
        failures: 3,
        temporary_lockouts: 2,
        secondary_failures: 1,
        last_failure: at(1),
        last_ip: Some("2001:db8::1".into()),
        not_before: Timestamp::MAX,
        expires_at: at(90),
    };
    sessions.update_attempts(&realm, subject, at(1), |_| Some(locked.clone())).await.unwrap();
    assert_eq!(sessions.find_attempts(&realm, subject, at(2)).await.unwrap(), Some(locked));
    assert_eq!(sessions.find_attempts(&realm, subject, at(90)).await.unwrap(), None);
    assert_eq!(sessions.update_attempts(&realm, subject, at(2), |_| None).await.unwrap(), None);
    assert_eq!(sessions.find_attempts(&realm, subject, at(2)).await.unwrap(), None);
}
