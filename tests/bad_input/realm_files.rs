use std::cell::Cell;

use proptest::prelude::*;
use realm_model::file::{SourceFile, read};
use realm_model::render;
use serde_json::Value;

use super::change::{changed, changes, edit, edits};
use super::runner;
use crate::harness::server::recorded_realms;

/// Whatever is wrong with a realm file, reading it ends with a realm or with words about what is wrong.
#[test]
fn a_broken_realm_file_is_said_to_be_broken() {
    let files: Vec<_> = recorded_realms().into_iter().map(|path| std::fs::read(path).unwrap()).collect();
    let documents: Vec<Value> = files.iter().map(|file| serde_json::from_slice(file).unwrap()).collect();
    // Large exports are read less often: most of what can go wrong can go wrong in a small file.
    let weighted: Vec<usize> = (0..files.len()).flat_map(|at| vec![at; if files[at].len() > 10_000 { 1 } else { 6 }]).collect();
    let case = (proptest::sample::select(weighted), edits(), proptest::option::weighted(0.4, changes()));
    let (refused, taken) = (Cell::new(0), Cell::new(0));
    let outcome = runner(1_500).run(&case, |(file, edits, changes)| {
        let mut document = documents[file].clone();
        edit(&mut document, &edits);
        let text = serde_json::to_vec_pretty(&document).unwrap();
        let bytes = changes.map_or_else(|| text.clone(), |changes| changed(&text, &changes));
        let reading = read(&[SourceFile { name: "realm.json".into(), bytes }], &|_| None);
        let words = render(&reading.diagnostics);
        prop_assert_eq!(reading.realms.is_empty(), reading.has_errors(), "{}", words);
        prop_assert!(!reading.has_errors() || words.contains("realm.json"), "{}", words);
        let counter = if reading.has_errors() { &refused } else { &taken };
        counter.set(counter.get() + 1);
        Ok(())
    });
    println!("{} files were taken, {} refused", taken.get(), refused.get());
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(taken.get() > 0 && refused.get() > 0, "the changes are too weak or too strong");
}
