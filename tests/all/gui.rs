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
    for (theme, word) in [(egui::Theme::Dark, "dark"), (egui::Theme::Light, "light")] {
        picture(&format!("main-{word}"), shot(1440, 900, theme), ledger.at(31_406));
    }
    picture("narrow-dark", shot(900, 600, egui::Theme::Dark), ledger.at(31_406));
}
