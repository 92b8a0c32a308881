//! A picture of the real window with a real log in it: opens the log, goes where it is told to, waits until everything
//! that was asked for is on show, and draws.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Gui;
use super::raster::Picture;
use super::screenshot::{Headless, Shot};
use crate::error::{Error, Result};
use crate::event::{Scope, StreamId};
use crate::limits::SCREENSHOT_WAIT_SECONDS;
use crate::protocol::{Reply, Request, ThemeChoice};
use crate::session::{Action, Command, LiveWindow, MappingAction, MappingPane, Session, Tab, View};
use crate::worker::Workers;

/// How long one look for a reply waits: the frames between two replies cost nothing.
const LOOK: Duration = Duration::from_millis(20);

/// A command, and what is typed into the field that it opens.
pub type Step = (Command, Option<String>);

/// Reads a step: the command's name, or `NAME=TEXT`.
///
/// # Errors
///
/// `Input` where there is no such command.
pub fn step(text: &str) -> Result<Step> {
    let (name, typed) = text.split_once('=').map_or((text, None), |(name, typed)| (name, Some(typed.to_owned())));
    let command = Command::named(name).ok_or_else(|| {
        Error::Input(format!("there is no command {name} (the key sheet's names in small letters: step-forward)"))
    })?;
    Ok((command, typed))
}

/// What the picture is to show.
#[derive(Clone, PartialEq, Debug)]
pub struct Pose {
    /// Path or address of the log; `None` for the welcome page.
    pub log: Option<String>,
    /// The stream; `None` for the whole log.
    pub stream: Option<String>,
    /// Without a stream: the largest of the first that are listed of the largest category.
    pub any_stream: bool,
    /// The cursor stands after this version of the stream; `None` for the newest event.
    pub version: Option<i64>,
    /// What the inspector shows.
    pub tab: PoseTab,
    /// Commands that are run before the picture is taken, in order: the view, what lies over the window; each with what
    /// is typed into its field.
    pub run: Vec<Step>,
    /// True for the page on which the tables of the log's file are mapped, whether it can be opened or not.
    pub maps: bool,
    /// Seconds for which the log is watched before; 0 leaves what arrives out, so that the picture is always the same.
    pub watch_seconds: u64,
    /// Size, scale, theme.
    pub shot: Shot,
}

/// What the inspector shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PoseTab {
    /// The state at the cursor.
    #[default]
    State,
    /// What changed since before the first event.
    Diff,
    /// The event at the cursor.
    Event,
    /// Who set a value.
    Blame,
    /// The snapshots of the stream.
    Snapshots,
    /// What caused the event at the cursor.
    Causation,
}

impl From<PoseTab> for Tab {
    fn from(tab: PoseTab) -> Self {
        match tab {
            PoseTab::State => Self::State,
            PoseTab::Diff => Self::Diff,
            PoseTab::Event => Self::Event,
            PoseTab::Blame => Self::Blame,
            PoseTab::Snapshots => Self::Snapshots,
            PoseTab::Causation => Self::Causation,
        }
    }
}

/// Draws the window in this pose.
///
/// # Errors
///
/// As [`Headless::new`]; `Open` where the log cannot be opened; `Input` where it has no such stream or version; `Busy`
/// where the log has not answered within [`SCREENSHOT_WAIT_SECONDS`].
pub fn draw(pose: &Pose) -> Result<Picture> {
    let mut studio = Studio::new(pose)?;
    if let Some(log) = pose.log.as_ref().filter(|_| pose.maps) {
        studio.apply(Action::Mapping(MappingAction::Open(log.clone())));
        studio.wait("read its tables", |session| session.mapping.as_ref().is_some_and(MappingPane::is_current))?;
    }
    if let Some(log) = pose.log.as_ref().filter(|_| !pose.maps) {
        studio.apply(Action::Open(log.clone()));
        studio.wait("open it", is_at_rest)?;
        if let Some(name) = &pose.stream {
            studio.go_to_stream(name)?;
        } else if pose.any_stream {
            studio.go_to_any_stream()?;
        }
        if let Some(version) = pose.version {
            studio.go_to_version(version)?;
        }
        studio.apply(Action::ChooseTab(pose.tab.into()));
        if pose.tab == PoseTab::Diff {
            studio.apply(Action::CompareFrom(0));
        }
        studio.wait("read what is on show", is_at_rest)?;
        studio.watch(pose.watch_seconds)?;
    }
    for (command, text) in &pose.run {
        let name = command.name();
        let actions = match text {
            Some(text) => command.typed(text).ok_or_else(|| {
                Error::Input(format!("the command {name} has no field to type into (leave out ={text})"))
            })?,
            None => vec![Action::Run(*command)],
        };
        for action in actions {
            studio.apply(action);
        }
        if *command == Command::ViewThroughput && pose.watch_seconds == 0 {
            // Nothing is watched: what there is to see is the history.
            studio.apply(Action::SetLiveWindow(LiveWindow::History));
        }
        if pose.log.is_some() && !pose.maps {
            studio.wait(&format!("run {}", command.name()), is_at_rest)?;
        }
    }
    let gui = &mut studio.gui;
    studio.headless.settle(&mut |ui| gui.ui(ui));
    Ok(studio.headless.picture())
}

