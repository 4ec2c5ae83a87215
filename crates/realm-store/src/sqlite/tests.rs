use std::sync::Arc;

use super::*;
use crate::contract::{Handles, Made, contract};

mod in_memory {
    use super::*;

    async fn make() -> Made {
        let store: Arc<dyn Repository> = Arc::new(Sqlite::in_memory().unwrap());
        Made { second: Arc::clone(&store), store, handles: Handles::One, guard: Box::new(()) }
    }

    contract!(make);
}

mod in_a_file {
    use super::*;

    async fn make() -> Made {
        let folder = tempfile::tempdir().unwrap();
        let open = || Arc::new(Sqlite::open(&folder.path().join("realms.db")).unwrap());
        Made { store: open(), second: open(), handles: Handles::Two, guard: Box::new(folder) }
    }

    contract!(make);
}
