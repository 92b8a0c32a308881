//! Arguments → the window or the command line, and nothing else.

use std::fs::File;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use eventscope::cli;
use eventscope::cli::arguments::{
    Arguments, Command, PlaceArguments, ScreenshotArguments, StartView, Tab, Theme, View, WindowFiguresArguments,
};
use eventscope::error::{Error, Result};
use eventscope::gui::pose::{self, Pose, PoseTab};
use eventscope::gui::screenshot::{Shot, write_png};
use eventscope::gui::{self, KeptView, Start, WindowError};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.unmask {
        cli::unmask();
    }
    match arguments {
        Arguments { command: Some(Command::Demo), .. } => match gui::run(&Start::Demo) {
            Err(WindowError::NoDisplay(_)) => cli::run(Command::Demo, screenshot),
            ended => exit(ended),
        },
        Arguments { command: Some(Command::WindowFigures(arguments)), .. } => match figures(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => cli::failed(&error),
        },
        Arguments { command: Some(Command::WindowFirstFrame(arguments)), .. } => {
            exit(gui::first_frame(arguments.empty))
        }
        Arguments { command: Some(command), .. } => cli::run(command, screenshot),
        arguments => exit(gui::run(&start(arguments.locator(), arguments.place))),
    }
}

/// What the window shows first.
fn start(log: Option<String>, place: PlaceArguments) -> Start {
    let Some(log) = log else { return Start::Welcome };
    if place == PlaceArguments::default() {
        return Start::Log(log);
    }
    let tab = place.tab.map(|tab| format!("{tab:?}").to_lowercase());
    let view = KeptView {
        stream: place.stream,
        category: place.category,
        version: place.at_version,
        cursor: place.position,
        tab,
        throughput: place.view == Some(StartView::Live),
        ..KeptView::default()
    };
    Start::View(log, Box::new(view))
}

fn exit(ended: std::result::Result<(), WindowError>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(WindowError::NoDisplay(why)) => cli::no_display(&why),
        Err(WindowError::Failed(error)) => cli::failed(&error),
    }
}

/// Measures the window and says what was found as one JSON object, after a line once it was measured at rest.
fn figures(arguments: &WindowFiguresArguments) -> Result<()> {
    let mut out = std::io::stdout();
    let mut unsaid = None;
    let figures = gui::window_figures(&arguments.log, arguments.frames, &mut || {
        unsaid = writeln!(out, "rest").and_then(|()| out.flush()).err();
    })?;
    if let Some(error) = unsaid {
        return Err(error.into());
    }
    let text = serde_json::to_string(&figures).map_err(|error| Error::Other(error.to_string()))?;
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// The commands that lead to what the picture is to show.
fn commands(arguments: &ScreenshotArguments) -> Result<Vec<pose::Step>> {
    let view = match arguments.view {
        None | Some(View::Welcome | View::Replay | View::Mapping) => None,
        Some(View::Live) => Some("view-throughput"),
        Some(View::Palette) => Some("palette"),
        Some(View::Settings) => Some("settings"),
    };
    view.into_iter().chain(arguments.run.iter().map(String::as_str)).map(pose::step).collect()
}

/// Draws the window as the arguments say.
fn screenshot(arguments: &ScreenshotArguments) -> Result<()> {
    let log = match (arguments.view, arguments.locator()) {
        (Some(View::Welcome), _) => None,
        (_, Some(log)) => Some(log),
        (_, None) => return Err(Error::Input("this view needs a log".to_owned())),
    };
    let pose = Pose {
        log,
        stream: arguments.stream.clone(),
        any_stream: false,
        version: arguments.version,
        tab: match arguments.tab {
            Tab::State => PoseTab::State,
            Tab::Diff => PoseTab::Diff,
            Tab::Event => PoseTab::Event,
            Tab::Blame => PoseTab::Blame,
            Tab::Snapshots => PoseTab::Snapshots,
            Tab::Causation => PoseTab::Causation,
        },
        run: commands(arguments)?,
        maps: arguments.view == Some(View::Mapping),
        watch_seconds: arguments.watch,
        shot: Shot {
            size: [arguments.size.0, arguments.size.1],
            scale: arguments.scale,
            dark: arguments.theme == Theme::Dark,
            system_fonts: arguments.system_fonts,
        },
    };
    if arguments.all {
        std::fs::create_dir_all(&arguments.out)?;
        for (name, pose) in gui::matrix::matrix(&pose)? {
            draw(&pose, &arguments.out.join(format!("{name}.png")))?;
        }
        return Ok(());
    }
    draw(&pose, &arguments.out)
}

fn draw(pose: &Pose, to: &std::path::Path) -> Result<()> {
    let picture = pose::draw(pose)?;
    let file = File::create(to)
        .map_err(|error| Error::Other(format!("cannot write the picture {}: {error}", to.display())))?;
    write_png(&picture, std::io::BufWriter::new(file))
}
