//! The mapping page: which column of an unknown table plays which part, with what comes of it.

use std::sync::Arc;

use super::Session;
use crate::locator::Locator;
use crate::protocol::{MappingDraft, MappingPart, MappingPreview, PartVerdict, Request, SurveyAt, Ticket};

/// The mapping page.
#[derive(Clone, Debug)]
pub struct MappingPane {
    /// The tables of the file.
    pub survey: Arc<SurveyAt>,
    /// What was chosen.
    pub draft: MappingDraft,
    /// What comes of it; of an older draft while the new one is looked at.
    pub preview: Option<Arc<MappingPreview>>,
    /// The chosen part.
    pub part: MappingPart,
    /// True from the moment that somebody asked to open the log until its mapping is kept.
    pub opens: bool,
    ticket: Ticket,
}

/// What a person does on the mapping page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MappingAction {
    /// Look at the tables of this file.
    Open(String),
    /// Map this table.
    ChooseTable(String),
    /// Look at a part.
    ChoosePart(MappingPart),
    /// Let a column play a part, or none.
    Set {
        /// The part.
        part: MappingPart,
        /// The column, or a path into its JSON.
        column: Option<String>,
    },
    /// Keep the mapping in the workspace file.
    Save,
    /// Keep it, and open the log by it.
    SaveAndOpen,
    /// Leave the page.
    Close,
}

impl MappingPane {
    /// True where the preview is of what is chosen now.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.preview.as_ref().is_some_and(|preview| preview.ticket == self.ticket)
    }

    /// True where a log can be opened by it.
    #[must_use]
    pub fn can_open(&self) -> bool {
        let is_fine = |preview: &Arc<MappingPreview>| {
            preview.error.is_none() && preview.parts.iter().all(|found| found.verdict != PartVerdict::Wrong)
        };
        self.is_current() && self.preview.as_ref().is_some_and(is_fine)
    }

    /// How sure the guess of the chosen table is, with what it rests on, where it is the guess.
    #[must_use]
    pub fn guess(&self) -> Option<&crate::protocol::GuessedDraft> {
        self.survey.guesses.iter().find(|guess| guess.draft.table == self.draft.table)
    }
}

impl Session {
    pub(super) fn apply_mapping(&mut self, action: MappingAction) {
        match action {
            MappingAction::Open(locator) => {
                self.request(Request::Survey { generation: self.generation, locator });
            }
            MappingAction::ChooseTable(table) => {
                self.change_draft(|pane| {
                    let guess = pane.survey.guesses.iter().find(|guess| guess.draft.table == table);
                    pane.draft = guess.map_or_else(|| MappingDraft::of_table(&table), |guess| guess.draft.clone());
                });
            }
            MappingAction::ChoosePart(part) => {
                if let Some(pane) = &mut self.mapping {
                    pane.part = part;
                }
            }
            MappingAction::Set { part, column } => {
                self.change_draft(|pane| {
                    pane.part = part;
                    pane.draft.choose(part, column.as_deref());
                });
            }
            MappingAction::Save => self.keep_mapping(false),
            MappingAction::SaveAndOpen => self.keep_mapping(true),
            MappingAction::Close => self.mapping = None,
        }
    }

    /// Opens the page for the file that could not be opened, else for the log that is open.
    pub(super) fn map_tables(&mut self) {
        let open = self.log.as_ref().filter(|log| log.info.read_only).map(|log| log.info.locator.clone());
        match self.mappable.clone().or(open) {
            Some(locator) => self.apply_mapping(MappingAction::Open(locator)),
            None => self.say("Only the tables of a log that Eventscope did not make can be mapped"),
        }
    }

    fn change_draft(&mut self, change: impl FnOnce(&mut MappingPane)) {
        let Some(pane) = &mut self.mapping else { return };
        change(pane);
        self.check_draft();
    }

    fn check_draft(&mut self) {
        self.mapping_ticket.0 += 1;
        let ticket = self.mapping_ticket;
        let Some(pane) = &mut self.mapping else { return };
        pane.ticket = ticket;
        let (locator, draft) = (pane.survey.locator.clone(), pane.draft.clone());
        self.request(Request::CheckMapping { generation: self.generation, ticket, locator, draft });
    }

    fn keep_mapping(&mut self, opens: bool) {
        let Some(pane) = self.mapping.as_mut().filter(|pane| pane.can_open()) else { return };
        pane.opens = opens;
        let (locator, draft, file) = (pane.survey.locator.clone(), pane.draft.clone(), pane.survey.workspace.clone());
        self.request(Request::SaveMapping { generation: self.generation, locator, draft, file });
    }

    pub(super) fn absorb_survey(&mut self, survey: Arc<SurveyAt>) {
        let guess = survey.guesses.first().map(|guess| guess.draft.clone());
        let first = || MappingDraft::of_table(survey.tables.first().map_or("", |table| table.name.as_str()));
        let draft = survey.kept.clone().or(guess).unwrap_or_else(first);
        self.mapping = Some(MappingPane {
            survey,
            draft,
            preview: None,
            part: MappingPart::Stream,
            opens: false,
            ticket: Ticket::default(),
        });
        self.check_draft();
    }

    pub(super) fn absorb_mapping_checked(&mut self, preview: Arc<MappingPreview>) {
        if let Some(pane) = self.mapping.as_mut().filter(|pane| preview.ticket <= pane.ticket) {
            let is_newer = pane.preview.as_ref().is_none_or(|shown| shown.ticket <= preview.ticket);
            if is_newer {
                pane.preview = Some(preview);
            }
        }
    }

    pub(super) fn absorb_mapping_saved(&mut self, locator: &str, file: &str) {
        let Some(pane) = self.mapping.as_mut().filter(|pane| pane.survey.locator == locator) else { return };
        if !pane.opens {
            self.say(format!("The mapping is kept in {file}"));
            return;
        }
        let place = Locator::parse(locator);
        // The first mapping of the file holds; another one is asked for by its table.
        let is_first = pane.survey.kept.as_ref().is_none_or(|kept| kept.table == pane.draft.table);
        let place = if is_first { place } else { place.with_table(&pane.draft.table) };
        self.mapping = None;
        self.apply(super::Action::Open(place.to_string()));
    }
}
