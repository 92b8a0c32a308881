//! A command with what its field asks for, as one: what a person would type after it.

use super::{Action, BreakpointAction, Command, FindAction, ReducerAction, SearchAction};

impl Command {
    /// What runs this command and fills in its field; `None` where it asks for nothing.
    #[must_use]
    pub fn typed(self, text: &str) -> Option<Vec<Action>> {
        let text = || text.to_owned();
        let run = Action::Run(self);
        Some(match self {
            Self::Find => vec![run, Action::Find(FindAction::SetText(text())), Action::Find(FindAction::Start)],
            Self::BreakWhen => {
                let draft = BreakpointAction::SetDraft(text());
                vec![run, Action::Breakpoint(draft), Action::Breakpoint(BreakpointAction::Add)]
            }
            Self::Pin | Self::BlameEarlier | Self::NextChange | Self::ChangeBefore => {
                vec![Action::SelectPath(text()), run]
            }
            Self::TabBlame => vec![Action::BlamePath(text())],
            Self::ReducerFile => {
                let path = ReducerAction::SetPath(text());
                vec![run, Action::Reducer(path), Action::Reducer(ReducerAction::Confirm)]
            }
            Self::FilterPaths => vec![run, Action::SetPathFilter(text())],
            Self::Search | Self::FilterEvents => {
                vec![run, Action::Search(SearchAction::SetText(text())), Action::Search(SearchAction::Start)]
            }
            Self::FilterStreams => vec![run, Action::SetStreamFilter(text())],
            Self::Palette => vec![run, Action::SetPaletteText(text())],
            _ => return None,
        })
    }
}
