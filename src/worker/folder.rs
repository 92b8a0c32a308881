//! A replay that folds each stream with its own reducer: the one that the workspace file binds to it, or the one that
//! the person chose. It notices when one of their files was saved.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::event::{Scope, StreamId};
use crate::locator::Locator;
use crate::protocol::{BindingInfo, FoldedBy, ReducerChoice, ReducerKind, ReducersInfo, Trouble};
use crate::reducer::Reducer;
use crate::reducer::auto::Auto;
use crate::replay::Replay;
use crate::replay::folding::Folding;
use crate::workspace::reducers::{Kind, Loaded, kind_of, load, watched};
use crate::workspace::{Consent, FILE_NAME, Workspace, reducer_named};

/// Which reducer it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Key {
    Auto,
    Bound(usize),
    Chosen,
    /// The one that a repro bundle carries.
    Carried,
}

/// A reducer that was asked for.
#[derive(Default)]
struct Slot {
    /// `None` while it folds in the replay, or where it could never be used.
    folding: Option<Folding>,
    usable: bool,
    trouble: Option<Trouble>,
}

/// When a file was saved last, and how long it is.
type Stamp = Option<(SystemTime, u64)>;

pub(super) struct Folder {
    pub(super) replay: Replay,
    locator: String,
    workspace: Workspace,
    workspace_error: Option<String>,
    choice: ReducerChoice,
    /// True where a category or the whole log is folded into one state.
    pub(super) together: bool,
    slots: HashMap<Key, Slot>,
    in_use: Key,
    stamps: Vec<(PathBuf, Stamp)>,
}

impl Folder {
    /// Opens a log for replay. `None` where it cannot be opened: the reader says why.
    pub(super) fn open(locator: &str, choice: ReducerChoice) -> Option<Self> {
        let replay = Replay::open(locator, Box::new(Auto)).ok()?;
        let mut folder = Self {
            replay,
            locator: locator.to_owned(),
            workspace: Workspace::default(),
            workspace_error: None,
            choice,
            together: false,
            slots: HashMap::new(),
            in_use: Key::Auto,
            stamps: Vec::new(),
        };
        folder.watch(folder.workspace_path());
        folder.read_workspace();
        Some(folder)
    }

    /// Folds with another reducer from now on.
    pub(super) fn choose(&mut self, choice: ReducerChoice) {
        if choice != self.choice {
            self.choice = choice;
            self.drop_slot(Key::Chosen);
        }
    }

    /// Remembers the yes to the program of a reducer's file, and reads that file anew.
    pub(super) fn allow(&mut self, file: &str) -> Result<(), String> {
        match load(Path::new(file), Consent::Given) {
            Loaded::Ready(_) => {
                self.reload();
                Ok(())
            }
            Loaded::Refused(why) => Err(why),
            Loaded::Unasked(command) => Err(format!("nobody said yes to {command}")),
        }
    }

    /// True where one of the files was saved since the last look: they are then read anew.
    pub(super) fn refresh(&mut self) -> bool {
        let changed: Vec<PathBuf> =
            self.stamps.iter().filter(|(path, stamp)| stamp_of(path) != *stamp).map(|(path, _)| path.clone()).collect();
        if changed.is_empty() {
            return false;
        }
        let workspace_changed = self.workspace_path().is_some_and(|path| changed.contains(&path));
        self.reload();
        if workspace_changed {
            self.read_workspace();
        }
        true
    }

    /// Makes the reducer of a stream the one in use, and says what it is.
    ///
    /// # Errors
    /// What is wrong with it, where nothing can be folded with it.
    pub(super) fn ready(&mut self, stream: &StreamId) -> Result<FoldedBy, Box<FoldedBy>> {
        let key = self.key_of(stream);
        let mut by = self.described(key);
        if key != self.in_use && key != Key::Auto && !self.slots.contains_key(&key) {
            let slot = match self.file_of(key) {
                Some(file) => {
                    self.watch(watched(&file));
                    loaded(&file)
                }
                None if key == Key::Carried => carried(self.workspace.reducer_of(stream.as_str())),
                None => Slot { folding: Some(Folding::new(Box::new(Auto))), usable: true, trouble: None },
            };
            self.slots.insert(key, slot);
        }
        if let Some(slot) = self.slots.get(&key) {
            by.trouble.clone_from(&slot.trouble);
            if !slot.usable {
                return Err(Box::new(by));
            }
        }
        if key != self.in_use {
            let taken = self.slots.get_mut(&key).and_then(|slot| slot.folding.take());
            let folding = taken.unwrap_or_else(|| Folding::new(Box::new(Auto)));
            let before = self.replay.exchange(folding);
            let slot = self.slots.entry(self.in_use).or_insert_with(|| Slot { usable: true, ..Slot::default() });
            slot.folding = Some(before);
            self.in_use = key;
        }
        Ok(by)
    }

