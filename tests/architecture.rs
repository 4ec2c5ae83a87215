//! The design as docs/architecture.md has it, held against the sources: tiers, technologies, sizes, names.

mod design;
mod source;

use std::collections::BTreeMap;

use regex::Regex;

use crate::harness::repository;

/// What is excused: (kind of rule, how the message begins, the reason). A row that excuses nothing is wrong itself.
const EXCEPTIONS: [(&str, &str, &str); 8] = [
    (
        "sizes",
        "crates/client-policies/src/authorization.rs: response_type",
        "the executor's own setting `allow-token-response-type`",
    ),
    ("sizes", "crates/client-policies/src/condition.rs: when", "a vote is made of whether something holds"),
    ("sizes", "crates/client-policies/src/registration.rs: set", "the value that a member of the client is to have"),
    (
        "sizes",
        "crates/client-policies/src/request.rs: proof",
        "the executor's own setting `enforce-authorization-code-binding-to-dpop`",
    ),
    ("sizes", "crates/client-policies/src/request.rs: signed_jwt", "the executor's own setting `require-client-assertion`"),
    ("sizes", "crates/token-issuer/src/explain/present.rs: group", "the mapper's own setting `full.path`"),
    ("sizes", "crates/token-issuer/src/evaluate.rs: groups", "the mapper's own setting `full.path`"),
    ("sizes", "crates/token-issuer/src/scope.rs: new", "`openid` is a member of the value that is made"),
];

/// (crate as its sources name it, pattern of file paths where it may occur, in words).
const TECHNOLOGIES: [(&str, &str, &str); 12] = [
    ("actix_web", r"/http\.rs$|/http/", "http.rs or a folder http/"),
    ("redis", r"/redis\.rs$|/redis/", "redis.rs"),
    ("josekit", r"/(jose|keys)\.rs$|/(jose|keys)/", "jose.rs or keys.rs"),
    ("openssl", r"/(jose|keys|tls)\.rs$|/(jose|keys)/", "jose.rs, keys.rs, or tls.rs of the server"),
    ("rusqlite", r"/sqlite\.rs$|/sqlite/", "sqlite.rs"),
    ("tokio_postgres", r"/postgres\.rs$|/postgres/", "postgres.rs"),
    ("redb", r"/embedded\.rs$|/embedded/", "embedded.rs"),
    ("lettre", "^crates/mail/src/smtp.rs$", "mail"),
    ("reqwest", "^crates/outbound-http/src/client.rs$", "outbound-http"),
    ("config", "^crates/idp-server/", "idp-server"),
    ("env_logger", "^crates/idp-server/", "idp-server"),
    ("clap", "^crates/idp-server/", "idp-server"),
];

const NO_NAMES: [&str; 8] = ["core", "common", "utils", "util", "helpers", "helper", "models", "service"];

fn document() -> String {
    std::fs::read_to_string(repository("docs/architecture.md")).unwrap()
}

fn manifests() -> BTreeMap<String, String> {
    let folders = std::fs::read_dir(repository("crates")).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|folder| folder.join("Cargo.toml").exists());
    folders
        .map(|folder| {
            (
                folder.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(folder.join("Cargo.toml")).unwrap(),
            )
        })
        .collect()
}

/// Fails with what is wrong and not excused.
fn judge(kind: &str, wrong: &[String]) {
    let rows: Vec<_> = EXCEPTIONS.iter().filter(|(of, ..)| *of == kind).map(|(_, what, _)| *what).collect();
    let open = wrong.iter().filter(|message| !rows.iter().any(|what| message.starts_with(what))).cloned();
    let stale = rows.iter().filter(|what| !wrong.iter().any(|message| message.starts_with(**what)));
    let left: Vec<_> = open.chain(stale.map(|what| format!("{what}: an exception that excuses nothing"))).collect();
    assert!(left.is_empty(), "{kind}:\n{}", left.join("\n"));
}

#[test]
fn every_crate_stands_in_the_tree_and_the_other_way_round() {
    let (tree, manifests) = (design::tree(&document()), manifests());
    assert!(tree.len() >= 15, "the tree in docs/architecture.md could not be read");
    let unknown = manifests.keys().filter(|name| !tree.contains_key(*name)).map(|name| format!("{name} is not in the tree"));
    let missing = tree.iter().filter(|(name, row)| !row.later && !manifests.contains_key(*name));
    let missing = missing.map(|(name, _)| format!("{name} is in the tree, not in crates/, and not marked (later)"));
    judge("crates", &unknown.chain(missing).collect::<Vec<_>>());
}

