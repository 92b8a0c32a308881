//! How the ledger's events lie over time.

use eventscope::protocol::Density;

use super::{STREAM_EVENTS, TYPES, lot, time_of};

/// The density of so many events.
pub fn density(events: u64) -> Density {
    let buckets = (0..254_u64).map(|index| {
        if (90..96).contains(&index) {
            return vec![0.0; 5];
        }
        let season =
            60 + 40 * u64::from(index > 120) + (index % 60) + lot(index) % 18 + if index > 190 { 60 } else { 0 };
        [30, 22, 20, 14, 14].map(|part| f32::from(u16::try_from(season * part / 100).unwrap())).to_vec()
    });
    let times = (0..=128).map(|index| (events * index / 128, time_of(STREAM_EVENTS * index / 128))).collect();
    Density {
        first: Some(time_of(0)),
        last: Some(time_of(STREAM_EVENTS)),
        types: TYPES[..4].iter().map(|(name, _)| (*name).into()).collect(),
        buckets: buckets.collect(),
        times,
        exact: true,
        by_type: TYPES.iter().map(|(name, count)| ((*name).into(), *count)).collect(),
    }
}
