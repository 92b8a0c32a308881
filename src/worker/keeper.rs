//! Settings in the user's configuration folder, and the system's file dialog: what may wait for a person.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::{Outlet, folders, views};
use crate::error::{Error, Result};
use crate::limits::DIALOG_CLOSED_BY_HAND_MS;
use crate::protocol::{Generation, Reply, Request, Settings};

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    for request in requests {
        match request {
            Request::PickFile => {
                let dialog = rfd::FileDialog::new()
                    .set_title("Open an event log")
                    .add_filter("SQLite", &["db", "sqlite", "sqlite3", "db3"])
                    .add_filter("All files", &["*"]);
                let instead =
                    "type the path on the welcome page, drop the file on the window, or start eventscope FILE";
                outlet.send(Reply::Picked(picked(dialog, instead, outlet)));
            }
            Request::PickReducer => {
                let dialog = rfd::FileDialog::new()
                    .set_title("Choose a reducer")
                    .add_filter("Reducers", &["js", "mjs", "cjs", "toml"]);
                let instead = "bind the file to its streams in eventscope.toml";
                outlet.send(Reply::PickedReducer(picked(dialog, instead, outlet)));
            }
            Request::SaveSettings(settings) => {
                if let Err(error) = save(&settings) {
                    outlet.failed(Generation::NONE, &error.context("cannot keep the settings"));
                }
            }
            Request::LoadView { generation, locator } => {
                outlet.send(Reply::View { generation, view: views::load(&locator) });
            }
            Request::KeepView { locator, view } => {
                if let Err(error) = views::keep(&locator, view.as_deref()) {
                    outlet.failed(Generation::NONE, &error.context("cannot keep the view of this log"));
                }
            }
            Request::LoadBookmarks { generation, locator } => match views::bookmarks(&locator) {
                Ok(bookmarks) => {
                    outlet.send(Reply::Bookmarks { generation, bookmarks });
                }
                Err(error) => outlet.failed(generation, &error.context("cannot read the bookmarks")),
            },
            Request::KeepBookmark { generation, locator, bookmark } => {
                if let Err(error) = views::keep_bookmark(&locator, &bookmark) {
                    outlet.failed(generation, &error.context("cannot keep the bookmark"));
                }
            }
            Request::RemoveBookmark { generation, locator, bookmark } => {
                if let Err(error) = views::remove_bookmark(&locator, &bookmark) {
                    outlet.failed(generation, &error.context("cannot remove the bookmark"));
                }
            }
            Request::CacheInfo => {
                outlet.send(Reply::Cache(folders::cache_info()));
            }
            Request::DeleteCache => match folders::delete_cache() {
                Ok(info) => {
                    outlet.send(Reply::Cache(info));
                }
                Err(error) => {
                    outlet.failed(Generation::NONE, &Error::from(error).context("cannot delete the cache"));
                }
            },
            Request::LoadSettings => {
                outlet.send(Reply::Settings(load()));
            }
            _ => {}
        }
    }
}

/// Where settings lie: in `EVENTSCOPE_CONFIG_DIR`, else in `eventscope` in the user's configuration folder.
pub(super) fn folder() -> Option<PathBuf> {
    match std::env::var_os("EVENTSCOPE_CONFIG_DIR") {
        Some(folder) => Some(PathBuf::from(folder)),
        None => Some(dirs::config_dir()?.join("eventscope")),
    }
}

/// Asks the system for a file. Where it has no dialog (no portal, no D-Bus) it answers as if the person had closed one,
/// but sooner than a person can.
fn picked(dialog: rfd::FileDialog, instead: &str, outlet: &Outlet) -> Option<String> {
    let asked = Instant::now();
    let picked = dialog.pick_file();
    if picked.is_none() && asked.elapsed() < Duration::from_millis(DIALOG_CLOSED_BY_HAND_MS) {
        let why = "no file dialog: the system has no portal for one (install xdg-desktop-portal and its part for your desktop)";
        outlet.failed(Generation::NONE, &Error::Other(format!("{why}; {instead}")));
    }
    picked.map(|path| path.to_string_lossy().into_owned())
}

/// The settings file.
fn file() -> Option<PathBuf> {
    Some(folder()?.join("settings.json"))
}

/// Settings that cannot be read are as good as none.
fn load() -> Settings {
    file()
        .and_then(|file| std::fs::read(file).ok())
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

fn save(settings: &Settings) -> Result<()> {
    let Some(file) = file() else { return Ok(()) };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_vec_pretty(settings).map_err(|error| Error::Other(error.to_string()))?;
    // Another window must never read half a file.
    let fresh = file.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&fresh, text)?;
    std::fs::rename(fresh, file)?;
    Ok(())
}
