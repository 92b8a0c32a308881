//! Which key runs which command: the command table's words, matched against what egui heard.

use egui::{Context, Event, Key, Modifiers};

use crate::session::{Command, Keymap, Session};

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
    #[cfg(test)]
    fn parse(text: &str) -> Option<Self> {
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

    /// What was pressed. A character that needs Shift on some keyboards is the same with and without it.
    #[must_use]
    pub fn pressed(key: Key, modifiers: Modifiers) -> Self {
        let shift_matters = !matches!(key, Key::Questionmark | Key::Plus | Key::Equals | Key::Minus);
        Self { command: modifiers.command, shift: modifiers.shift && shift_matters, alt: modifiers.alt, key }
    }

    /// As the command table writes it.
    #[must_use]
    pub fn text(self) -> String {
        let mut text = String::new();
        for (held, name) in [(self.command, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if held {
                text.push_str(name);
            }
        }
        text.push_str(match self.key {
            Key::ArrowRight => "→",
            Key::ArrowLeft => "←",
            Key::ArrowUp => "↑",
            Key::ArrowDown => "↓",
            Key::Plus | Key::Minus => self.key.name(),
            key if key.symbol_or_name().is_ascii() => key.symbol_or_name(),
            key => key.name(),
        });
        text
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
pub fn command_of(key: Key, modifiers: Modifiers, typing: bool, keys: &Keymap) -> Option<Command> {
    let chord = Chord::pressed(key, modifiers);
    if typing && chord.is_for_typing() {
        return None;
    }
    keys.command(&chord.text())
}

/// The key that was pressed in this frame for the command that waits for one, as the command table writes it. Keys that
/// are pressed then run nothing.
#[must_use]
pub fn captured(ctx: &Context) -> Option<String> {
    ctx.input_mut(|input| {
        let mut captured = None;
        input.events.retain(|event| match event {
            Event::Key { key, pressed: true, modifiers, .. } => {
                captured.get_or_insert_with(|| Chord::pressed(*key, *modifiers).text());
                false
            }
            Event::Copy | Event::Cut | Event::Paste(_) => {
                let key = match event {
                    Event::Copy => "Ctrl+C",
                    Event::Cut => "Ctrl+X",
                    _ => "Ctrl+V",
                };
                captured.get_or_insert_with(|| key.to_owned());
                false
            }
            Event::Text(_) => false,
            _ => true,
        });
        captured
    })
}

/// A key with Ctrl or Alt, or a function key, that was pressed while something is typed into the key sheet's field.
#[must_use]
pub fn looked_for(ctx: &Context) -> Option<String> {
    ctx.input(|input| {
        input.events.iter().find_map(|event| match event {
            Event::Key { key, pressed: true, modifiers, .. } => {
                let chord = Chord::pressed(*key, *modifiers);
                let wanted = !chord.is_for_typing() && *key != Key::Escape;
                wanted.then(|| chord.text())
            }
            _ => None,
        })
    })
}

/// True where a command may run while a dialog is open.
fn is_for_dialogs(command: Command, session: &Session) -> bool {
    match command {
        Command::Escape
        | Command::Keys
        | Command::Theme
        | Command::TextLarger
        | Command::TextSmaller
        | Command::Times => true,
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
                        heard.extend(command_of(*key, *modifiers, typing, &session.keys));
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
    use crate::session::COMMANDS;

    #[test]
    fn every_key_of_the_command_table_is_understood() {
        for info in COMMANDS {
            for text in info.keys {
                let chord = Chord::parse(text).unwrap_or_else(|| panic!("{:?}: {text}", info.command));
                let mut modifiers = Modifiers { alt: chord.alt, shift: chord.shift, ..Modifiers::NONE };
                if chord.command {
                    modifiers = modifiers | Modifiers::COMMAND | Modifiers::CTRL;
                }
                assert_eq!(command_of(chord.key, modifiers, false, &Keymap::default()), Some(info.command), "{text}");
                assert_eq!(chord.text(), *text, "it is written in one way");
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
            assert_eq!(command_of(key, modifiers, true, &Keymap::default()), None, "{key:?}");
        }
        let typed = |key, modifiers| command_of(key, modifiers, true, &Keymap::default());
        assert_eq!(typed(Key::Escape, Modifiers::NONE), Some(Command::Escape));
        assert_eq!(typed(Key::F1, Modifiers::NONE), Some(Command::Keys));
        assert_eq!(typed(Key::O, Modifiers::COMMAND | Modifiers::CTRL), Some(Command::OpenFile));
    }

    #[test]
    fn nonsense_is_no_key() {
        for text in ["", "Ctrl+", "Hyper+A", "NoSuchKey"] {
            assert_eq!(Chord::parse(text), None, "{text}");
        }
    }
}
