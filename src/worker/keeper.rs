//! Settings in the user's configuration folder, and the system's file dialog: what may wait for a person.

use std::path::PathBuf;

use crossbeam_channel::Receiver;

use super::Outlet;
use crate::error::Result;
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
            Request::LoadSettings => {
                outlet.send(Reply::Settings(load()));
            }
            _ => {}
        }
    }
}

/// The settings file: in `EVENTSCOPE_CONFIG_DIR`, else `eventscope` in the user's configuration folder.
fn file() -> Option<PathBuf> {
    let folder = match std::env::var_os("EVENTSCOPE_CONFIG_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => dirs::config_dir()?.join("eventscope"),
    };
    Some(folder.join("settings.json"))
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
