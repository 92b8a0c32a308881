//! The bench: every figure is there, beside its limit, and nothing is left behind.

use eventscope::lab::bench::{Scale, run};

#[test]
fn every_figure_has_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let scale = Scale { turn_ms: 1, turns: 1, threads: 4, events: 12_000, events_small: 2_000, streams: 500 };
    let mut heard = 0;
    let figures = run(&scale, folder.path(), &mut |_| heard += 1).unwrap();
    assert!(heard > 8);
    let sizes: Vec<_> = figures.append.iter().map(|one| (one.payload_bytes, one.batch)).collect();
    assert_eq!(sizes.len(), 8);
    for batch in [1, 100, 1_000, 10_000] {
        assert!(sizes.contains(&(200, batch)) && sizes.contains(&(1_024, batch)), "{sizes:?}");
    }
    assert!(figures.append.iter().all(|one| one.ratio > 0.0 && one.limit_events_per_second > 0.0), "{figures:?}");
    assert_eq!((figures.read.events, figures.growth.events), (12_000, 12_000));
    assert!(figures.group_commit.events_per_second > 0.0 && figures.stream.ms > 0.0, "{figures:?}");
    let json = serde_json::to_value(&figures).unwrap();
    for field in ["append", "group_commit", "growth", "read", "search", "stream", "open", "list", "memory_peak_bytes"] {
        assert!(json.get(field).is_some(), "{field}: {json}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
