use std::collections::HashMap;

use realm_model::document::Key;
use serde_json::json;

use super::*;
use crate::{Expected, Sqlite};

async fn live(repository: &Arc<dyn Repository>) -> Arc<LiveRealms> {
    let nothing: HashMap<String, String> = HashMap::new();
    LiveRealms::open(Arc::clone(repository), Arc::new(move |name: &str| nothing.get(name).cloned())).await.unwrap()
}

fn batch(id: &str, realm: RealmWrite, name: &str) -> Batch {
    let body = json!({ "realm": name, "enabled": true }).to_string();
    let write = Write::Put { key: Key::realm(), id: id.to_owned(), body, expected: Expected::Anything };
    Batch { realm, writes: vec![write], ..Batch::within(id) }
}

fn creation(id: &str, name: &str) -> Batch {
    batch(id, RealmWrite::Create { name: name.to_owned(), template: "26.7".to_owned() }, name)
}

fn served(live: &LiveRealms) -> Vec<(String, String)> {
    let names = live.snapshots().realms().map(|name| name.to_string());
    let mut all: Vec<_> = names.map(|name| (live.realm_id(&name).unwrap().to_string(), name)).collect();
    all.sort();
    all
}

fn pair(id: &str, name: &str) -> (String, String) {
    (id.to_owned(), name.to_owned())
}

#[tokio::test]
async fn a_name_that_one_realm_gave_up_is_served_of_the_next() {
    let repository: Arc<dyn Repository> = Arc::new(Sqlite::in_memory().unwrap());
    let (here, there) = (live(&repository).await, live(&repository).await);
    here.commit(creation("1", "acme")).await.unwrap();
    let since = there.take_over_news(None).await.unwrap();
    here.commit(batch("1", RealmWrite::Rename("globex".to_owned()), "globex")).await.unwrap();
    here.commit(creation("2", "acme")).await.unwrap();
    // By name, the new one comes first.
    there.renew().await.unwrap();
    assert_eq!(served(&there), [pair("1", "globex"), pair("2", "acme")]);
    there.take_over_news(Some(since)).await.unwrap();
    assert_eq!((served(&there), served(&here)), (served(&here), served(&there)));
}

#[tokio::test]
async fn a_realm_that_is_made_anew_under_its_id_is_the_new_one_elsewhere() {
    let repository: Arc<dyn Repository> = Arc::new(Sqlite::in_memory().unwrap());
    let (here, there) = (live(&repository).await, live(&repository).await);
    here.commit(creation("1", "acme")).await.unwrap();
    for _ in 0..3 {
        here.commit(batch("1", RealmWrite::Keep, "acme")).await.unwrap();
    }
    let since = there.take_over_news(None).await.unwrap();
    here.commit(Batch { realm: RealmWrite::Delete, ..Batch::within("1") }).await.unwrap();
    here.commit(creation("1", "other")).await.unwrap();
    there.take_over_news(Some(since)).await.unwrap();
    assert_eq!(served(&there), [pair("1", "other")]);
}
