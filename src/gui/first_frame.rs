//! How soon a window is there: ours with everything that it loads, or an empty one of the toolkit to compare it with.
//! It says so on standard output once its first frame is on screen, and closes.

use std::io::Write as _;

use egui::{Context, Ui, ViewportBuilder, ViewportCommand, vec2};

use super::window::{WindowError, in_our_words};
use super::{Gui, prepare};
use crate::error::Error;
use crate::session::Session;

/// Opens a window, says `frame` once it is drawn, and closes it.
///
/// # Errors
/// [`WindowError::NoDisplay`] where no window can be opened.
pub fn first_frame(empty: bool) -> Result<(), WindowError> {
    if !super::has_display() {
        return Err(WindowError::NoDisplay("there is no display to open a window on".to_owned()));
    }
    let options = eframe::NativeOptions {
        viewport: ViewportBuilder::default().with_title("Eventscope").with_inner_size(vec2(1_440.0, 900.0)),
        ..eframe::NativeOptions::default()
    };
    let run = eframe::run_native(
        "eventscope",
        options,
        Box::new(move |creation| {
            let gui = if empty {
                None
            } else {
                prepare(&creation.egui_ctx);
                Some(Gui::new(Session::new()))
            };
            Ok(Box::new(Probe { gui, frames: 0 }))
        }),
    );
    run.map_err(in_our_words)
}

struct Probe {
    gui: Option<Gui>,
    frames: u32,
}

impl eframe::App for Probe {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        // The first frame has been drawn when the second begins.
        if self.frames == 1 {
            let mut out = std::io::stdout();
            let said = writeln!(out, "frame").and_then(|()| out.flush());
            debug_assert!(said.is_ok() || cfg!(not(debug_assertions)), "{:?}", said.map_err(Error::from));
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.frames += 1;
        if let Some(gui) = &mut self.gui {
            gui.ui(ui);
        }
        ui.ctx().request_repaint();
    }
}
