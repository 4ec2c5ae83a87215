//! What docs/architecture.md decides, read out of it.

use std::collections::BTreeMap;

use regex::Regex;

/// One crate of the tree.
#[derive(Debug)]
pub struct Row {
    /// Nothing where the tree shows `-`: tools that stand beside the tiers.
    pub tier: Option<u32>,
    /// Planned, not there yet.
    pub later: bool,
}

/// The size budgets.
#[derive(Debug, PartialEq)]
pub struct Budgets {
    pub file: usize,
    pub median: usize,
    pub function: usize,
    pub arguments: usize,
    pub variants: usize,
}

/// The crates below `crates/` in the tree, by name.
pub fn tree(text: &str) -> BTreeMap<String, Row> {
    let row = Regex::new(r"^  ([a-z][a-z0-9-]*)/ +(\d+|-)  (.*)$").unwrap();
    let lines = text.lines().skip_while(|line| *line != "crates/").take_while(|line| !line.starts_with("```"));
    lines
        .filter_map(|line| row.captures(line))
        .map(|found| (found[1].to_owned(), Row { tier: found[2].parse().ok(), later: found[3].contains("(later)") }))
        .collect()
}

/// The numbers of the section "Sizes and names".
pub fn budgets(text: &str) -> Budgets {
    let section = text.split("\n## Sizes and names").nth(1).unwrap_or_default();
    let number = |pattern: &str| {
        let found = Regex::new(pattern).unwrap().captures(section);
        let found = found.unwrap_or_else(|| panic!("docs/architecture.md says nothing like {pattern}"));
        found[1].parse().unwrap()
    };
    Budgets {
        file: number(r"File ≤ (\d+) lines"),
        median: number(r"median ≤ (\d+)"),
        function: number(r"function ≤ (\d+) lines"),
        arguments: number(r"≤ (\d+) arguments"),
        variants: number(r"error enum ≤ (\d+) variants"),
    }
}

/// The dependencies that a Cargo.toml names, those of its tests too.
pub fn dependencies(manifest: &str) -> Vec<String> {
    let (mut names, mut within) = (Vec::new(), false);
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_matches(['[', ']']);
            let table = section.rsplit_once("dependencies.").map(|(_, name)| name.to_owned());
            within = section.ends_with("dependencies");
            names.extend(table);
        } else if within && let Some((name, _)) = line.split_once(['.', '=', ' ']) {
            names.push(name.trim_matches('"').to_owned());
        }
    }
    names.retain(|name| !name.is_empty() && !name.starts_with('#'));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_tiers_out_of_the_tree() {
        let tree = tree(
            "```\ncrates/\n  a-b/    0  words\n           more\n  c/  12  (later)\n  x/   -  tool\nrealms/ 3  no crate\n```\n",
        );
        assert_eq!(tree.keys().collect::<Vec<_>>(), ["a-b", "c", "x"]);
        assert_eq!((tree["a-b"].tier, tree["c"].tier, tree["x"].tier), (Some(0), Some(12), None));
        assert!(tree["c"].later && !tree["a-b"].later);
    }

    #[test]
    fn reads_dependencies_of_every_form() {
        let manifest = "[package]\nname = \"p\"\n[dependencies]\na.workspace = true\nb = { path = \"x\" }\n# c = 1\n\n[dev-dependencies]\nd = \"1\"\n[dependencies.e]\nversion = \"1\"\n[features]\nf = []\n";
        assert_eq!(dependencies(manifest), ["a", "b", "d", "e"]);
    }
}
