//! The palette: every command by its name, streams by `@`, versions, positions and times by `:`.

use super::{Action, COMMANDS, CommandInfo, Field, Session};
use crate::event::{Scope, Seq, Time};
use crate::log::{At, StreamInfo, StreamPage};
use crate::protocol::Request;

/// Entries that the palette lists at most.
const ENTRIES_MAX: usize = 200;
/// Streams that it asks for.
pub(super) const STREAMS_ASKED: u32 = 20;

/// The palette while it is open.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What was typed.
    pub text: String,
    /// The entry that Enter runs.
    pub chosen: usize,
    pub(super) streams: Vec<StreamInfo>,
}

/// One thing that the palette offers.
#[derive(Clone, Debug)]
pub enum Entry<'a> {
    /// A command, and which characters of its label were matched.
    Command(&'static CommandInfo, Vec<usize>),
    /// A stream.
    Stream(&'a StreamInfo),
    /// A place in the scope, in words.
    Place(At, String),
}

impl Palette {
    /// What is offered for what was typed, the best first.
    #[must_use]
    pub fn entries(&self, scope: &Scope) -> Vec<Entry<'_>> {
        let text = self.text.trim();
        if text.starts_with('@') {
            return self.streams.iter().map(Entry::Stream).collect();
        }
        if let Some(text) = text.strip_prefix(':') {
            return place(text.trim(), scope).into_iter().collect();
        }
        let mut found: Vec<(u32, Entry<'_>)> = COMMANDS
            .iter()
            .filter_map(|info| matched(text, info.label).map(|(cost, places)| (cost, Entry::Command(info, places))))
            .collect();
        found.sort_by_key(|(cost, _)| *cost);
        found.into_iter().map(|(_, entry)| entry).take(ENTRIES_MAX).collect()
    }

    /// The text that streams are asked for by, where the palette wants streams.
    pub(super) fn stream_text(&self) -> Option<&str> {
        self.text.trim().strip_prefix('@').map(str::trim)
    }
}

impl Session {
    pub(super) fn open_palette(&mut self, text: String) {
        self.palette = Some(Palette { text, ..Palette::default() });
        self.wants_focus = Some(Field::Palette);
    }

    pub(super) fn set_palette_text(&mut self, text: String) {
        let Some(palette) = &mut self.palette else { return };
        palette.text = text;
        palette.chosen = 0;
        let Some(contains) = palette.stream_text().map(str::to_owned) else { return };
        palette.streams.clear();
        if self.log.is_some() {
            let page = StreamPage { category: None, contains: Some(contains), after: None, limit: STREAMS_ASKED };
            self.request(Request::Streams { generation: self.generation, page });
        }
    }

    /// Takes streams that the palette asked for; false where it did not.
    pub(super) fn absorb_palette_streams(&mut self, page: &StreamPage, streams: &[StreamInfo]) -> bool {
        if page.limit != STREAMS_ASKED {
            return false;
        }
        if let Some(palette) = &mut self.palette
            && palette.stream_text() == page.contains.as_deref()
        {
            palette.streams = streams.to_vec();
        }
        true
    }

    pub(super) fn move_palette(&mut self, by: isize) {
        let Some(palette) = &mut self.palette else { return };
        let last = palette.entries(&self.scope).len().saturating_sub(1);
        palette.chosen = palette.chosen.saturating_add_signed(by).min(last);
    }

    pub(super) fn choose_palette(&mut self, index: Option<usize>) {
        let Some(palette) = self.palette.take() else { return };
        let entries = palette.entries(&self.scope);
        let action = match entries.get(index.unwrap_or(palette.chosen)) {
            Some(Entry::Command(info, _)) => Action::Run(info.command),
            Some(Entry::Stream(stream)) => Action::ChooseScope(Scope::Stream(stream.stream.clone())),
            Some(Entry::Place(at, _)) => {
                let at = at.clone();
                self.request(Request::Locate { generation: self.generation, scope: self.scope.clone(), at });
                return;
            }
            // Nothing is offered: the palette stays.
            None => {
                self.palette = Some(palette);
                return;
            }
        };
        self.apply(action);
    }
}

/// A version (in a stream), a position (elsewhere), or a time.
fn place<'a>(text: &str, scope: &Scope) -> Option<Entry<'a>> {
    let digits: String = text.chars().filter(|character| !matches!(character, ',' | ' ' | '_')).collect();
    if let Ok(number) = digits.parse::<i64>() {
        return Some(match scope {
            Scope::Stream(_) => Entry::Place(At::Version(number), format!("Go to version {number}")),
            Scope::Log | Scope::Category(_) => {
                Entry::Place(At::Seq(Seq::Number(number)), format!("Go to position {number}"))
            }
        });
    }
    let time = Time::parse(text)?;
    Some(Entry::Place(At::Time(time), format!("Go to {time}")))
}

/// How well a label matches, less being better, and which of its characters do: all letters of the text in order.
fn matched(text: &str, label: &str) -> Option<(u32, Vec<usize>)> {
    let wanted: Vec<char> =
        text.chars().flat_map(char::to_lowercase).filter(|letter| !letter.is_whitespace()).collect();
    let letters: Vec<char> = label.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect();
    // The best run of letters decides: every start is tried, labels are short.
    let starts = if wanted.is_empty() { vec![0] } else { (0..letters.len()).collect() };
    starts.into_iter().filter_map(|start| matched_from(&wanted, &letters, start)).min_by_key(|(cost, _)| *cost)
}

fn matched_from(wanted: &[char], letters: &[char], start: usize) -> Option<(u32, Vec<usize>)> {
    let mut places = Vec::with_capacity(wanted.len());
    let (mut at, mut cost) = (start, 0);
    for letter in wanted {
        let found = letters.iter().enumerate().skip(at).find(|(_, candidate)| *candidate == letter)?.0;
        let begins_word = found == 0 || !letters[found - 1].is_alphanumeric();
        if !begins_word {
            // A gap costs as much as it is wide, a start inside of a word costs a little.
            cost += if places.is_empty() { 10 } else { u32::try_from(found - at).unwrap_or(u32::MAX).min(100) * 3 };
        } else if !places.is_empty() {
            cost += 1;
        }
        places.push(found);
        at = found + 1;
    }
    let first = places.first().copied().unwrap_or(0);
    Some((cost * 100 + u32::try_from(first).unwrap_or(0), places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Command;

    fn first(text: &str) -> Option<Command> {
        let palette = Palette { text: text.to_owned(), ..Palette::default() };
        match palette.entries(&Scope::Log).first() {
            Some(Entry::Command(info, _)) => Some(info.command),
            _ => None,
        }
    }

    #[test]
    fn a_few_letters_find_the_command() {
        for (text, command) in [
            ("snap", Command::Snapshot),
            ("step b", Command::StepBack),
            ("sb", Command::StepBack),
            ("old", Command::Oldest),
            ("WHOLE", Command::WholeLog),
            ("pl", Command::PlayPause),
            ("event", Command::TabEvent),
        ] {
            assert_eq!(first(text), Some(command), "{text}");
        }
        assert_eq!(first("xyzzy"), None);
    }

    #[test]
    fn without_text_every_command_is_offered() {
        assert_eq!(Palette::default().entries(&Scope::Log).len(), COMMANDS.len());
    }

    #[test]
    fn a_colon_leads_to_a_version_a_position_or_a_time() {
        let place = |text: &str, scope: &Scope| {
            let palette = Palette { text: text.to_owned(), ..Palette::default() };
            match palette.entries(scope).as_slice() {
                [Entry::Place(at, _)] => Some(at.clone()),
                _ => None,
            }
        };
        let stream = Scope::Stream("a-1".into());
        assert_eq!(place(":31,406", &stream), Some(At::Version(31_406)));
        assert_eq!(place(": 12", &Scope::Log), Some(At::Seq(Seq::Number(12))));
        assert_eq!(place(":2026-07-19T14:32:29Z", &stream), Time::parse("2026-07-19T14:32:29Z").map(At::Time));
        assert_eq!(place(":soon", &stream), None);
    }
}
