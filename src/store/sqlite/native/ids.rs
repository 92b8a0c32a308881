//! Ids for events that come without one: UUIDs of version 7, which sort by the time they were made.
//!
//! Within a millisecond the random part counts up by a random step (RFC 9562, §6.2, method 2): ids of one writer always
//! grow, so that the index of ids grows at its end, and the system is asked for randomness once a millisecond at most.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// Bits of an id that are neither time nor version nor variant.
const RANDOM_BITS: u32 = 74;
/// Bits of them that stand behind the variant.
const LOW_BITS: u32 = 62;

/// Makes ids, each greater than the one before.
#[derive(Default, Debug)]
pub struct Ids {
    milliseconds: u64,
    random: u128,
}

impl Ids {
    /// The next id.
    pub fn make(&mut self) -> Uuid {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let now = u64::try_from(now).unwrap_or_default();
        if now > self.milliseconds {
            self.begin(now);
        } else {
            self.random += 1 + u128::from(fastrand::u32(..));
            if self.random >> RANDOM_BITS != 0 {
                self.begin(self.milliseconds + 1);
            }
        }
        let high = (self.random >> LOW_BITS) & 0xfff;
        let low = self.random & ((1 << LOW_BITS) - 1);
        Uuid::from_u128(
            u128::from(self.milliseconds & 0xffff_ffff_ffff) << 80 | 7 << 76 | high << 64 | 2 << LOW_BITS | low,
        )
    }

    fn begin(&mut self, milliseconds: u64) {
        self.milliseconds = milliseconds;
        // The system's randomness, out of a whole id of this version; the top bit is left free to count into.
        let id = Uuid::now_v7().as_u128();
        let low = id & ((1 << LOW_BITS) - 1);
        self.random = (((id >> 64) & 0x7ff) << LOW_BITS) | low;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_are_of_version_7() {
        let mut ids = Ids::default();
        let mut last = ids.make();
        for _ in 0..100_000 {
            let id = ids.make();
            assert!(id > last, "{id} after {last}");
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
            last = id;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        assert!((last.as_u128() >> 80).abs_diff(now) < 60_000);
    }

    #[test]
    fn a_millisecond_that_is_used_up_borrows_from_the_next() {
        let mut ids = Ids { milliseconds: u64::MAX >> 17, random: (1 << RANDOM_BITS) - 1 };
        let id = ids.make();
        assert_eq!(id.as_u128() >> 80, u128::from(u64::MAX >> 17) + 1);
    }
}
