//! Realm files as living truth: what they say is compared with what was said before and with what is in force, shown, and applied.
