use super::*;

fn diagnostic() -> Diagnostic {
    Diagnostic {
        rule: "no-pkce",
        severity: Severity::Warning,
        file: "realms/a b,c:d.json".to_owned(),
        line: 3,
        column: 7,
        message: "100 % of it\nis wrong".to_owned(),
        help: Some("put it right".to_owned()),
        excerpt: "\"clientId\": \"x\"".to_owned(),
        mark_start: 1,
        mark_length: 4,
    }
}

#[test]
fn an_annotation_is_escaped_as_github_reads_it() {
    assert_eq!(
        github(&[diagnostic()]),
        "::warning file=realms/a b%2Cc%3Ad.json,line=3,col=7,title=no-pkce::100 %25 of it%0Ais wrong%0Ahelp: put it right\n"
    );
}

#[test]
fn sarif_lists_the_rules_and_where_each_result_is() {
    let log = sarif(&[diagnostic(), Diagnostic::of_file(Severity::Error, "/x/y.json", "unreadable")]);
    let results = log.pointer("/runs/0/results").unwrap();
    let rules = log.pointer("/runs/0/tool/driver/rules").unwrap().as_array().unwrap();
    for result in results.as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "realms/a%20b%2Cc%3Ad.json");
    assert_eq!(location["region"], json!({"startLine": 3, "startColumn": 7, "endColumn": 11}));
    assert_eq!(results[0]["level"], "warning");
    assert_eq!(results[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "file:///x/y.json");
    assert_eq!(results[1]["locations"][0]["physicalLocation"]["region"], json!({"startLine": 1, "startColumn": 1}));
}

#[test]
fn json_has_every_part() {
    let list = json(&[diagnostic()]);
    assert_eq!(list[0]["rule"], "no-pkce");
    assert_eq!(list[0]["severity"], "warning");
    assert_eq!(list[0]["help"], "put it right");
}

#[test]
fn ids_of_rules_are_there_once() {
    let ids: std::collections::BTreeSet<_> = crate::lint::RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), crate::lint::RULES.len());
}
