//! The bench: every figure is there, beside its limit, and nothing is left behind.

use eventscope::lab::bench::{Scale, Section, run};

#[test]
fn every_figure_has_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let scale = Scale { turn_ms: 1, turns: 1, threads: 4, events: 12_000, events_small: 2_000, streams: 500 };
    let mut heard = 0;
    let figures = run(&scale, &Section::ALL, folder.path(), &mut |_| heard += 1).unwrap();
    assert!(heard > 8);
    let sizes: Vec<_> = figures.append.iter().map(|one| (one.payload_bytes, one.batch)).collect();
    assert_eq!(sizes.len(), 8);
    for batch in [1, 100, 1_000, 10_000] {
        assert!(sizes.contains(&(200, batch)) && sizes.contains(&(1_024, batch)), "{sizes:?}");
    }
    assert!(figures.append.iter().all(|one| one.ratio > 0.0 && one.limit_events_per_second > 0.0), "{figures:?}");
    assert!(figures.append.iter().all(|one| one.default_ratio > 0.0 && one.unchecked_ratio > 0.0), "{figures:?}");
    let group = figures.group_commit.unwrap();
    assert!(group.ratio > 0.0 && group.alone_ratio > 0.0, "{figures:?}");
    let large = figures.large.unwrap();
    assert_eq!((large.read.events, large.growth.events, large.export_memory.events), (12_000, 12_000, 12_000));
    assert!(large.stream.ms > 0.0 && large.growth.ratio > 0.0 && figures.list.unwrap().ms > 0.0, "{figures:?}");
    #[cfg(target_os = "linux")]
    assert!(large.append_memory.bytes.unwrap() > 0 && large.export_memory.bytes.unwrap() > 0, "{figures:?}");
    let json = serde_json::to_value(&figures).unwrap();
    for field in [
        "append",
        "group_commit",
        "growth",
        "read",
        "search",
        "stream",
        "open",
        "list",
        "append_memory",
        "export_memory",
    ] {
        assert!(json.get(field).is_some(), "{field}: {json}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_part_is_measured_alone() {
    let folder = tempfile::tempdir().unwrap();
    let scale = Scale { turn_ms: 1, turns: 1, threads: 4, events: 12_000, events_small: 2_000, streams: 500 };
    let figures = run(&scale, &[Section::Streams], folder.path(), &mut |_| {}).unwrap();
    assert!(figures.append.is_empty() && figures.group_commit.is_none() && figures.large.is_none(), "{figures:?}");
    assert_eq!(figures.list.unwrap().streams, 500);
}
