//! Every screen of the window in every look: themes, sizes and scales. One command draws them all, to be looked at.

use super::pose::{Pose, PoseTab, step};
use super::screenshot::Shot;
use crate::error::Result;

/// The sizes that every screen must stand, in points.
const SIZES: [[u32; 2]; 3] = [[900, 600], [1_440, 900], [2_560, 1_440]];
/// Pixels in a point.
const SCALES: [f32; 2] = [1.0, 2.0];

/// A screen: its name, the tab of its inspector, and the commands that lead to it. Those that need no stream stand first
/// in the whole log.
struct Screen {
    name: &'static str,
    log: bool,
    stream: bool,
    tab: PoseTab,
    steps: &'static [&'static str],
}

const fn screen(name: &'static str, tab: PoseTab, steps: &'static [&'static str]) -> Screen {
    Screen { name, log: true, stream: true, tab, steps }
}

const SCREENS: [Screen; 25] = [
    Screen { name: "welcome", log: false, stream: false, tab: PoseTab::State, steps: &[] },
    Screen { name: "whole-log", log: true, stream: false, tab: PoseTab::State, steps: &[] },
    screen("state", PoseTab::State, &[]),
    screen("diff", PoseTab::Diff, &[]),
    screen("event", PoseTab::Event, &[]),
    screen("blame", PoseTab::Blame, &[]),
    screen("snapshots", PoseTab::Snapshots, &[]),
    screen("pins", PoseTab::State, &["pin=/balance", "pin=/status"]),
    screen("breakpoint", PoseTab::State, &["break-here"]),
    screen("oldest", PoseTab::State, &["oldest"]),
    screen("zoomed", PoseTab::State, &["bookmark", "zoom-in", "zoom-in"]),
    screen("range", PoseTab::State, &["range-start"]),
    screen("strip-table", PoseTab::State, &["plot-table"]),
    screen("throughput", PoseTab::State, &["view-throughput"]),
    screen("throughput-table", PoseTab::State, &["view-throughput", "plot-table"]),
    screen("find", PoseTab::State, &["find=state.balance < 0"]),
    screen("palette", PoseTab::State, &["palette"]),
    screen("keys", PoseTab::State, &["keys"]),
    screen("settings", PoseTab::State, &["settings"]),
    screen("bookmarks", PoseTab::State, &["bookmark", "bookmark-note"]),
    screen("snapshot", PoseTab::State, &["snapshot"]),
    screen("causation", PoseTab::Causation, &[]),
    screen("search", PoseTab::State, &["search=a"]),
    screen("sandbox", PoseTab::State, &["sandbox-toggle"]),
    screen("reducer", PoseTab::State, &["view-reducer"]),
];

/// Every picture of the matrix, with the name of its file without an ending. `base` says which log, stream and version.
///
/// # Errors
///
/// `Input` where a screen names a command that there is not.
pub fn matrix(base: &Pose) -> Result<Vec<(String, Pose)>> {
    let mut pictures = Vec::new();
    for screen in &SCREENS {
        let run = screen.steps.iter().map(|text| step(text)).collect::<Result<Vec<_>>>()?;
        for (size, scale, dark) in looks() {
            let word = if dark { "dark" } else { "light" };
            let name = format!("{}-{word}-{}x{}@{scale}", screen.name, size[0], size[1]);
            let pose = Pose {
                log: base.log.clone().filter(|_| screen.log),
                stream: base.stream.clone().filter(|_| screen.stream),
                any_stream: screen.stream,
                version: base.version.filter(|_| screen.stream && base.stream.is_some()),
                tab: screen.tab,
                run: run.clone(),
                maps: false,
                watch_seconds: 0,
                shot: Shot { size, scale, dark, system_fonts: false },
            };
            pictures.push((name, pose));
        }
    }
    Ok(pictures)
}

fn looks() -> impl Iterator<Item = ([u32; 2], f32, bool)> {
    let of = |size| SCALES.into_iter().flat_map(move |scale| [true, false].map(move |dark| (size, scale, dark)));
    SIZES.into_iter().flat_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_is_drawn_in_twelve_looks_under_its_own_name() {
        let base = Pose {
            log: Some("made.db".to_owned()),
            stream: Some("a-1".to_owned()),
            any_stream: false,
            version: Some(3),
            tab: PoseTab::State,
            run: Vec::new(),
            maps: false,
            watch_seconds: 0,
            shot: Shot::default(),
        };
        let pictures = matrix(&base).unwrap();
        assert_eq!(pictures.len(), SCREENS.len() * 12);
        let mut names: Vec<&str> = pictures.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), pictures.len());
        assert!(names.contains(&"welcome-light-2560x1440@2"), "{names:?}");
    }
}
