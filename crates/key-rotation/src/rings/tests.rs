use ambient::{ManualClock, SeededEntropy};
use sessions::Memory;

use super::*;
use crate::test_realm::{exported, provider, realm};
