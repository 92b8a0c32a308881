//! The window as a picture, drawn without a display.

use eventscope::gui::Gui;
use eventscope::gui::screenshot::{Headless, Shot, draw, write_png};
use eventscope::protocol::ThemeChoice;
use eventscope::session::{Action, Command, LiveWindow, Session};

use crate::support::ledger::{self, Ledger};

fn picture(name: &str, shot: Shot, session: Session) -> eventscope::gui::raster::Picture {
    let ledger = Ledger::default();
    let mut session = session;
    session.theme = if shot.dark { ThemeChoice::Dark } else { ThemeChoice::Light };
    let mut gui = Gui::with_clock(session, ledger::clock);
    let picture = draw(shot, &mut |ui| {
        ledger.serve(&mut gui.session);
        gui.ui(ui);
    })
    .unwrap();
    let colors: std::collections::HashSet<&[u8]> = picture.rgba.chunks_exact(4).collect();
    assert!(colors.len() > 64, "{name} shows next to nothing: {} colours", colors.len());
    assert!(picture.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255), "{name} is not opaque everywhere");
    // Set this to a folder to look at the pictures.
    if let Some(folder) = std::env::var_os("EVENTSCOPE_PICTURES") {
        let path = std::path::Path::new(&folder).join(format!("{name}.png"));
        write_png(&picture, std::fs::File::create(path).unwrap()).unwrap();
    }
    picture
}

fn shot(width: u32, height: u32, dark: bool) -> Shot {
    Shot { size: [width, height], scale: 1.0, dark, system_fonts: false }
}

#[test]
fn the_same_window_gives_the_same_bytes() {
    let draw = || picture("again", shot(900, 600, true), Ledger::default().at(31_406));
    let first = draw();
    assert_eq!(first.rgba.len(), 900 * 600 * 4);
    assert!(first == draw(), "two pictures of one window differ");
    let light = picture("again-light", shot(900, 600, false), Ledger::default().at(31_406));
    assert!(first != light, "dark and light look the same");
}

#[test]
fn a_picture_at_scale_two_has_four_times_the_pixels() {
    let large = Shot { scale: 2.0, ..shot(900, 600, true) };
    let picture = picture("narrow-dark-2x", large, Ledger::default().at(31_406));
    assert_eq!((picture.width, picture.height), (1_800, 1_200));
    // The play button stands where it stands at scale one, filled with the cursor's colour.
    assert_eq!(picture.at(2 * 72, 2 * 427), eventscope::gui::theme::Theme::dark().cursor);
}

#[test]
fn a_picture_without_pixels_or_with_too_many_is_refused() {
    for size in [[0, 600], [100_000, 100_000]] {
        let shot = Shot { size, ..Shot::default() };
        assert!(matches!(draw(shot, &mut |_| {}), Err(eventscope::error::Error::Input(_))), "{size:?}");
    }
    assert!(draw(Shot { scale: 9.0, ..Shot::default() }, &mut |_| {}).is_err());
}

#[test]
fn a_window_at_rest_asks_for_no_further_frame() {
    let ledger = Ledger::default();
    let mut gui = Gui::with_clock(ledger.at(31_406), ledger::clock);
    let mut headless = Headless::new(Shot::default()).unwrap();
    let mut ui = |ui: &mut egui::Ui| gui.ui(ui);
    headless.settle(&mut ui);
    for frame in 0..20 {
        assert!(headless.frame(&mut ui), "frame {frame} asked for another");
    }
}