struct Studio {
    headless: Headless,
    gui: Gui,
    workers: Workers,
    until: Instant,
    failure: Option<Error>,
    watching: bool,
}

impl Studio {
    fn new(pose: &Pose) -> Result<Self> {
        let mut session = Session::new();
        session.theme = if pose.shot.dark { ThemeChoice::Dark } else { ThemeChoice::Light };
        Ok(Self {
            headless: Headless::new(pose.shot)?,
            gui: Gui::new(session),
            workers: Workers::start(Arc::new(|| {}))?,
            until: Instant::now() + Duration::from_secs(SCREENSHOT_WAIT_SECONDS),
            failure: None,
            watching: false,
        })
    }

    fn apply(&mut self, action: Action) {
        self.gui.session.apply(action);
    }

    /// Lets the log go on for some seconds.
    fn watch(&mut self, seconds: u64) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(seconds);
        self.watching = seconds > 0;
        self.until += Duration::from_secs(seconds);
        while Instant::now() < until {
            self.wait("watch it", |_| true)?;
            if let Some(reply) = self.workers.recv_within(LOOK) {
                self.absorb(reply);
            }
        }
        self.watching = false;
        self.wait("read what is on show", is_at_rest)
    }

    /// Runs frames and takes replies in until the session is where it should be.
    fn wait(&mut self, doing: &str, done: impl Fn(&Session) -> bool) -> Result<()> {
        loop {
            let gui = &mut self.gui;
            let still = self.headless.frame(&mut |ui| gui.ui(ui));
            let mut requests = self.gui.session.take_requests();
            requests.retain(|request| !keeps(request));
            let quiet = requests.is_empty();
            let mut refused = Vec::new();
            for request in requests {
                refused.extend(self.workers.send(request).err());
            }
            self.gui.session.return_requests(refused);
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            if still && quiet && done(&self.gui.session) {
                return Ok(());
            }
            if Instant::now() > self.until {
                return Err(Error::Busy(format!(
                    "the log did not answer within {SCREENSHOT_WAIT_SECONDS} s: could not {doing}"
                )));
            }
            if let Some(reply) = self.workers.recv_within(LOOK) {
                self.absorb(reply);
                while let Some(reply) = self.workers.try_recv() {
                    self.absorb(reply);
                }
            }
        }
    }

    fn absorb(&mut self, reply: Reply) {
        match reply {
            // What arrives while the picture is taken would make it another one each time.
            Reply::Sample { .. } | Reply::Grew { .. } if !self.watching => return,
            // A picture is of what it was asked for, not of where somebody was, nor how they like it.
            Reply::View { generation, .. } => {
                self.gui.session.absorb(Reply::View { generation, view: None });
                return;
            }
            Reply::OpenFailed { ref message, .. } => {
                let message = message.strip_prefix("Cannot open log: ").unwrap_or(message);
                self.failure = Some(Error::Open(message.to_owned()));
            }
            Reply::Failed { ref message, .. } | Reply::WorkerEnded { ref message, .. } => {
                self.failure = Some(Error::Other(message.clone()));
            }
            _ => {}
        }
        self.gui.session.absorb(reply);
    }

    fn go_to_stream(&mut self, name: &str) -> Result<()> {
        let category = crate::event::category_of(name).to_owned();
        self.apply(Action::ToggleCategory(category));
        self.apply(Action::ChooseScope(Scope::Stream(StreamId::new(name))));
        self.wait("read the stream", is_at_rest)?;
        if self.gui.session.events.events() == 0 {
            return Err(Error::Input(format!("the log has no stream {name} (list them with the command streams)")));
        }
        Ok(())
    }

    /// Some stream that has something to show.
    fn go_to_any_stream(&mut self) -> Result<()> {
        let categories = &self.gui.session.streams.categories;
        let largest = categories.iter().max_by_key(|category| category.info.events);
        let Some(name) = largest.map(|category| category.info.category.to_string()) else { return Ok(()) };
        self.apply(Action::ToggleCategory(name.clone()));
        self.wait("list streams", is_at_rest)?;
        let listed = self.gui.session.streams.categories.iter().find(|category| *category.info.category == *name);
        let stream = listed.and_then(|category| category.streams.iter().max_by_key(|stream| stream.events));
        if let Some(stream) = stream.map(|stream| stream.stream.clone()) {
            self.apply(Action::ChooseScope(Scope::Stream(stream)));
            self.wait("read the stream", is_at_rest)?;
            let middle = self.gui.session.events.events() / 2;
            self.apply(Action::MoveCursor(middle.max(1)));
            self.wait("fold to its middle", is_at_rest)?;
        }
        Ok(())
    }

    /// The cursor stands at the newest event; versions are counted back from there.
    fn go_to_version(&mut self, version: i64) -> Result<()> {
        let session = &self.gui.session;
        let newest = session.state.shown.as_ref().and_then(|state| Some((state.position, state.version?)));
        let missing = || Error::Input(format!("the stream has no version {version}"));
        let (position, newest) = newest.ok_or_else(missing)?;
        let target = position.checked_add_signed(version.saturating_sub(newest)).ok_or_else(missing)?;
        self.apply(Action::MoveCursor(target));
        self.wait("fold to the version", is_at_rest)?;
        if target == 0 {
            // The number before the first version is the place before the first event.
            return Ok(());
        }
        let found = self.gui.session.state.shown.as_ref().and_then(|state| state.version);
        if found == Some(version) { Ok(()) } else { Err(missing()) }
    }
}

