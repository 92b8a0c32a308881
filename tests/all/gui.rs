//! The window from the outside: through the accessibility tree, by keys, and as a picture.

use std::sync::Arc;

use eventscope::event::Time;
use eventscope::gui::screenshot::{Shot, draw, write_png};
use eventscope::gui::{Gui, prepare};
use eventscope::protocol::ThemeChoice;
use eventscope::session::{Action, Command, Session, Tab};

use crate::support::ledger::{self, Ledger};

fn picture(name: &str, shot: Shot, session: Session) -> eventscope::gui::raster::Picture {
    let ledger = Ledger::default();
    let mut session = session;
    session.theme = if shot.theme == egui::Theme::Dark { ThemeChoice::Dark } else { ThemeChoice::Light };
    let mut gui = Gui::with_clock(session, ledger::clock);
    let picture = draw(shot, &mut |ui| {
        ledger.serve(&mut gui.session);
        gui.ui(ui);
    })
    .unwrap();
    // Set this to a folder to look at the pictures.
    if let Some(folder) = std::env::var_os("EVENTSCOPE_PICTURES") {
        let path = std::path::Path::new(&folder).join(format!("{name}.png"));
        write_png(&picture, std::fs::File::create(path).unwrap()).unwrap();
    }
    picture
}

fn shot(width: u32, height: u32, theme: egui::Theme) -> Shot {
    Shot { size: [width, height], scale: 1.0, theme }
}

#[test]
fn looks() {
    let ledger = Ledger::default();
    let at = |actions: &[Action]| {
        let mut session = ledger.at(31_406);
        for action in actions {
            session.apply(action.clone());
            ledger.serve(&mut session);
        }
        session
    };
    for (theme, word) in [(egui::Theme::Dark, "dark"), (egui::Theme::Light, "light")] {
        picture(&format!("main-{word}"), shot(1440, 900, theme), ledger.at(31_406));
        picture(&format!("event-{word}"), shot(1440, 900, theme), at(&[Action::Run(Command::TabEvent)]));
        picture(&format!("snapshots-{word}"), shot(1440, 900, theme), at(&[Action::Run(Command::TabSnapshots)]));
    }
    let dark = egui::Theme::Dark;
    picture("narrow-dark", shot(900, 600, dark), ledger.at(31_406));
    picture("medium-dark", shot(1100, 700, dark), ledger.at(31_406));
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
    picture("welcome-narrow-light", shot(900, 600, egui::Theme::Light), welcome);
}
