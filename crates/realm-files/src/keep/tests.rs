use std::path::Path;

use realm_model::document::{Key, Kind};
use serde_json::{Value, json};

use super::*;
use crate::status::Standing;
use crate::world::{World, acme};

struct Kept {
    world: World,
    folder: tempfile::TempDir,
    keeper: Keeper,
    status: Arc<Status>,
}

impl Kept {
    async fn new() -> Self {
        let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
        let status = Arc::new(Status::default());
        let mut keeper = keeper(&world, folder.path(), &status);
        put(folder.path(), "acme.json", &acme());
        keeper.start().await.unwrap();
        Self { world, folder, keeper, status }
    }

    fn put(&self, name: &str, json: &Value) {
        put(self.folder.path(), name, json);
    }

    async fn pass(&mut self) -> Vec<Plan> {
        self.keeper.pass(Look::Changed).await
    }

    fn standing(&self) -> Standing {
        self.status.now()
    }

    async fn lifespan(&self) -> Value {
        self.world.find(&Key::realm()).await.unwrap().0["accessTokenLifespan"].clone()
    }
}

fn keeper(world: &World, folder: &Path, status: &Arc<Status>) -> Keeper {
    Keeper::new(world.reconciler.clone(), vec![folder.to_owned()], Options::default(), Arc::clone(status))
}

/// As editors write: under another name first.
fn put(folder: &Path, name: &str, json: &Value) {
    put_text(folder, name, &json.to_string());
}

fn put_text(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(".new"), text).unwrap();
    std::fs::rename(folder.join(".new"), folder.join(name)).unwrap();
}

#[tokio::test]
async fn a_change_of_a_file_comes_into_force_and_nothing_else_is_done() {
    let mut kept = Kept::new().await;
    assert_eq!((kept.standing().realms, kept.standing().applied), (1, 1));
    assert!(kept.pass().await.is_empty());
    let mut json = acme();
    json["accessTokenLifespan"] = 60.into();
    kept.put("acme.json", &json);
    kept.put("other.json", &json!({"realm": "other"}));
    assert_eq!(kept.pass().await.len(), 2);
    assert_eq!(kept.lifespan().await, 60);
    assert!(kept.world.reconciler.live.realm_id("other").is_some());
    assert!(kept.pass().await.is_empty());
}

#[tokio::test]
async fn a_broken_file_keeps_the_last_good_state_and_is_told_once() {
    let mut kept = Kept::new().await;
    put_text(kept.folder.path(), "acme.json", "{\n  \"realm\": \"acme\",\n");
    assert!(kept.pass().await.is_empty());
    assert!(kept.keeper.pass(Look::Again).await.is_empty());
    assert_eq!(kept.lifespan().await, 300);
    let broken = kept.status.broken();
    assert_eq!((broken.len(), broken[0].line, kept.standing().failed), (1, 2, 1), "{broken:?}");
    kept.put("acme.json", &acme());
    assert!(kept.pass().await.is_empty(), "it is as it was applied");
    assert!(kept.status.broken().is_empty());
    let mut json = acme();
    json["accessTokenLifespan"] = 61.into();
    kept.put("acme.json", &json);
    kept.pass().await;
    assert_eq!(kept.lifespan().await, 61);
}

#[tokio::test]
async fn a_refused_plan_is_told_and_changes_nothing() {
    let mut kept = Kept::new().await;
    let mut json = acme();
    json["clients"] = json!([]);
    json["roles"] = json!({});
    json["users"] = json!([]);
    kept.put("acme.json", &json);
    kept.pass().await;
    assert!(kept.status.broken()[0].message.contains("--allow-deletes"), "{:?}", kept.status.broken());
    assert!(kept.world.find(&Key::of(Kind::Client, "app")).await.is_some());
}

