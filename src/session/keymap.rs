//! The keys of the commands as the person has them: the table's, or their own. No key ever serves two commands.

use std::collections::BTreeMap;

use super::{COMMANDS, Command, Session};
use crate::protocol::Request;

/// Keys that a command may have.
const KEYS_MAX: usize = 4;

/// The keys that a person has given to commands, in place of the table's.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Keymap {
    own: BTreeMap<String, Vec<String>>,
}

impl Keymap {
    /// The map that was kept: what names no command, or a key that another command has been given, is left out.
    #[must_use]
    pub fn kept(own: &BTreeMap<String, Vec<String>>) -> Self {
        let mut map = Self::default();
        for (name, keys) in own {
            let Some(command) = Command::named(name) else { continue };
            let free = keys.iter().filter(|key| map.owner(key).is_none() && !is_reserved(key));
            let free: Vec<String> = free.take(KEYS_MAX).cloned().collect();
            map.own.insert(command.name(), free);
        }
        map
    }

    /// As it is to be kept: the keys of each command that has its own, by the command's name.
    #[must_use]
    pub fn own(&self) -> &BTreeMap<String, Vec<String>> {
        &self.own
    }

    /// The keys of a command, the one that is shown first. Empty where it has none.
    #[must_use]
    pub fn keys(&self, command: Command) -> Vec<&str> {
        match self.own.get(&command.name()) {
            Some(keys) => keys.iter().map(String::as_str).collect(),
            None => command.info().keys.iter().copied().filter(|key| self.owner(key).is_none()).collect(),
        }
    }

    /// True where the person has chosen the keys of this command.
    #[must_use]
    pub fn is_own(&self, command: Command) -> bool {
        self.own.contains_key(&command.name())
    }

    /// How many commands have keys of the person's own.
    #[must_use]
    pub fn own_count(&self) -> usize {
        self.own.len()
    }

    /// The command that a key runs.
    #[must_use]
    pub fn command(&self, key: &str) -> Option<Command> {
        self.owner(key).or_else(|| {
            let listed = COMMANDS.iter().find(|info| info.keys.contains(&key))?;
            (!self.is_own(listed.command)).then_some(listed.command)
        })
    }

    /// Gives a key to a command, in place of those that it has. Whoever had it goes without.
    fn give(&mut self, command: Command, key: &str) {
        if let Some(holder) = self.command(key).filter(|holder| *holder != command) {
            let left = self.keys(holder).into_iter().filter(|other| *other != key).map(str::to_owned).collect();
            self.own.insert(holder.name(), left);
        }
        self.own.insert(command.name(), vec![key.to_owned()]);
        self.forget_what_is_the_table_s();
    }

    /// Gives the table's keys back to a command, and with them to whoever they had been taken from.
    fn reset(&mut self, command: Command) {
        self.own.remove(&command.name());
        for key in command.info().keys {
            if let Some(holder) = self.owner(key) {
                self.own.remove(&holder.name());
            }
        }
        self.forget_what_is_the_table_s();
    }

    /// The command that was given this key by the person.
    fn owner(&self, key: &str) -> Option<Command> {
        let (name, _) = self.own.iter().find(|(_, keys)| keys.iter().any(|own| own == key))?;
        Command::named(name)
    }

    fn forget_what_is_the_table_s(&mut self) {
        self.own
            .retain(|name, keys| Command::named(name).is_some_and(|command| command.info().keys != keys.as_slice()));
    }
}

/// Escape closes what is open, always.
fn is_reserved(key: &str) -> bool {
    key == "Escape"
}

/// The key sheet: what is looked for in it, and the command that is being given a key.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeysSheet {
    /// A part of a label, or a key.
    pub find: String,
    /// True where only commands with keys of the person's own are listed.
    pub changed: bool,
    /// The command that the next key is given to.
    pub capture: Option<Command>,
    /// The key that was pressed for it and that another command has, until the person has decided.
    pub clash: Option<(String, Command)>,
}

impl KeysSheet {
    /// True where the sheet lists this command.
    #[must_use]
    pub fn lists(&self, command: Command, keys: &Keymap) -> bool {
        let wanted = self.find.trim().to_lowercase();
        let found = wanted.is_empty()
            || command.label().to_lowercase().contains(&wanted)
            || keys.keys(command).iter().any(|key| key.to_lowercase() == wanted);
        found && (!self.changed || keys.is_own(command))
    }
}

