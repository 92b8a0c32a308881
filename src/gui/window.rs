//! The real window: a thin shell of eframe around [`Gui`], with the workers behind it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, IconData, Ui, ViewportBuilder, ViewportCommand, vec2};

use super::Gui;
use super::layout::WINDOW_MIN;
use crate::error::Error;
use crate::limits::REPLIES_MAX;
use crate::protocol::{KeptView, Request};
use crate::session::{Action, Command, Session};
use crate::worker::Workers;

/// The name by which desktops know the program: Wayland's `app_id`, the class of its X11 windows, and the name of its
/// `.desktop` file, its icon and its `AppStream` metadata.
pub const APP_ID: &str = "io.github.eventscope.eventscope";

/// What the window shows first.
#[derive(Clone, PartialEq, Debug)]
pub enum Start {
    /// The welcome page.
    Welcome,
    /// The log at this path or address.
    Log(String),
    /// The log at this path or address, in this view.
    View(String, Box<KeptView>),
    /// The demo log.
    Demo,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// No display, or one that no window can be opened on.
    #[error("{0}")]
    NoDisplay(String),
    /// The workers could not be started, or the window failed while it was open.
    #[error("{0}")]
    Failed(Error),
}

impl WindowError {
    /// 3 where there is no display, else as the error has it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NoDisplay(_) => 3,
            Self::Failed(error) => error.exit_code(),
        }
    }
}

/// True where the environment names a display.
#[must_use]
pub fn has_display() -> bool {
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return true;
    }
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    named("DISPLAY") || named("WAYLAND_DISPLAY") || named("WAYLAND_SOCKET")
}

/// Opens the window and returns once it is closed.
///
/// # Errors
///
/// [`WindowError::NoDisplay`] where no window can be opened, [`WindowError::Failed`] for everything else.
pub fn run(start: &Start) -> Result<(), WindowError> {
    if !has_display() {
        return Err(WindowError::NoDisplay("there is no display to open a window on".to_owned()));
    }
    let options = eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Eventscope")
            .with_app_id(APP_ID)
            .with_inner_size(vec2(1_440.0, 900.0))
            .with_min_inner_size(WINDOW_MIN)
            .with_icon(icon()),
        // Flat colours stay flat.
        dithering: false,
        ..eframe::NativeOptions::default()
    };
    quiet_about_missing_libraries();
    let opened = catch_unwind(AssertUnwindSafe(|| {
        eframe::run_native(
            APP_ID,
            options,
            Box::new(|creation| {
                let window = Window::new(&creation.egui_ctx, start)?;
                Ok(Box::new(window))
            }),
        )
    }));
    match opened {
        Ok(result) => result.map_err(in_our_words),
        Err(panic) => match missing_library(panic.as_ref()) {
            Some((library, package)) => Err(WindowError::NoDisplay(format!(
                "cannot open a window: the library {library} is missing (Debian's package {package})"
            ))),
            None => resume_unwind(panic),
        },
    }
}

/// The window system's errors name files of the machine that built the program: they are said in our words.
pub(super) fn in_our_words(error: eframe::Error) -> WindowError {
    match error {
        eframe::Error::AppCreation(why) => WindowError::Failed(Error::Other(why.to_string())),
        eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => {
            WindowError::NoDisplay(no_window(&format!("{error:?}")).to_owned())
        }
        eframe::Error::Glutin(_) | eframe::Error::NoGlutinConfigs(..) | eframe::Error::OpenGL(_) => {
            WindowError::NoDisplay(
                "cannot open a window: the display has no OpenGL (install a driver, for example libgl1-mesa-dri)"
                    .to_owned(),
            )
        }
    }
}

/// Why the window system gave no window, by what stands in its error: its types tell less than its words.
fn no_window(error: &str) -> &'static str {
    if error.contains("LibraryOpenError") || error.contains("shared libraries") {
        "cannot open a window: a library of X11 is missing (Debian's packages libx11-6, libx11-xcb1, libxcursor1 and libxi6)"
    } else if error.contains("NoWaylandLib") || error.contains("libwayland") {
        "cannot open a window: the library libwayland-client is missing (Debian's package libwayland-client0)"
    } else {
        "cannot open a window: the display that DISPLAY or WAYLAND_DISPLAY names does not answer"
    }
}

/// The libraries that end the program where they are missing, with their packages: their names are in its last words.
const NEEDED_LIBRARIES: [(&str, &str); 3] = [
    ("libxkbcommon-x11", "libxkbcommon-x11-0"),
    ("libxkbcommon", "libxkbcommon0"),
    ("libwayland-egl", "libwayland-egl1"),
];

fn missing_library(panic: &(dyn std::any::Any + Send)) -> Option<(&'static str, &'static str)> {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied())?;
    NEEDED_LIBRARIES.into_iter().find(|(library, _)| words.contains(library))
}

