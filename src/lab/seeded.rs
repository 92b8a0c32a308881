//! Chance that comes from a seed: the same on every machine and in every version of this program.

use uuid::Builder;

use crate::event::Time;

/// A stream of numbers from a seed: Steele, Lea and Flood's `SplitMix64` (2014). Whole numbers only, so that no
/// machine rounds differently.
#[derive(Clone, Debug)]
pub(super) struct Seeded(u64);

impl Seeded {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` - 1; 0 where `bound` is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        // The upper half of a 128-bit product is below its factor, so it fits.
        u64::try_from((u128::from(self.next()) * u128::from(bound)) >> 64).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).saturating_add(1);
        low.saturating_add_unsigned(self.below(u64::try_from(width).unwrap_or_default()))
    }

    /// An index below `len`.
    pub(super) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or_default()
    }

    /// True in `percent` of 100 cases.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these; the empty text where there is none.
    pub(super) fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.index(words.len())).copied().unwrap_or_default()
    }

    /// An index below `len` where low ones are far more frequent: each power of two of them is as likely as the next.
    pub(super) fn skewed(&mut self, len: u64) -> u64 {
        let powers = u64::from(u64::BITS - len.leading_zeros());
        loop {
            let low = (1_u64 << self.below(powers.max(1))) - 1;
            let index = low + self.below(low + 1);
            if index < len.max(1) {
                return index;
            }
        }
    }

    /// A UUID (version 7) of this time.
    pub(super) fn uuid(&mut self, time: Time) -> String {
        let mut bytes = [0; 10];
        let (first, second) = (self.next().to_le_bytes(), self.next().to_le_bytes());
        bytes[..8].copy_from_slice(&first);
        bytes[8..].copy_from_slice(&second[..2]);
        let milliseconds = u64::try_from(time.milliseconds()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(milliseconds, &bytes).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_algorithm() {
        let mut seeded = Seeded::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| seeded.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn skew_stays_in_bounds_and_prefers_low_indexes() {
        let mut seeded = Seeded::new(1);
        for len in [1, 2, 3, 100, 1_000] {
            let drawn: Vec<u64> = (0..10_000).map(|_| seeded.skewed(len)).collect();
            assert!(drawn.iter().all(|index| *index < len), "{len}");
            let zeros = drawn.iter().filter(|index| **index == 0).count() as u64;
            assert!(zeros >= 10_000 / (u64::from(len.ilog2()) + 2), "{zeros} of {len}");
        }
    }
}
