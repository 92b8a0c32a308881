//! Keeping a snapshot.

use super::{Field, Session, SnapshotDialog};
use crate::protocol::Request;

impl Session {
    pub(super) fn ask_snapshots(&mut self) {
        let Some(stream) = self.stream_on_show().cloned() else { return };
        self.request(Request::Snapshots { generation: self.generation, stream });
    }

    pub(super) fn open_snapshot_dialog(&mut self) {
        if self.log.is_none() {
            return;
        }
        let target = self
            .state
            .shown
            .as_ref()
            .filter(|_| self.state_is_current())
            .and_then(|state| Some((state.stream.clone()?, state.version?)));
        match target {
            Some((stream, version)) => {
                self.snapshot_dialog = Some(SnapshotDialog { stream, version, name: String::new() });
                self.wants_focus = Some(Field::SnapshotName);
            }
            None if self.cursor == 0 => self.say("Nothing to keep before the oldest event: step forward first"),
            None => self.say("The state is being folded: take the snapshot when it is on show"),
        }
    }

    pub(super) fn take_snapshot(&mut self) {
        if let Some(dialog) = self.snapshot_dialog.take() {
            let name = dialog.name.trim();
            let name = if name.is_empty() { None } else { Some(name.to_owned()) };
            self.request(Request::Snapshot {
                generation: self.generation,
                stream: dialog.stream,
                version: dialog.version,
                name,
            });
        }
    }
}
