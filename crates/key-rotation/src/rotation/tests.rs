use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_000_000);
const LIVES: TokenLives = TokenLives { access: 300, refresh: i64::MAX };
const DAILY: Schedule = Schedule { period_secs: Some(86_400), publish_ahead_secs: 3_600, retire_secs: 0 };

fn id(kid: &str) -> KeyId {
    KeyId { kid: kid.into(), algorithm: Algorithm::Rs256, component: "rsa".into() }
}

fn key(kid: &str, state: KeyState, age_secs: i64) -> KeyFacts {
    KeyFacts { id: id(kid), state, priority: 100, since: Some(NOW.plus_secs(-age_secs)), longest_secs: 300, orphan: false }
}

fn step(kid: &str, to: KeyState) -> Transition {
    Transition::Step { key: id(kid), to }
}

fn plan(keys: &[KeyFacts]) -> Vec<Transition> {
    plan_rotation(NOW, keys, &DAILY, LIVES)
}

#[test]
fn nothing_is_due_for_a_young_key() {
    assert_eq!(plan(&[key("a", KeyState::Active, 86_400 - 3_600 - 61)]), []);
}

#[test]
fn the_next_key_is_published_ahead_of_the_end_of_the_period() {
    let due = Transition::Publish { after: id("a") };
    assert_eq!(plan(&[key("a", KeyState::Active, 86_400 - 3_600 - 60)]), [due]);
}

#[test]
fn a_published_key_takes_over_only_after_its_full_time_however_late() {
    let old = key("a", KeyState::Active, 1_000_000);
    assert_eq!(plan(&[old.clone(), key("b", KeyState::Next, 3_659)]), []);
    let takeover = [step("b", KeyState::Active), step("a", KeyState::Retired)];
    assert_eq!(plan(&[old, key("b", KeyState::Next, 3_660)]), takeover);
}

#[test]
fn keys_of_other_components_and_algorithms_are_not_retired_with_it() {
    let mut other_component = key("c", KeyState::Active, 10);
    other_component.id.component = "other".into();
    let mut other_algorithm = key("d", KeyState::Active, 10);
    other_algorithm.id.algorithm = Algorithm::Ps256;
    let keys = [key("a", KeyState::Active, 90_000), key("b", KeyState::Next, 4_000), other_component, other_algorithm];
    assert_eq!(plan(&keys), [step("b", KeyState::Active), step("a", KeyState::Retired)]);
}

#[test]
fn a_retired_key_stays_until_its_last_token_is_dead() {
    let young = key("b", KeyState::Active, 10);
    assert_eq!(plan(&[young.clone(), key("a", KeyState::Retired, 300 + 299)]), []);
    assert_eq!(plan(&[young.clone(), key("a", KeyState::Retired, 300 + 300)]), [step("a", KeyState::Gone)]);
    let mut endless = key("a", KeyState::Retired, 900_000);
    endless.longest_secs = i64::MAX;
    assert_eq!(plan(&[young, endless]), []);
}

#[test]
fn a_key_that_the_file_made_passive_is_the_admins_to_remove() {
    let mut passive = key("a", KeyState::Retired, 0);
    passive.since = None;
    assert_eq!(plan(&[key("b", KeyState::Active, 10), passive]), []);
}

#[test]
fn a_key_of_the_file_is_counted_from_when_rotation_first_sees_it() {
    let mut fresh = key("a", KeyState::Active, 0);
    fresh.since = None;
    assert_eq!(plan(&[fresh.clone()]), [Transition::Count { key: id("a") }]);
    let asked_only = Schedule { period_secs: None, ..DAILY };
    assert_eq!(plan_rotation(NOW, &[fresh], &asked_only, LIVES), []);
}

#[test]
fn longer_lifespans_are_remembered() {
    let mut short = key("a", KeyState::Active, 10);
    short.longest_secs = 60;
    assert_eq!(plan(&[short]), [Transition::Lengthen { key: id("a"), secs: 300 }]);
}

#[test]
fn keys_without_a_component_leave_in_order() {
    let orphan = |state| KeyFacts { orphan: true, ..key("a", state, 10) };
    assert_eq!(plan(&[orphan(KeyState::Active)]), [step("a", KeyState::Retired)]);
    assert_eq!(plan(&[orphan(KeyState::Next)]), [step("a", KeyState::Gone)]);
}

#[test]
fn keys_of_encryption_are_left_alone() {
    let mut encryption = key("a", KeyState::Active, 900_000);
    encryption.id.algorithm = Algorithm::RsaOaep;
    assert_eq!(plan(&[encryption]), []);
}