    /// Makes the reducer of a category or of the whole log as one the one in use: the one that is bound to all of its
    /// streams.
    ///
    /// # Errors
    /// As [`Folder::ready`].
    pub(super) fn ready_for(&mut self, scope: &Scope) -> Result<FoldedBy, Box<FoldedBy>> {
        match scope {
            Scope::Stream(stream) => self.ready(stream),
            Scope::Category(category) => self.ready(&StreamId::new(&format!("{category}-"))),
            Scope::Log => self.ready(&StreamId::new("")),
        }
    }

    /// A replay of its own that folds every stream with its reducer in one pass over many.
    ///
    /// # Errors
    /// As opening the log, and where the reducer that was chosen cannot be used.
    pub(super) fn for_many(&self) -> crate::error::Result<Replay> {
        let mut replay = Replay::open(&self.locator, Box::new(Auto))?;
        match &self.choice {
            ReducerChoice::Auto => {}
            ReducerChoice::Bound => replay.fold_as_bound(Box::new(self.workspace.clone())),
            ReducerChoice::File(file) => replay.fold_with(reducer_named(file, Consent::Remembered)?),
        }
        Ok(replay)
    }

    /// How the streams are folded, for the window.
    pub(super) fn info(&self) -> ReducersInfo {
        let bindings = self.workspace.bindings().into_iter().map(|bound| BindingInfo {
            kind: bound.file.as_deref().map_or(ReducerKind::Auto, kind_in),
            streams: bound.streams,
            file: bound.file.map(|file| file.to_string_lossy().into_owned()),
        });
        ReducersInfo {
            workspace: self.workspace.path().map(|path| path.to_string_lossy().into_owned()),
            workspace_place: self.workspace_path().map(|path| path.to_string_lossy().into_owned()),
            error: self.workspace_error.clone(),
            bindings: bindings.collect(),
            choice: self.choice.clone(),
        }
    }

    /// The workspace file that the locator names, else the one that stands, or would stand, beside the log.
    fn workspace_path(&self) -> Option<PathBuf> {
        let place = Locator::parse(&self.locator);
        match &place.workspace {
            Some(path) => Some(path.clone()),
            None if self.locator.contains("://") => None,
            None => Some(place.file().with_file_name(FILE_NAME)),
        }
    }

    /// A workspace file that was saved with a mistake leaves the one before in use.
    fn read_workspace(&mut self) {
        match Workspace::of_log(&self.locator, None) {
            Ok(workspace) => {
                let bindings_before = self.workspace.bindings();
                self.workspace = workspace;
                self.workspace_error = None;
                if self.workspace.bindings() != bindings_before {
                    let bound: Vec<Key> = self.slots.keys().copied().collect();
                    for key in bound.into_iter().filter(|key| matches!(key, Key::Bound(_))) {
                        self.drop_slot(key);
                    }
                    if matches!(self.in_use, Key::Bound(_)) {
                        self.drop_slot(self.in_use);
                    }
                }
            }
            Err(error) => self.workspace_error = Some(error.to_string()),
        }
    }

    /// Reads the files of all reducers anew. One whose file has a mistake now folds on with the text before.
    fn reload(&mut self) {
        // Noted before they are read: a file that is saved meanwhile is read again.
        self.stamps.clear();
        self.watch(self.workspace_path());
        let keys: Vec<Key> = self.slots.keys().copied().chain([self.in_use]).collect();
        for key in keys {
            let Some(file) = self.file_of(key) else { continue };
            self.watch(watched(&file));
            let fresh = loaded(&file);
            let in_use = key == self.in_use;
            let slot = self.slots.entry(key).or_insert_with(|| Slot { usable: true, ..Slot::default() });
            match (fresh.folding, fresh.trouble) {
                (Some(folding), _) => {
                    slot.trouble = None;
                    slot.usable = true;
                    if !in_use {
                        slot.folding = Some(folding);
                    } else if folding.id() != self.replay.reducer_id() {
                        self.replay.exchange(folding);
                    }
                }
                (None, Some(Trouble::Refused(why))) if slot.usable => slot.trouble = Some(Trouble::Outdated(why)),
                (None, trouble) => {
                    slot.trouble = trouble;
                    slot.usable = false;
                    slot.folding = None;
                    if in_use {
                        self.drop_in_use();
                    }
                }
            }
        }
    }

