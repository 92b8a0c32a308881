//! Settings in the user's configuration folder, and the system's file dialog: what may wait for a person.

use std::path::PathBuf;

use crossbeam_channel::Receiver;

use super::{Outlet, folders, views};
use crate::error::{Error, Result};
use crate::protocol::{Generation, Reply, Request, Settings};

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    for request in requests {
        match request {
            Request::PickFile => {
                let picked = rfd::FileDialog::new()
                    .set_title("Open an event log")
                    .add_filter("SQLite", &["db", "sqlite", "sqlite3", "db3"])
                    .add_filter("All files", &["*"])
                    .pick_file();
                outlet.send(Reply::Picked(picked.map(|path| path.to_string_lossy().into_owned())));
            }
            Request::PickReducer => {
                let picked = rfd::FileDialog::new()
                    .set_title("Choose a reducer")
                    .add_filter("Reducers", &["js", "mjs", "cjs", "toml"])
                    .pick_file();
                outlet.send(Reply::PickedReducer(picked.map(|path| path.to_string_lossy().into_owned())));
            }
            Request::SaveSettings(settings) => {
                if let Err(error) = save(&settings) {
                    outlet.failed(Generation(u64::MAX), &error.context("cannot keep the settings"));
                }
            }
            Request::LoadView { generation, locator } => {
                outlet.send(Reply::View { generation, view: views::load(&locator) });
            }
            Request::KeepView { locator, view } => {
                if let Err(error) = views::keep(&locator, view.as_ref()) {
                    outlet.failed(Generation(u64::MAX), &error.context("cannot keep the view of this log"));
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
                    outlet.failed(Generation(u64::MAX), &Error::from(error).context("cannot delete the cache"))
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
    let text = serde_json::to_vec_pretty(settings).map_err(|error| crate::error::Error::Other(error.to_string()))?;
    // Another window must never read half a file.
    let fresh = file.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&fresh, text)?;
    std::fs::rename(fresh, file)?;
    Ok(())
}
