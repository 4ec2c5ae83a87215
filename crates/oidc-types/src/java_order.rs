//! The order in which Keycloak goes through a hash map of texts: where several things are wrong, it decides which is told.

/// Sorts as Java's `HashMap` does: by bucket, within one as they were put in.
pub fn sort_by_name<T>(items: &mut [T], name: impl Fn(&T) -> &str) {
    let mut buckets: usize = 16;
    while items.len().saturating_mul(4) > buckets.saturating_mul(3) {
        buckets = buckets.saturating_mul(2);
    }
    let mask = u32::try_from(buckets.saturating_sub(1)).unwrap_or(u32::MAX);
    items.sort_by_key(|item| spread(name(item)) & mask);
}

fn spread(text: &str) -> u32 {
    let hash = text.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_actions_come_in_the_order_in_which_the_real_server_shows_them() {
        // Asked of 26.7.4: `requiredActions` of a user with all of them.
        let shown = [
            "CONFIGURE_TOTP",
            "webauthn-register-passwordless",
            "UPDATE_PASSWORD",
            "TERMS_AND_CONDITIONS",
            "update_user_locale",
            "idp_link",
            "VERIFY_EMAIL",
            "delete_account",
            "UPDATE_EMAIL",
            "webauthn-register",
            "VERIFY_PROFILE",
            "delete_credential",
            "CONFIGURE_RECOVERY_AUTHN_CODES",
            "UPDATE_PROFILE",
        ];
        let mut sorted = shown;
        sorted.sort_unstable();
        sort_by_name(&mut sorted, |name| name);
        assert_eq!(sorted, shown);
    }

    #[test]
    fn rules_of_passwords_come_in_the_order_in_which_the_real_server_tries_them() {
        let mut rules = ["length", "digits", "upperCase"];
        sort_by_name(&mut rules, |name| name);
        assert_eq!(rules, ["upperCase", "length", "digits"]);
    }
}