#[tokio::test]
async fn a_realm_whose_file_is_gone_stays_and_one_that_moved_is_the_same() {
    let mut kept = Kept::new().await;
    std::fs::rename(kept.folder.path().join("acme.json"), kept.folder.path().join("moved.json")).unwrap();
    kept.pass().await;
    assert!(kept.status.broken().is_empty());
    std::fs::remove_file(kept.folder.path().join("moved.json")).unwrap();
    kept.pass().await;
    assert!(kept.world.reconciler.live.realm_id("acme").is_some());
    assert_eq!(kept.standing().realms, 0);
}

#[tokio::test]
async fn one_realm_in_two_files_is_an_error_of_the_second() {
    let mut kept = Kept::new().await;
    let mut json = acme();
    json["accessTokenLifespan"] = 1.into();
    kept.put("second.json", &json);
    kept.pass().await;
    let broken = kept.status.broken();
    assert!(broken[0].file.ends_with("second.json") && broken[0].message.contains("acme.json, too"), "{broken:?}");
    assert_eq!(kept.lifespan().await, 300);
    std::fs::remove_file(kept.folder.path().join("acme.json")).unwrap();
    kept.pass().await;
    kept.pass().await;
    assert_eq!((kept.lifespan().await, kept.status.broken()), (json!(1), Vec::new()));
}

#[tokio::test]
async fn at_the_start_files_that_were_applied_before_are_not_applied_again() {
    let kept = Kept::new().await;
    let status = Arc::new(Status::default());
    let mut next = keeper(&kept.world, kept.folder.path(), &status);
    assert!(next.start().await.unwrap().is_empty());
    assert_eq!((status.now().realms, status.now().applied), (1, 0));
    let mut json = acme();
    json["accessTokenLifespan"] = 62.into();
    kept.put("acme.json", &json);
    let mut next = keeper(&kept.world, kept.folder.path(), &status);
    assert_eq!(next.start().await.unwrap().len(), 1);
    assert_eq!(kept.lifespan().await, 62);
}

#[tokio::test]
async fn events_of_a_folder_and_of_a_swapped_symlink_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut watcher = Watcher::new();
    watcher.set(&[folder.path().to_owned()]);
    put(folder.path(), "acme.json", &acme());
    watcher.changed().await;
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("2024", folder.path().join("..data_tmp")).unwrap();
        std::fs::rename(folder.path().join("..data_tmp"), folder.path().join("..data")).unwrap();
        watcher.changed().await;
    }
}

#[tokio::test]
async fn while_it_runs_edits_come_into_force_by_themselves() {
    let Kept { world, folder, keeper, status } = Kept::new().await;
    let running = tokio::spawn(keeper.run(Arc::default()));
    let in_force = async |lifespan: i64| {
        let wanted = json!(lifespan);
        while world.find(&Key::realm()).await.unwrap().0["accessTokenLifespan"] != wanted {
            tokio::task::yield_now().await;
        }
    };
    let patience = Duration::from_secs(20);
    for lifespan in 1..=3 {
        let mut json = acme();
        json["accessTokenLifespan"] = lifespan.into();
        put(folder.path(), "acme.json", &json);
        tokio::time::timeout(patience, in_force(lifespan)).await.unwrap();
    }
    assert!(status.broken().is_empty());
    running.abort();
}

/// Two writes within one tick of the file system's clock: the second leaves the stamp of the first.
#[tokio::test]
async fn a_write_that_leaves_the_same_stamp_is_seen_all_the_same() {
    let mut kept = Kept::new().await;
    let path = kept.folder.path().join("acme.json");
    let write = |seconds: i64| {
        let mut json = acme();
        json["accessTokenLifespan"] = seconds.into();
        std::fs::write(&path, json.to_string()).unwrap();
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000)).unwrap();
    };
    write(61);
    kept.pass().await;
    write(62);
    kept.pass().await;
    assert_eq!(kept.lifespan().await, 62);
    assert!(kept.pass().await.is_empty());
    kept.pass().await;
    write(63);
    kept.pass().await;
    assert_eq!(kept.lifespan().await, 62, "what was the same twice is not read for ever");
}