    fn drop_slot(&mut self, key: Key) {
        if key == self.in_use {
            self.drop_in_use();
        }
        self.slots.remove(&key);
    }

    /// Goes back to *Auto*; what was in use is gone.
    fn drop_in_use(&mut self) {
        if self.in_use != Key::Auto {
            let auto = self.slots.remove(&Key::Auto).and_then(|slot| slot.folding);
            self.replay.exchange(auto.unwrap_or_else(|| Folding::new(Box::new(Auto))));
            self.in_use = Key::Auto;
        }
    }

    fn key_of(&self, stream: &StreamId) -> Key {
        match &self.choice {
            ReducerChoice::Auto => Key::Auto,
            ReducerChoice::File(_) => Key::Chosen,
            ReducerChoice::Bound if self.workspace.carried().is_some() => Key::Carried,
            ReducerChoice::Bound => self.workspace.binding_of(stream.as_str()).map_or(Key::Auto, Key::Bound),
        }
    }

    fn file_of(&self, key: Key) -> Option<PathBuf> {
        match (key, &self.choice) {
            (Key::Bound(index), _) => self.workspace.bindings().into_iter().nth(index).and_then(|bound| bound.file),
            (Key::Chosen, ReducerChoice::File(file)) => Some(PathBuf::from(file)),
            _ => None,
        }
    }

    fn described(&self, key: Key) -> FoldedBy {
        let file = self.file_of(key);
        let streams = match key {
            Key::Bound(index) => self.workspace.bindings().into_iter().nth(index).map(|bound| bound.streams),
            _ => None,
        };
        let carried = self.workspace.carried().filter(|_| key == Key::Carried);
        let kind = match carried.map(|source| source.name.rsplit('.').next().unwrap_or_default()) {
            Some("js" | "mjs" | "cjs") => ReducerKind::JavaScript,
            Some("toml") => ReducerKind::Rules,
            _ => file.as_deref().map_or(ReducerKind::Auto, kind_in),
        };
        FoldedBy {
            kind,
            file: file.map(|file| file.to_string_lossy().into_owned()),
            streams: streams.or_else(|| carried.map(|_| "the bundle".to_owned())),
            ..FoldedBy::default()
        }
    }

    /// Notes how files stand now, also those that are not there yet.
    fn watch(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        for path in files {
            if !self.stamps.iter().any(|(known, _)| *known == path) {
                let stamp = stamp_of(&path);
                self.stamps.push((path, stamp));
            }
        }
    }
}

fn kind_in(file: &Path) -> ReducerKind {
    match kind_of(file) {
        Kind::Rules => ReducerKind::Rules,
        Kind::JavaScript => ReducerKind::JavaScript,
        Kind::Process => ReducerKind::Process,
    }
}

fn loaded(file: &Path) -> Slot {
    match load(file, Consent::Remembered) {
        Loaded::Ready(reducer) => Slot { folding: Some(Folding::new(reducer)), usable: true, trouble: None },
        Loaded::Refused(why) => Slot { trouble: Some(Trouble::Refused(why)), ..Slot::default() },
        Loaded::Unasked(command) => {
            let file = file.to_string_lossy().into_owned();
            Slot { trouble: Some(Trouble::Unasked { file, command }), ..Slot::default() }
        }
    }
}

/// The reducer that a bundle carries, or why it cannot be used.
fn carried(reducer: crate::error::Result<Box<dyn Reducer>>) -> Slot {
    match reducer {
        Ok(reducer) => Slot { folding: Some(Folding::new(reducer)), usable: true, trouble: None },
        Err(error) => Slot { trouble: Some(Trouble::Refused(error.to_string())), ..Slot::default() },
    }
}

fn stamp_of(path: &Path) -> Stamp {
    let data = std::fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}