impl Session {
    /// Waits for a key for this command, or for none any more.
    pub(super) fn capture_key(&mut self, command: Option<Command>) {
        self.keys_sheet.capture = command.filter(|command| *command != Command::Escape);
        self.keys_sheet.clash = None;
    }

    /// A key was pressed for the command that waits for one.
    pub(super) fn give_key(&mut self, key: &str) {
        let Some(command) = self.keys_sheet.capture else { return };
        if is_reserved(key) {
            self.capture_key(None);
            return;
        }
        match self.keys.command(key).filter(|holder| *holder != command) {
            Some(holder) => self.keys_sheet.clash = Some((key.to_owned(), holder)),
            None => self.bind(command, key),
        }
    }

    /// Takes the key that clashed from the command that has it.
    pub(super) fn take_key(&mut self) {
        if let (Some(command), Some((key, _))) = (self.keys_sheet.capture, self.keys_sheet.clash.clone()) {
            self.bind(command, &key);
        }
    }

    fn bind(&mut self, command: Command, key: &str) {
        self.keys.give(command, key);
        self.capture_key(None);
        self.keep_settings();
    }

    /// Gives a command the table's keys back.
    pub(super) fn reset_key(&mut self, command: Command) {
        self.keys.reset(command);
        self.keep_settings();
    }

    /// Gives every command the table's keys back.
    pub(super) fn reset_keys(&mut self) {
        self.keys = Keymap::default();
        self.keys_sheet.changed = false;
        self.keep_settings();
    }

    /// Keeps the settings for the next start.
    pub(super) fn keep_settings(&mut self) {
        let settings = self.settings();
        self.request(Request::SaveSettings(settings));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_keys(map: &Keymap) -> Vec<(String, Command)> {
        let of = |command| map.keys(command).into_iter().map(move |key| (key.to_owned(), command)).collect::<Vec<_>>();
        COMMANDS.iter().flat_map(|info| of(info.command)).collect()
    }

    fn no_key_serves_two(map: &Keymap) {
        let mut seen = BTreeMap::new();
        for (key, command) in all_keys(map) {
            assert_eq!(map.command(&key), Some(command), "{key}");
            assert_eq!(seen.insert(key.clone(), command), None, "{key}");
        }
    }

    #[test]
    fn a_key_that_is_given_leaves_its_holder_and_comes_back() {
        let mut map = Keymap::default();
        map.give(Command::StepForward, "Ctrl+Alt+Q");
        assert_eq!(map.keys(Command::StepForward), ["Ctrl+Alt+Q"]);
        map.give(Command::StepBack, "L");
        assert_eq!(map.command("L"), Some(Command::StepBack));
        assert_eq!(map.command("→"), None, "the key that was replaced is free");
        map.give(Command::PlayPause, "H");
        no_key_serves_two(&map);
        map.reset(Command::StepForward);
        map.reset(Command::StepBack);
        map.reset(Command::PlayPause);
        assert_eq!(map, Keymap::default());
    }

    #[test]
    fn any_order_of_giving_and_resetting_leaves_each_key_one_command() {
        let keys = ["L", "H", "→", "Ctrl+K", "S", "X", "Ctrl+Alt+Q", "Space"];
        let mut seed = 7_u64;
        let mut draw = move |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap_or(0) % below
        };
        let mut map = Keymap::default();
        for _ in 0..500 {
            let command = COMMANDS[draw(COMMANDS.len())].command;
            if draw(4) == 0 {
                map.reset(command);
            } else {
                map.give(command, keys[draw(keys.len())]);
            }
            no_key_serves_two(&map);
            assert_eq!(Keymap::kept(map.own()), map, "it is the same after a restart");
        }
    }

    #[test]
    fn nonsense_in_the_settings_gives_no_command_a_key_of_another() {
        let own = |pairs: &[(&str, &[&str])]| {
            let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
            pairs.iter().map(|(name, list)| ((*name).to_owned(), keys(list))).collect::<BTreeMap<String, Vec<String>>>()
        };
        let map = Keymap::kept(&own(&[
            ("fly", &["F"]),
            ("step-back", &["Q", "Escape"]),
            ("step-forward", &["Q", "Ctrl+1", "Ctrl+2"]),
        ]));
        assert_eq!(map.keys(Command::StepBack), ["Q"]);
        assert_eq!(map.keys(Command::StepForward), ["Ctrl+1", "Ctrl+2"]);
        assert_eq!(map.keys(Command::Escape), ["Escape"]);
        no_key_serves_two(&map);
    }
}
