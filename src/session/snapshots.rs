//! Keeping a snapshot.

use std::sync::Arc;

use super::{Field, Session, SnapshotDialog, Tab};
use crate::log::At;
use crate::protocol::{AuditAt, AuditRow, Request, Ticket};

/// The audit of the snapshots on show.
#[derive(Clone, Debug, Default)]
pub struct AuditPane {
    /// The newest answer; it may be of another stream or reducer.
    pub shown: Option<Arc<AuditAt>>,
    /// The snapshot whose difference is open: version and source.
    pub open: Option<(i64, String)>,
    /// True where the snapshots of libraries are listed one by one.
    pub libraries_open: bool,
    ticket: Option<Ticket>,
}

/// What a person does with snapshots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditAction {
    /// Open a snapshot to see how it differs, or close it.
    Toggle(i64, String),
    /// List the snapshots of libraries one by one, or as one.
    ToggleLibraries,
}

impl Session {
    pub(super) fn ask_snapshots(&mut self) {
        let Some(stream) = self.stream_on_show().cloned() else { return };
        self.request(Request::Snapshots { generation: self.generation, stream });
    }

    pub(super) fn open_snapshot_dialog(&mut self) {
        if self.log.is_none() {
            return;
        }
        if self.is_sandbox() {
            self.say("Leave the sandbox first: nothing of it is kept");
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

    pub(super) fn apply_audit(&mut self, action: AuditAction) {
        match action {
            AuditAction::Toggle(version, source) => {
                let one = Some((version, source));
                self.audit.open = if self.audit.open == one { None } else { one };
            }
            AuditAction::ToggleLibraries => self.audit.libraries_open = !self.audit.libraries_open,
        }
    }

    /// Folds the stream on show from its first event and compares its snapshots.
    pub(super) fn verify_snapshots(&mut self) {
        let Some(stream) = self.stream_on_show().cloned() else {
            self.say("Choose a stream first: its snapshots are then compared with a fold");
            return;
        };
        self.tab = Tab::Snapshots;
        self.ask_snapshots();
        let ticket = self.next_task();
        self.audit.ticket = Some(ticket);
        self.request(Request::Audit { generation: self.generation, ticket, stream });
    }

    /// True while an audit is on its way.
    #[must_use]
    pub fn is_auditing(&self) -> bool {
        self.audit.ticket.is_some()
    }

    pub(super) fn stop_audit(&mut self) {
        if self.audit.ticket.take().is_some() {
            self.stop_task();
        }
    }

    /// An audit that was under way gives way to a newer task.
    pub(super) fn forget_audit(&mut self) {
        self.audit.ticket = None;
    }

    pub(super) fn absorb_audit(&mut self, audit: Arc<AuditAt>) {
        if self.audit.ticket == Some(audit.ticket) {
            self.audit.ticket = None;
            self.audit.shown = Some(audit);
        }
    }

    /// The audit of the stream on show, by the reducer that folds it now.
    #[must_use]
    pub fn audit_on_show(&self) -> Option<&Arc<AuditAt>> {
        let stream = self.stream_on_show();
        let shown = self.audit.shown.as_ref()?;
        (Some(&shown.stream) == stream && (shown.refused.is_some() || self.is_of_reducer(&shown.reducer)))
            .then_some(shown)
    }

    /// What the audit found of a snapshot.
    #[must_use]
    pub fn audited(&self, version: i64, source: &str) -> Option<&AuditRow> {
        self.audit_on_show()?.rows.iter().find(|row| row.version == version && row.source == source)
    }

    /// Moves the cursor to the next snapshot of the stream, or to the one before.
    pub(super) fn walk_snapshots(&mut self, forward: bool) {
        let here = self.state.shown.as_ref().and_then(|state| state.version);
        let found =
            self.snapshots.as_ref().filter(|(stream, _)| self.scope.stream() == Some(stream)).and_then(|(_, all)| {
                let mut versions = all.iter().map(|snapshot| snapshot.version);
                if forward {
                    versions.find(|version| here.is_none_or(|here| *version > here))
                } else {
                    versions.rfind(|version| here.is_none_or(|here| *version < here))
                }
            });
        match found {
            Some(version) => {
                let (generation, scope) = (self.generation, self.scope.clone());
                self.request(Request::Locate { generation, scope, at: At::Version(version) });
            }
            None => self.say("There is no snapshot further on: S takes one at the cursor"),
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
