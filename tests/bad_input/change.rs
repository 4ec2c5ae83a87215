//! Small changes to bytes and to JSON.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// One change; a position is a share of the length, so that it fits whatever it is applied to.
#[derive(Debug, Clone)]
pub enum Change {
    Set(u16, u8),
    Insert(u16, &'static [u8]),
    Remove(u16, usize),
    Repeat(u16, usize),
    Cut(u16),
}

#[rustfmt::skip]
const SNIPPETS: [&[u8]; 34] = [
    b"%", b"%zz", b"%00", b"%ff%fe", b"&", b"&&", b"=", b"&grant_type=password", b"&client_id=cli", b"+", b";", b"\0", b"\r\n", b"\xff", b"\xc3", "字\u{202e}".as_bytes(),
    b"\"", b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"-1", b"1e999", b"99999999999999999999", b"${", b"${env.NO:", b"../../",
];

pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    let length = 1usize..40;
    let one = prop_oneof![
        (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<u16>(), proptest::sample::select(SNIPPETS.to_vec())).prop_map(|(at, snippet)| Change::Insert(at, snippet)),
        (any::<u16>(), length.clone()).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<u16>(), length).prop_map(|(at, length)| Change::Repeat(at, length)),
        any::<u16>().prop_map(Change::Cut),
    ];
    vec(one, 1..5)
}

/// `bytes` with all of `changes`, one after the other.
pub fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for change in changes {
        let place = |at: u16| usize::from(at) * out.len() / 65_536;
        match *change {
            Change::Set(at, byte) => {
                let at = place(at);
                out.get_mut(at).into_iter().for_each(|old| *old = byte);
            }
            Change::Insert(at, snippet) => {
                let at = place(at);
                out.splice(at..at, snippet.iter().copied());
            }
            Change::Remove(at, length) => {
                let at = place(at);
                out.drain(at..(at + length).min(out.len()));
            }
            Change::Repeat(at, length) => {
                let at = place(at);
                let piece = out[at..(at + length).min(out.len())].to_vec();
                out.splice(at..at, piece);
            }
            Change::Cut(at) => out.truncate(place(at)),
        }
    }
    out
}

/// One change to a JSON document: what becomes of which of its values.
#[derive(Debug, Clone)]
pub enum Edit {
    Replace(u16, Value),
    Remove(u16),
    Rename(u16, &'static str),
    Wrap(u16),
    Twice(u16),
}

pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let values = vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(i64::MAX),
        json!(1.5),
        json!(1e300),
        json!(""),
        json!("x".repeat(300)),
        json!("a/b\\c\u{0}\u{202e}"),
        json!("${env.NOTHING}"),
        json!("\u{fdd0}".repeat(50)),
        json!([]),
        json!({}),
        json!([null, [[]], {}]),
        json!({"": {"": ""}}),
    ];
    let one = prop_oneof![
        4 => (any::<u16>(), proptest::sample::select(values)).prop_map(|(at, value)| Edit::Replace(at, value)),
        2 => any::<u16>().prop_map(Edit::Remove),
        1 => (any::<u16>(), proptest::sample::select(vec!["", "id", "name", "realm", "Realm", "enabled"])).prop_map(|(at, name)| Edit::Rename(at, name)),
        1 => any::<u16>().prop_map(Edit::Wrap),
        1 => any::<u16>().prop_map(Edit::Twice),
    ];
    vec(one, 0..4)
}

/// Does all of `edits` to `document`.
pub fn edit(document: &mut Value, edits: &[Edit]) {
    for edit in edits {
        let (Edit::Replace(at, _) | Edit::Remove(at) | Edit::Rename(at, _) | Edit::Wrap(at) | Edit::Twice(at)) = edit;
        let mut left = usize::from(*at) * count(document) / 65_536;
        visit(document, &mut left, edit);
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(|item| 1 + count(item)).sum(),
        Value::Array(list) => list.iter().map(|item| 1 + count(item)).sum(),
        _ => 0,
    }
}

/// Finds the value number `left`, depth first, and changes it.
fn visit(value: &mut Value, left: &mut usize, edit: &Edit) -> bool {
    match value {
        Value::Object(map) => {
            let names: Vec<_> = map.keys().cloned().collect();
            for name in names {
                if *left == 0 {
                    let old = map.shift_remove(&name).unwrap();
                    let new_name = if let Edit::Rename(_, new) = edit { (*new).to_owned() } else { name };
                    map.extend(result(old, edit).into_iter().last().map(|new| (new_name, new)));
                    return true;
                }
                *left -= 1;
                if visit(&mut map[&name], left, edit) {
                    return true;
                }
            }
        }
        Value::Array(list) => {
            for at in 0..list.len() {
                if *left == 0 {
                    let old = list[at].take();
                    list.splice(at..=at, result(old, edit));
                    return true;
                }
                *left -= 1;
                if visit(&mut list[at], left, edit) {
                    return true;
                }
            }
        }
        _ => {}
    }
    false
}

fn result(old: Value, edit: &Edit) -> Vec<Value> {
    match edit {
        Edit::Replace(_, new) => vec![new.clone()],
        Edit::Remove(_) => Vec::new(),
        Edit::Rename(..) => vec![old],
        Edit::Wrap(_) => vec![json!([old])],
        Edit::Twice(_) => vec![old.clone(), old],
    }
}

#[test]
fn changes_and_edits_do_what_they_say() {
    assert_eq!(changed(b"abcd", &[Change::Set(0, b'x'), Change::Remove(32_768, 1), Change::Insert(0, b"--")]), b"--xbd");
    assert_eq!(changed(b"abcd", &[Change::Repeat(0, 2), Change::Cut(60_000)]), b"ababc");
    let mut document = json!({"a": [1, 2], "b": 3});
    edit(&mut document, &[Edit::Replace(20_000, json!(9)), Edit::Rename(0, "c"), Edit::Remove(0)]);
    assert_eq!(document, json!({"c": [9, 2]}));
}
