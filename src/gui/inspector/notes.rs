//! Notes over the state: what is wrong with its reducer, what the reducer changed in it, what could not be folded.

use egui::{Color32, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Button, Look, Tip, tip};
use crate::gui::{icons, words};
use crate::protocol::{StateAt, Trouble};
use crate::session::{Action, Command, ReducerAction};

/// A note: an icon, a sentence, more of it in the tooltip, and at most one button.
struct Note<'a> {
    icon: char,
    color: Color32,
    fill: Color32,
    text: &'a str,
    help: &'a str,
    button: Option<Button<'a>>,
}

/// Draws the notes that a state has, from the top of `body` on; returns what is left of it.
pub fn notes_ui(ui: &Ui, body: Rect, scene: &Scene<'_>, state: &StateAt, out: &mut Vec<Action>) -> Rect {
    let mut body = body;
    if let Some(trouble) = &state.by.trouble {
        body = trouble_ui(ui, body, scene, trouble, out);
    }
    if state.stream.is_none() && state.exists && scene.session.reducer.together {
        let note = Note {
            icon: icons::WARNING_CIRCLE,
            color: scene.theme.accent,
            fill: scene.theme.bg_hover,
            text: "One state of all events of this scope",
            help: "Folded together, in the order of the log",
            button: Some(Button { text: "By stream", look: Look::Link, ..Button::command(Command::FoldTogether) }),
        };
        let (rest, clicked) = note.show(ui, body, scene);
        body = rest;
        if clicked {
            out.push(Action::Run(Command::FoldTogether));
        }
    }
    if scene.session.reducer.refolded.is_some() {
        body = refolded_ui(ui, body, scene, out);
    }
    if state.faults_total > 0 {
        body = faults_ui(ui, body, scene, state);
    }
    if !state.exists && !scene.session.state.visible().is_empty() && !scene.session.reducer.shows_refolded {
        let note = Note {
            icon: icons::WARNING_CIRCLE,
            color: scene.theme.warn,
            fill: scene.theme.bg_caution,
            text: "It does not exist after this event",
            help: "What was there is shown struck through",
            button: None,
        };
        body = note.show(ui, body, scene).0;
    }
    body
}

fn trouble_ui(ui: &Ui, body: Rect, scene: &Scene<'_>, trouble: &Trouble, out: &mut Vec<Action>) -> Rect {
    let theme = scene.theme;
    let (text, help, command) = match trouble {
        Trouble::Refused(why) => {
            (format!("The reducer cannot be used: {why}"), why.clone(), Some(Command::ReducerAuto))
        }
        Trouble::Outdated(why) => {
            (format!("The saved reducer has a mistake, the text before folds on: {why}"), why.clone(), None)
        }
        Trouble::Unasked { file, command } => (
            format!("The reducer runs a program: {command}"),
            format!("{file} runs {command}"),
            Some(Command::AllowProcess),
        ),
    };
    let label = match command {
        Some(Command::AllowProcess) => "Allow…",
        _ => "Use Auto",
    };
    let button = command.map(|command| Button { text: label, look: Look::Link, ..Button::command(command) });
    let (color, fill) = match trouble {
        Trouble::Refused(_) => (theme.danger, theme.bg_removed),
        _ => (theme.warn, theme.bg_caution),
    };
    let note = Note { icon: icons::WARNING, color, fill, text: &text, help: &help, button };
    let (rest, clicked) = note.show(ui, body, scene);
    if let (true, Some(command)) = (clicked, command) {
        out.push(Action::Run(command));
    }
    rest
}

fn refolded_ui(ui: &Ui, body: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) -> Rect {
    let Some(refolded) = &scene.session.reducer.refolded else { return body };
    let changed = words::count(refolded.lines.changed, "path", "paths");
    let expected = refolded.before == "what the bundle expects";
    let text = if expected && refolded.lines.changed == 0 {
        "This is what the bundle expects".to_owned()
    } else if expected {
        format!("Differs from what the bundle expects: {changed}")
    } else if refolded.lines.changed == 0 {
        "Folded anew, the reducer changed nothing here".to_owned()
    } else {
        format!("Changed by the reducer: {changed}")
    };
    let help = format!("Folded by {} before, by {} now", refolded.before, refolded.now);
    let label = if scene.session.reducer.shows_refolded { "Show the state" } else { "Show them" };
    let words = Tip { name: label, key: "", help: "What the two reducers make of the same events" };
    let button = Button { look: Look::Link, tip: words, ..Button::new(label) };
    let note = Note {
        icon: icons::WARNING_CIRCLE,
        color: scene.theme.warn,
        fill: scene.theme.bg_caution,
        text: &text,
        help: &help,
        button: (refolded.lines.changed > 0).then_some(button),
    };
    let (rest, clicked) = note.show(ui, body, scene);
    if clicked {
        out.push(Action::Reducer(ReducerAction::ToggleRefolded));
    }
    rest
}

fn faults_ui(ui: &Ui, body: Rect, scene: &Scene<'_>, state: &StateAt) -> Rect {
    let first = state.faults.first();
    let place = first.and_then(|fault| fault.version).map(words::thousands);
    let place = place.map(|version| format!(" after version {version}")).unwrap_or_default();
    let many = words::count(state.faults_total, "event", "events");
    let text = format!("State is suspect{place}: {many} could not be folded");
    let help = first.map_or("", |fault| fault.message.as_str());
    let (color, fill) = (scene.theme.warn, scene.theme.bg_caution);
    Note { icon: icons::WARNING, color, fill, text: &text, help, button: None }.show(ui, body, scene).0
}

impl Note<'_> {
    /// Draws it at the top of `body`; returns what is left, and whether its button was clicked.
    fn show(&self, ui: &Ui, body: Rect, scene: &Scene<'_>) -> (Rect, bool) {
        let theme = scene.theme;
        let rect = body.with_max_y(body.top() + height::FOOT);
        let painter = ui.painter();
        painter.rect_filled(rect, 0.0, self.fill);
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, self.color);
        let middle = rect.center().y;
        paint::icon(painter, pos2(rect.left() + 18.0, middle), self.icon, Type::icon_fill(14.0), self.color);
        let mut right = rect.right() - INSET;
        let mut clicked = false;
        let x = rect.left() + 32.0;
        if let Some(button) = &self.button {
            let width = button.width(painter);
            let place = Rect::from_min_size(pos2(right - width, middle - 12.0), vec2(width, 24.0));
            clicked = button.show(ui, place, theme).clicked();
            right = place.left() - 8.0;
        }
        paint::left(painter, x, middle, right - x, Piece::new(self.text, Type::LABEL, theme.text));
        let said = ui.interact(rect.with_max_x(right), ui.scope_id().with(("note", self.text)), Sense::HOVER);
        said.widget_info(|| WidgetInfo::labeled(Role::Alert, true, self.text));
        tip(said, &Tip { name: self.text, key: "", help: self.help }, theme);
        (body.with_min_y(rect.bottom()), clicked)
    }
}
