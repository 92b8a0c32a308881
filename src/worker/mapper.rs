//! The mapping page's questions: the tables of a file, what a draft makes of them, and keeping it.

use std::path::Path;
use std::sync::Arc;

use super::{Outlet, rows, sentence};
use crate::error::Result;
use crate::event::{EventBatch, Resume, Scope};
use crate::limits::MAPPING_PREVIEW_EVENTS;
use crate::protocol::{
    Generation, GuessedDraft, MappingDraft, MappingPart, MappingPreview, PartFound, PartVerdict, Reply, Request,
    SurveyAt, TableAt, Ticket,
};
use crate::store::EventLog;
use crate::store::sqlite::survey::{self, MapPart, Verdict};
use crate::store::sqlite::{Columns, Mapping};

/// Answers what is about a mapping.
pub(super) fn hear(outlet: &Outlet, request: &Request) {
    match request {
        Request::Survey { generation, locator } => match surveyed(locator) {
            Ok(survey) => {
                outlet.send(Reply::Surveyed { generation: *generation, survey: Arc::new(survey) });
            }
            Err(error) => outlet.failed(Generation::NONE, &error),
        },
        Request::CheckMapping { generation, ticket, locator, draft } => {
            let preview = Arc::new(checked(locator, draft, *ticket));
            outlet.send(Reply::MappingChecked { generation: *generation, preview });
        }
        Request::SaveMapping { generation, locator, draft, file } => {
            match survey::save(&mapping_of(draft), Path::new(file)) {
                Ok(()) => {
                    let (locator, file) = (locator.clone(), file.clone());
                    outlet.send(Reply::MappingSaved { generation: *generation, locator, file });
                }
                Err(error) => outlet.failed(Generation::NONE, &error.context("cannot keep the mapping")),
            }
        }
        _ => {}
    }
}

/// True where a file that was not opened has tables that somebody could map.
pub(super) fn is_mappable(locator: &str) -> bool {
    survey::survey(locator).is_ok_and(|survey| survey.tables.iter().any(|table| table.rows > 0))
}

fn surveyed(locator: &str) -> Result<SurveyAt> {
    let survey = survey::survey(locator)?;
    let guessed = |(mapping, sure, evidence)| GuessedDraft { draft: draft_of(&mapping), sure, evidence };
    Ok(SurveyAt {
        locator: locator.to_owned(),
        tables: survey
            .tables
            .into_iter()
            .map(|table| TableAt { name: table.name, rows: table.rows, columns: table.columns, paths: table.paths })
            .collect(),
        kept: survey.kept.as_ref().map(draft_of),
        guesses: survey.guesses.into_iter().map(guessed).collect(),
        workspace: survey.workspace.to_string_lossy().into_owned(),
        workspace_exists: survey.workspace_exists,
    })
}

fn checked(locator: &str, draft: &MappingDraft, ticket: Ticket) -> MappingPreview {
    let mapping = mapping_of(draft);
    let checked_rows = survey::CHECKED_ROWS as u64;
    let mut preview = MappingPreview { ticket, checked_rows, ..MappingPreview::default() };
    match survey::check(locator, &mapping) {
        Ok(checks) => {
            preview.parts = checks
                .into_iter()
                .map(|check| PartFound {
                    part: part_of(check.part),
                    first: check.first,
                    verdict: match check.verdict {
                        Verdict::Fine => PartVerdict::Fine,
                        Verdict::Caution => PartVerdict::Caution,
                        Verdict::Wrong => PartVerdict::Wrong,
                        Verdict::Nothing => PartVerdict::Nothing,
                    },
                    text: check.text,
                })
                .collect();
        }
        Err(error) => preview.error = Some(sentence(&error.to_string())),
    }
    match events(locator, &mapping) {
        Ok(events) => preview.events = events,
        Err(error) => preview.error = Some(sentence(&error.to_string())),
    }
    preview
}

fn events(locator: &str, mapping: &Mapping) -> Result<Vec<crate::protocol::EventRow>> {
    let mut log = survey::open_mapped(locator, mapping)?;
    let mut batch = EventBatch::new();
    log.read(&Scope::Log, &Resume::Start, MAPPING_PREVIEW_EVENTS, &mut batch)?;
    let decoder = log.decoder();
    Ok(batch.iter().map(|raw| rows::row(&decoder, &raw)).collect())
}

fn part_of(part: MapPart) -> MappingPart {
    match part {
        MapPart::Stream => MappingPart::Stream,
        MapPart::Version => MappingPart::Version,
        MapPart::Type => MappingPart::Type,
        MapPart::Time => MappingPart::Time,
        MapPart::Payload => MappingPart::Payload,
        MapPart::Order => MappingPart::Order,
        MapPart::Id => MappingPart::Id,
        MapPart::Metadata => MappingPart::Metadata,
    }
}

fn draft_of(mapping: &Mapping) -> MappingDraft {
    MappingDraft {
        table: mapping.table.clone(),
        streams: mapping.stream.all().into_iter().map(str::to_owned).collect(),
        version: mapping.version.clone(),
        event_type: mapping.event_type.clone(),
        time: mapping.time.clone(),
        payload: mapping.payload.clone(),
        order: mapping.order.clone(),
        id: mapping.id.clone(),
        metadata: mapping.metadata.clone(),
    }
}

fn mapping_of(draft: &MappingDraft) -> Mapping {
    let stream = match draft.streams.as_slice() {
        [one] => Columns::One(one.clone()),
        several => Columns::Several(several.to_vec()),
    };
    Mapping {
        table: draft.table.clone(),
        order: draft.order.clone(),
        stream,
        version: draft.version.clone(),
        event_type: draft.event_type.clone(),
        time: draft.time.clone(),
        id: draft.id.clone(),
        payload: draft.payload.clone(),
        metadata: draft.metadata.clone(),
    }
}
