use std::sync::Arc;

use super::{at, at_once, realm};
use crate::{Decided, Decision, Decoupled, Inserted, RecordStore, Replaced, Sessions, UserCode, WaitingAuthorization};

const CODE: &str = "2f1c9f36-3d2a-4d1b-9f63-0c7b0c1d2e3f";

pub(super) async fn hold(store: &Arc<dyn RecordStore>) {
    let sessions = Sessions::new(store.clone());
    a_request_reads_back_the_same(&sessions).await;
    the_first_answer_counts(&sessions).await;
    a_user_code_finds_its_request_once(&sessions).await;
    an_approved_request_ends_for_one_of_64(&sessions).await;
    user_codes_cannot_be_tried_out(&sessions).await;
    a_request_outlives_its_code_by_a_little(&sessions).await;
}

fn waiting() -> WaitingAuthorization {
    WaitingAuthorization {
        client: "c1".to_owned(),
        user: Some("ann".into()),
        scope: Some("openid".to_owned()),
        interval: 5,
        expires_at: at(60),
        polled: None,
        decision: Decision::Pending,
        notes: vec![("nonce".to_owned(), "n".to_owned())],
    }
}

fn approved() -> Decision {
    Decision::Approved { user: "ann".into(), session: Some("sid".into()) }
}

async fn recorded(sessions: &Sessions, code: &str) -> WaitingAuthorization {
    let waiting = waiting();
    let recorded = sessions.record_waiting((Decoupled::Device, &realm(), code), &waiting, at(0)).await.unwrap();
    assert_eq!(recorded, Inserted::Done);
    waiting
}

async fn a_request_reads_back_the_same(sessions: &Sessions) {
    let realm = realm();
    let mut waiting = recorded(sessions, "read").await;
    for change in [
        WaitingAuthorization { scope: Some(String::new()), polled: Some(at(1)), ..waiting.clone() },
        WaitingAuthorization { scope: None, user: None, decision: approved(), ..waiting.clone() },
        WaitingAuthorization { decision: Decision::Approved { user: CODE.into(), session: None }, ..waiting.clone() },
        WaitingAuthorization { decision: Decision::Denied, notes: Vec::new(), ..waiting.clone() },
    ] {
        let at_code = (Decoupled::Device, &realm, "read");
        let mut seen = sessions.find_waiting(at_code, at(1)).await.unwrap().unwrap();
        assert_eq!(seen.value, waiting);
        waiting = change;
        seen.value = waiting.clone();
        assert_eq!(sessions.replace_waiting(at_code, &seen, at(1)).await.unwrap(), Replaced::Done);
        assert_eq!(sessions.replace_waiting(at_code, &seen, at(1)).await.unwrap(), Replaced::Lost);
    }
    assert!(sessions.find_waiting((Decoupled::Backchannel, &realm, "read"), at(1)).await.unwrap().is_none());
    assert!(sessions.find_waiting((Decoupled::Device, &"other".into(), "read"), at(1)).await.unwrap().is_none());
}

async fn the_first_answer_counts(sessions: &Sessions) {
    let realm = realm();
    recorded(sessions, "answer").await;
    let at_code = (Decoupled::Device, &realm, "answer");
    assert_eq!(sessions.decide(at_code, Decision::Denied, at(60)).await.unwrap(), Decided::Absent);
    assert_eq!(sessions.decide(at_code, Decision::Denied, at(59)).await.unwrap(), Decided::Done);
    assert_eq!(sessions.decide(at_code, approved(), at(59)).await.unwrap(), Decided::Already);
    assert!(sessions.forget_waiting(at_code).await.unwrap());
    assert_eq!(sessions.decide(at_code, approved(), at(59)).await.unwrap(), Decided::Absent);
}

async fn a_user_code_finds_its_request_once(sessions: &Sessions) {
    let realm = realm();
    let waiting = recorded(sessions, "device").await;
    let pair = ("WDJB-MJHT", "device");
    assert_eq!(sessions.record_user_code(&realm, pair, &waiting, at(0)).await.unwrap(), Inserted::Done);
    assert_eq!(sessions.record_user_code(&realm, pair, &waiting, at(0)).await.unwrap(), Inserted::Exists);
    let entered = sessions.enter_user_code(&realm, ("wdjb mjht", "192.0.2.1"), at(1)).await.unwrap();
    assert!(matches!(entered, UserCode::Known(found) if *found == waiting));
    let late = sessions.enter_user_code(&realm, ("WDJB-MJHT", "192.0.2.1"), at(60)).await.unwrap();
    assert!(matches!(late, UserCode::Over));
    let elsewhere = sessions.enter_user_code(&"other".into(), ("WDJB-MJHT", "192.0.2.1"), at(1)).await.unwrap();
    assert!(matches!(elsewhere, UserCode::Unknown));
    assert_eq!(sessions.decide_device(&realm, "wdjbmjht", approved(), at(1)).await.unwrap(), Decided::Done);
    assert_eq!(sessions.decide_device(&realm, "wdjbmjht", approved(), at(1)).await.unwrap(), Decided::Absent);
    let seen = sessions.find_waiting((Decoupled::Device, &realm, "device"), at(1)).await.unwrap().unwrap();
    assert_eq!(seen.decision, approved());
}

async fn an_approved_request_ends_for_one_of_64(sessions: &Sessions) {
    recorded(sessions, "ends").await;
    let ended = at_once(64, |_| {
        let sessions = sessions.clone();
        async move {
            let (realm, now) = (realm(), at(1));
            let at_code = (Decoupled::Device, &realm, "ends");
            let Some(seen) = sessions.find_waiting(at_code, now).await.unwrap() else { return false };
            sessions.end_waiting(at_code, &seen, now).await.unwrap() == Replaced::Done
        }
    });
    assert_eq!(ended.await.into_iter().filter(|ended| *ended).count(), 1);
}

async fn user_codes_cannot_be_tried_out(sessions: &Sessions) {
    let waiting = recorded(sessions, "guessed").await;
    let pair = ("AAAA-AAAA", "guessed");
    assert_eq!(sessions.record_user_code(&realm(), pair, &waiting, at(0)).await.unwrap(), Inserted::Done);
    let looked_at = at_once(64, |n| {
        let sessions = sessions.clone();
        async move {
            let entered = sessions.enter_user_code(&realm(), (&format!("WRONG-{n}"), "192.0.2.7"), at(1)).await.unwrap();
            matches!(entered, UserCode::Unknown)
        }
    });
    assert_eq!(looked_at.await.into_iter().filter(|looked_at| *looked_at).count(), 30);
    let from = async |peer, now| sessions.enter_user_code(&realm(), ("AAAA-AAAA", peer), now).await.unwrap();
    assert!(matches!(from("192.0.2.7", at(2)).await, UserCode::TooManyEntries));
    assert!(matches!(from("192.0.2.8", at(2)).await, UserCode::Known(_)));
}

async fn a_request_outlives_its_code_by_a_little(sessions: &Sessions) {
    let realm = realm();
    recorded(sessions, "late").await;
    let at_code = (Decoupled::Device, &realm, "late");
    assert!(sessions.find_waiting(at_code, at(74)).await.unwrap().unwrap().is_over(at(74)));
    assert!(sessions.find_waiting(at_code, at(75)).await.unwrap().is_none());
}