/// What is said in a sentence of ours is not also said as a stack of frames.
fn quiet_about_missing_libraries() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if missing_library(info.payload()).is_none() {
            before(info);
        }
    }));
}

/// The icon of the window; without one where it cannot be read.
fn icon() -> IconData {
    let bytes: &[u8] = include_bytes!("../../assets/icons/eventscope-256.png");
    let decoded = || -> Option<IconData> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
        let mut reader = decoder.read_info().ok()?;
        let mut rgba = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut rgba).ok()?;
        (frame.color_type == png::ColorType::Rgba).then_some(IconData {
            rgba,
            width: frame.width,
            height: frame.height,
        })
    };
    decoded().unwrap_or_default()
}

/// How often the view of a log is kept while it changes.
const KEEP_EVERY: Duration = Duration::from_secs(2);

/// The window with its workers.
struct Window {
    gui: Gui,
    workers: Workers,
    title: String,
    kept: Option<(String, KeptView)>,
    kept_at: Instant,
}

impl Window {
    fn new(ctx: &Context, start: &Start) -> crate::error::Result<Self> {
        super::prepare(ctx);
        let awake = ctx.clone();
        let workers = Workers::start(Arc::new(move || awake.request_repaint()))?;
        let mut session = Session::new();
        match start {
            Start::Welcome => {}
            Start::Log(locator) => session.apply(Action::Open(locator.clone())),
            Start::View(locator, view) => session.open_at(locator, (**view).clone()),
            Start::Demo => session.apply(Action::Run(Command::OpenDemo)),
        }
        let mut window =
            Self { gui: Gui::new(session), workers, title: String::new(), kept: None, kept_at: Instant::now() };
        let settings = window.workers.send(Request::LoadSettings);
        debug_assert!(settings.is_ok(), "a new queue has room");
        window.send_requests(ctx);
        Ok(window)
    }

    /// Takes in what the workers have answered: at most what their queue holds, so that a frame always ends.
    fn take_replies(&mut self, ctx: &Context) {
        for _ in 0..REPLIES_MAX {
            let Some(reply) = self.workers.try_recv() else { return };
            self.gui.session.absorb(reply);
        }
        ctx.request_repaint();
    }

    /// Hands the session's wishes to the workers; what does not fit is sent with a later frame.
    fn send_requests(&mut self, ctx: &Context) {
        let mut refused = Vec::new();
        for request in self.gui.session.take_requests() {
            if refused.is_empty() {
                refused.extend(self.workers.send(request).err());
            } else {
                refused.push(request);
            }
        }
        if !refused.is_empty() {
            self.gui.session.return_requests(refused);
            ctx.request_repaint_after(std::time::Duration::from_millis(16));
        }
    }

    /// The view of the log that is open, if it is not kept as it is now.
    fn unkept(&self) -> Option<(String, KeptView)> {
        let view = self.gui.session.kept_view()?;
        let locator = self.gui.session.log.as_ref()?.info.locator.clone();
        let now = (locator, view);
        (self.kept.as_ref() != Some(&now)).then_some(now)
    }

    /// Keeps where one is in the log, at most every [`KEEP_EVERY`].
    fn keep_view(&mut self, ctx: &Context) {
        let Some((locator, view)) = self.unkept() else { return };
        if self.kept_at.elapsed() < KEEP_EVERY {
            ctx.request_repaint_after(KEEP_EVERY);
            return;
        }
        let request = Request::KeepView { locator: locator.clone(), view: Some(Box::new(view.clone())) };
        if self.workers.send(request).is_ok() {
            self.kept_at = Instant::now();
            self.kept = Some((locator, view));
        }
    }

    fn keep_title(&mut self, ctx: &Context) {
        let title = match &self.gui.session.log {
            Some(log) => format!("{} – Eventscope", log.info.name),
            None => "Eventscope".to_owned(),
        };
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if let Some((locator, view)) = self.unkept() {
            // The window is gone: there is nobody to tell, and the next start begins at the newest event.
            let _ = crate::worker::views::keep(&locator, Some(&view));
        }
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_replies(ctx);
        self.send_requests(ctx);
        self.keep_title(ctx);
        self.keep_view(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.gui.ui(ui);
        self.send_requests(&ui.ctx().clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_read() {
        let icon = icon();
        assert_eq!((icon.width, icon.height, icon.rgba.len()), (256, 256, 256 * 256 * 4));
    }

    #[test]
    fn the_last_words_of_a_missing_library_are_understood() {
        let words = |library: &str| format!("Library {library}.so could not be loaded");
        assert_eq!(missing_library(&words("libxkbcommon-x11")), Some(("libxkbcommon-x11", "libxkbcommon-x11-0")));
        assert_eq!(missing_library(&words("libxkbcommon")), Some(("libxkbcommon", "libxkbcommon0")));
        assert_eq!(missing_library(&"index out of bounds"), None);
    }
}