#[test]
fn every_page_can_be_drawn_in_every_size() {
    let ledger = Ledger::default();
    let at = |actions: &[Action]| {
        let mut session = ledger.at(31_406);
        for action in actions {
            session.apply(action.clone());
            ledger.serve(&mut session);
        }
        session
    };
    for (dark, word) in [(true, "dark"), (false, "light")] {
        picture(&format!("main-{word}"), shot(1440, 900, dark), ledger.at(31_406));
        picture(&format!("event-{word}"), shot(1440, 900, dark), at(&[Action::Run(Command::TabEvent)]));
        let compared = [Action::CompareFrom(0), Action::Run(Command::StepBack)];
        picture(&format!("diff-{word}"), shot(1440, 900, dark), at(&compared));
        picture(&format!("blame-{word}"), shot(1440, 900, dark), at(&[Action::Run(Command::BlameEarlier)]));
        picture(&format!("snapshots-{word}"), shot(1440, 900, dark), at(&[Action::Run(Command::TabSnapshots)]));
    }
    let live = |window| [Action::Run(Command::ViewThroughput), Action::SetLiveWindow(window)];
    picture("live-dark", shot(1440, 900, true), at(&live(LiveWindow::Short)));
    picture("live-light", shot(1440, 900, false), at(&live(LiveWindow::Minute)));
    picture("live-day-narrow-dark", shot(900, 600, true), at(&live(LiveWindow::Day)));
    picture("live-history-wide-dark", shot(2560, 1440, true), at(&live(LiveWindow::History)));
    let table = [Action::Run(Command::ViewThroughput), Action::Run(Command::PlotTable)];
    picture("live-table-dark", shot(1440, 900, true), at(&table));
    picture("settings-dark", shot(1440, 900, true), at(&[Action::Run(Command::Settings)]));
    picture("settings-narrow-light", shot(900, 600, false), at(&[Action::Run(Command::Settings)]));
    let marks = [Action::Run(Command::Bookmark), Action::MoveCursor(9_000), Action::Run(Command::BookmarkNote)];
    picture("bookmarks-dark", shot(1440, 900, true), at(&marks));
    let mut large = ledger.at(31_406);
    large.preferences.text_percent = 200;
    picture("text-200-dark", shot(1440, 900, true), large);
    picture("range-dark", shot(1440, 900, true), at(&[Action::ChooseRange(Some((20_000, 34_000)))]));
    let marks = [Action::Run(Command::Bookmark), Action::Run(Command::ZoomIn), Action::Run(Command::ZoomIn)];
    picture("zoomed-light", shot(1440, 900, false), at(&marks));
    picture("strip-table-dark", shot(1440, 900, true), at(&[Action::Run(Command::PlotTable)]));
    let dark = true;
    picture("narrow-dark", shot(900, 600, dark), ledger.at(31_406));
    picture("medium-dark", shot(1100, 700, dark), ledger.at(31_406));
    picture("wide-dark", shot(1900, 1000, dark), ledger.at(31_406));
    picture("streams-dark", shot(900, 600, dark), at(&[Action::Run(Command::FilterStreams)]));
    picture("log-dark", shot(1440, 900, dark), ledger.opened());
    picture("log-narrow-dark", shot(900, 600, dark), ledger.opened());
    picture("dialog-dark", shot(1440, 900, dark), at(&[Action::Run(Command::Snapshot)]));
    picture("keys-dark", shot(1440, 900, dark), at(&[Action::Run(Command::Keys)]));
    picture("keys-narrow-dark", shot(900, 600, dark), at(&[Action::Run(Command::Keys)]));
    picture("oldest-dark", shot(1440, 900, dark), at(&[Action::Run(Command::Oldest)]));
    picture("undecoded-dark", shot(1440, 900, dark), at(&[Action::MoveCursor(31_391), Action::Run(Command::TabEvent)]));
    let mut welcome = Session::new();
    picture("welcome-empty-dark", shot(1440, 900, dark), welcome.clone());
    welcome.apply(Action::Open("/nowhere/missing.db".to_owned()));
    welcome.recent = ["ledger.db", "orders.sqlite", "audit.db"]
        .map(|name| eventscope::protocol::RecentLog {
            locator: format!("/home/ana/{name}"),
            layout: "eventsourcing 9.x layout".to_owned(),
            events: 84_220,
            bytes: 61_000_000,
            opened_us: ledger::clock().0 - 720_000_000,
        })
        .to_vec();
    picture("welcome-dark", shot(1440, 900, dark), welcome.clone());
    picture("welcome-narrow-light", shot(900, 600, false), welcome);
}