/// True where a request would keep something for the next time: taking a picture leaves nothing behind.
fn keeps(request: &Request) -> bool {
    matches!(
        request,
        Request::KeepBookmark { .. }
            | Request::RemoveBookmark { .. }
            | Request::LoadBookmarks { .. }
            | Request::KeepView { .. }
            | Request::SaveSettings(_)
            | Request::DeleteCache
            | Request::Snapshot { .. }
    )
}

/// True where everything on show has been answered.
fn is_at_rest(session: &Session) -> bool {
    let Some(log) = &session.log else { return false };
    if session.view == View::Welcome || log.totals.is_none() || session.density.is_none() {
        return false;
    }
    let events = &session.events;
    let Some(extent) = events.extent else { return false };
    let last = (events.top + events.rows_shown + 1).min(extent);
    let rows = (events.top..last).all(|row| events.row(row).is_some());
    let detail = session.tab != Tab::Event
        || session.detail_row().is_none_or(|row| session.detail.as_ref().is_some_and(|detail| detail.row == row));
    let snapshots = session.tab != Tab::Snapshots
        || session
            .stream_on_show()
            .is_none_or(|stream| session.snapshots.as_ref().is_some_and(|(known, _)| known == stream));
    let causation =
        session.tab != Tab::Causation || session.detail_row().is_none() || !session.causation.is_searching();
    let blame = session.tab != Tab::Blame || session.blame.path.is_none() || session.blame_on_show().is_some();
    let diff = session.tab != Tab::Diff
        || session.diff.from.is_none()
        || session.scope.stream().is_none()
        || session.diff_on_show().is_some();
    let streams = session.streams.categories.iter().all(|category| !category.loading);
    let search = &session.search;
    let previews = search.open && search.chosen.is_some() && search.preview.is_none();
    let tasks = session.find.is_searching()
        || session.breakpoints.running.is_some()
        || session.is_auditing()
        || session.editor.is_trying()
        || session.sandbox_is_late()
        || (search.open && (search.is_searching() || previews));
    let pins =
        session.pins.paths.iter().all(|path| session.pin_on_show(path).is_some() || session.stream_on_show().is_none());
    rows && !tasks
        && pins
        && detail
        && diff
        && blame
        && causation
        && snapshots
        && streams
        && !events.changes_wanted()
        && session.state_is_current()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pose(log: Option<&str>) -> Pose {
        Pose {
            run: Vec::new(),
            maps: false,
            watch_seconds: 0,
            log: log.map(str::to_owned),
            stream: None,
            any_stream: false,
            version: None,
            tab: PoseTab::State,
            shot: Shot { size: [900, 600], ..Shot::default() },
        }
    }

    #[test]
    fn the_welcome_page_needs_no_log() {
        let picture = draw(&pose(None)).unwrap();
        assert_eq!((picture.width, picture.height), (900, 600));
    }

    #[test]
    fn a_log_that_is_not_there_is_said_once() {
        let error = draw(&pose(Some("/nowhere/missing.db"))).unwrap_err();
        assert_eq!(error.exit_code(), 3);
        assert_eq!(error.to_string().matches("cannot open log").count(), 1, "{error}");
    }
}