#[test]
fn a_crate_uses_only_crates_of_a_lower_tier() {
    let (tree, manifests) = (design::tree(&document()), manifests());
    let mut wrong = Vec::new();
    for (name, manifest) in &manifests {
        let Some(tier) = tree.get(name).and_then(|row| row.tier) else { continue };
        for used in design::dependencies(manifest).iter().filter(|used| manifests.contains_key(*used)) {
            match tree.get(used).and_then(|row| row.tier) {
                Some(below) if below < tier => {}
                other => wrong.push(format!("{name} (tier {tier}) uses {used} (tier {other:?})")),
            }
        }
    }
    judge("tiers", &wrong);
}

#[test]
fn a_package_is_named_as_its_folder_and_inherits_the_lints() {
    let mut wrong = Vec::new();
    for (name, manifest) in manifests() {
        if !manifest.contains(&format!("name = \"{name}\"")) {
            wrong.push(format!("{name}: the package has another name than its folder"));
        }
        if !manifest.contains("[lints]\nworkspace = true") {
            wrong.push(format!("{name}: no `[lints] workspace = true`"));
        }
    }
    for source in source::of_crates(&repository("")) {
        let names = source.path.iter().map(|part| part.to_string_lossy().trim_end_matches(".rs").to_owned());
        wrong.extend(
            names
                .filter(|part| NO_NAMES.contains(&part.as_str()))
                .map(|part| format!("{}: {part} names nothing", source.path.display())),
        );
    }
    judge("names", &wrong);
}

/// How a source names a crate: `redis::…` or `use redis`, not `self::redis::…`.
fn named(technology: &str) -> Regex {
    Regex::new(&format!(r"(?m)(^|[^:\w])(::)?{technology}::|\buse {technology}\b")).unwrap()
}

#[test]
fn a_technology_occurs_only_in_its_files() {
    let manifests = manifests();
    let rules = TECHNOLOGIES.map(|(name, files, words)| (name, named(name), Regex::new(files).unwrap(), words));
    let mut wrong = Vec::new();
    for source in source::of_crates(&repository("")) {
        let path = source.path.to_string_lossy().into_owned();
        let Some(manifest) = path.split('/').nth(1).filter(|name| *name != "xtask").and_then(|name| manifests.get(name)) else {
            continue;
        };
        let dependencies = design::dependencies(manifest);
        for (technology, named, files, words) in &rules {
            let used = dependencies.iter().any(|name| name.replace('-', "_") == *technology);
            let own = source.code.contains(&format!("mod {technology};"));
            if used && !own && named.is_match(&source.code) && !files.is_match(&path) {
                wrong.push(format!("{path}: {technology} belongs into {words}"));
            }
        }
        if source.code.contains("std::env") && !path.starts_with("crates/idp-server/") {
            wrong.push(format!("{path}: std::env belongs into idp-server"));
        }
    }
    judge("technologies", &wrong);
}

#[test]
fn files_functions_and_errors_keep_their_budgets() {
    let budgets = design::budgets(&document());
    let sources = source::of_crates(&repository(""));
    let mut wrong = Vec::new();
    for source in &sources {
        let path = source.path.display();
        if source.lines > budgets.file {
            wrong.push(format!("{path}: {} lines, budget {}", source.lines, budgets.file));
        }
        for function in source::functions(&source.code) {
            let name = format!("{path}: {}", function.name);
            if function.lines > budgets.function {
                wrong.push(format!("{name}: {} lines, budget {}", function.lines, budgets.function));
            }
            if function.arguments.len() > budgets.arguments {
                wrong.push(format!("{name}: {} arguments, budget {}", function.arguments.len(), budgets.arguments));
            }
            // A default of a setting is a value, not a switch; serde names `visit_bool`.
            let switch = |(name, kind): &(String, String)| kind == "bool" && name != "default";
            if function.arguments.iter().any(switch) && function.name != "visit_bool" {
                wrong.push(format!("{name}: a boolean argument; an enum says what it means"));
            }
        }
        let errors = source::error_enums(&source.code).into_iter().filter(|(_, variants)| *variants > budgets.variants);
        wrong.extend(errors.map(|(name, variants)| format!("{path}: {name}: {variants} variants, budget {}", budgets.variants)));
    }
    let mut lines: Vec<_> = sources.iter().map(|source| source.lines).collect();
    lines.sort_unstable();
    let median = lines.get(lines.len() / 2).copied().unwrap_or_default();
    println!("{} files, median {median} lines, longest {:?}", lines.len(), lines.last());
    if median > budgets.median {
        wrong.push(format!("the median file has {median} lines, budget {}", budgets.median));
    }
    judge("sizes", &wrong);
}
