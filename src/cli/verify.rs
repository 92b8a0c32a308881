//! `verify`: what contradicts itself in a log.

use serde_json::json;

use super::arguments::VerifyArguments;
use super::output::{Align, Answer, Ending, Output, Table, counted};
use crate::store::anchor::Anchor;
use crate::store::verify::{self, Finding};
use crate::store::{self};

/// Prints the findings as they come.
pub fn run(arguments: &VerifyArguments, output: &mut Output) -> Ending {
    let anchor = arguments.anchor.as_deref().map(str::parse::<Anchor>).transpose()?;
    let mut log = store::open(&arguments.log.locator())?;
    let mut table = Table::new(&[
        ("KIND", Align::Left),
        ("STREAM", Align::Left),
        ("VERSION", Align::Right),
        ("DETAIL", Align::Left),
    ]);
    let mut findings = 0;
    let mut halted = None;
    let mut report = |finding: Finding| {
        findings += 1;
        if halted.is_none() {
            let printed = if output.is_json() {
                output.object(&json!({
                    "kind": finding.kind,
                    "stream": finding.stream.as_ref().map(ToString::to_string),
                    "version": finding.version,
                    "detail": finding.detail,
                }))
            } else {
                table.row(
                    output,
                    &[
                        finding.kind.to_owned(),
                        finding.stream.as_ref().map(ToString::to_string).unwrap_or_default(),
                        finding.version.map(|version| version.to_string()).unwrap_or_default(),
                        finding.detail,
                    ],
                )
            };
            halted = printed.err();
        }
    };
    let summary = verify::verify(&mut *log, &mut report)?;
    if let Some(detail) = anchor.map(|anchor| anchor.contradiction(&mut *log)).transpose()?.flatten() {
        report(Finding { kind: "seal", stream: None, version: None, detail });
    }
    if let Some(halt) = halted {
        return Err(halt);
    }
    if !output.is_json() {
        table.end(output)?;
        let found = if findings == 0 { "nothing was found".to_owned() } else { counted(findings, "finding") };
        output.line(format!(
            "{} in {} checked: {found}",
            counted(summary.events, "event"),
            counted(summary.streams, "stream")
        ))?;
        if let Some(newest) = summary.anchor {
            output.line(format!("sealed up to {newest} (kept elsewhere, --anchor checks it)"))?;
        }
        if summary.causes_elsewhere > 0 {
            output.line(format!(
                "None of the {} that metadata names is an event of this log: they name something else, such as commands",
                counted(summary.causes_elsewhere, "cause")
            ))?;
        }
    }
    Ok(if findings == 0 { Answer::Yes } else { Answer::No })
}
