//! Which key runs which command: the command table's words, matched against what egui heard.

use egui::{Context, Event, Key, Modifiers};

use crate::session::{COMMANDS, Command, Session};

/// A key of the command table: `Ctrl+Shift+F` in parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chord {
    /// Ctrl (Cmd on macOS).
    pub command: bool,
    /// Shift.
    pub shift: bool,
    /// Alt.
    pub alt: bool,
    /// The key.
    pub key: Key,
}

impl Chord {
    /// Reads a key as the command table writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut chord = Self { command: false, shift: false, alt: false, key: Key::A };
        let (modifiers, key) = text.rsplit_once('+').map_or(("", text), |(before, key)| (before, key));
        for modifier in modifiers.split('+').filter(|modifier| !modifier.is_empty()) {
            match modifier {
                "Ctrl" => chord.command = true,
                "Shift" => chord.shift = true,
                "Alt" => chord.alt = true,
                _ => return None,
            }
        }
        chord.key = match key {
            "→" => Key::ArrowRight,
            "←" => Key::ArrowLeft,
            "↑" => Key::ArrowUp,
            "↓" => Key::ArrowDown,
            other => Key::from_name(other)?,
        };
        Some(chord)
    }

    /// True where this key was pressed with these modifiers. A character that needs Shift on some keyboards is heard
    /// with and without it.
    fn hears(self, key: Key, modifiers: Modifiers) -> bool {
        let shift_matters = !matches!(self.key, Key::Questionmark | Key::Plus | Key::Equals | Key::Minus);
        self.key == key
            && self.command == modifiers.command
            && self.alt == modifiers.alt
            && (!shift_matters || self.shift == modifiers.shift)
    }

    /// True where a text field keeps this key for itself.
    fn is_for_typing(self) -> bool {
        let function = Key::F1 as u8 <= self.key as u8 && self.key as u8 <= Key::F12 as u8;
        let edits =
            matches!(self.key, Key::C | Key::Backspace | Key::ArrowLeft | Key::ArrowRight | Key::Home | Key::End);
        let moves_on = self.key == Key::Escape || function;
        !(moves_on || self.alt || self.command && !edits)
    }
}

/// The command that a key runs.
#[must_use]
pub fn command_of(key: Key, modifiers: Modifiers, typing: bool) -> Option<Command> {
    COMMANDS.iter().find_map(|info| {
        let chords = info.keys.iter().filter_map(|text| Chord::parse(text));
        let heard = chords.filter(|chord| chord.hears(key, modifiers)).any(|chord| !typing || !chord.is_for_typing());
        heard.then_some(info.command)
    })
}

/// True where a command may run while a dialog is open.
fn is_for_dialogs(command: Command, session: &Session) -> bool {
    match command {
        Command::Escape | Command::Keys | Command::Theme => true,
        Command::CursorToSelection => {
            let asks = session.snapshot_dialog.is_some() || session.reducer.dialog.is_some();
            asks && !session.keys_open && session.palette.is_none()
        }
        _ => false,
    }
}

/// The commands that were asked for by key in this frame, oldest first.
#[must_use]
pub fn commands(ctx: &Context, session: &Session) -> Vec<Command> {
    let typing = ctx.text_edit_focused();
    let focused = ctx.memory(egui::Memory::focused);
    let dialog = session.has_dialog();
    // Escape belongs to an open menu first.
    let menu = egui::Popup::is_any_open(ctx);
    let heard = ctx.input(|input| {
        let mut heard = Vec::new();
        for event in &input.events {
            match event {
                Event::Key { key, pressed: true, modifiers, .. } => {
                    // A control that has the focus is pressed by Space and Enter.
                    let presses = matches!(key, Key::Space | Key::Enter) && modifiers.is_none();
                    if focused.is_none() || typing || !presses {
                        heard.extend(command_of(*key, *modifiers, typing));
                    }
                }
                // The window system turns Ctrl+C into this.
                Event::Copy if !typing => heard.push(Command::CopyEvent),
                _ => {}
            }
        }
        heard
    });
    heard
        .into_iter()
        .filter(|command| !menu || *command != Command::Escape)
        .filter(|command| !dialog || is_for_dialogs(*command, session))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_command_table_is_understood() {
        for info in COMMANDS {
            for text in info.keys {
                let chord = Chord::parse(text).unwrap_or_else(|| panic!("{:?}: {text}", info.command));
                let mut modifiers = Modifiers { alt: chord.alt, shift: chord.shift, ..Modifiers::NONE };
                if chord.command {
                    modifiers = modifiers | Modifiers::COMMAND | Modifiers::CTRL;
                }
                assert_eq!(command_of(chord.key, modifiers, false), Some(info.command), "{text}");
            }
        }
    }

    #[test]
    fn letters_arrows_and_editing_keys_belong_to_a_text_field() {
        for (key, modifiers) in [
            (Key::S, Modifiers::NONE),
            (Key::ArrowLeft, Modifiers::NONE),
            (Key::Home, Modifiers::NONE),
            (Key::Space, Modifiers::NONE),
            (Key::Questionmark, Modifiers::SHIFT),
            (Key::Backspace, Modifiers::COMMAND | Modifiers::CTRL),
            (Key::C, Modifiers::COMMAND | Modifiers::CTRL),
        ] {
            assert_eq!(command_of(key, modifiers, true), None, "{key:?}");
        }
        assert_eq!(command_of(Key::Escape, Modifiers::NONE, true), Some(Command::Escape));
        assert_eq!(command_of(Key::F1, Modifiers::NONE, true), Some(Command::Keys));
        assert_eq!(command_of(Key::O, Modifiers::COMMAND | Modifiers::CTRL, true), Some(Command::OpenFile));
    }

    #[test]
    fn nonsense_is_no_key() {
        for text in ["", "Ctrl+", "Hyper+A", "NoSuchKey"] {
            assert_eq!(Chord::parse(text), None, "{text}");
        }
    }
}
