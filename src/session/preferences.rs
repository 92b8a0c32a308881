//! The settings page: what a person prefers, effective at once and kept for the next start.

use super::Session;
use crate::protocol::{CacheInfo, Preferences, Request, ThemeChoice, Times};

/// The pages of the settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SettingsPage {
    /// Theme, text size, times, outlines.
    #[default]
    Appearance,
    /// What makes seeking fast, and may be deleted.
    Cache,
    /// What is masked.
    Masks,
    /// The keys.
    Keys,
    /// What is kept about the open log.
    ThisLog,
}

impl SettingsPage {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Appearance, Self::Cache, Self::Masks, Self::Keys, Self::ThisLog];

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Appearance => "Appearance",
            Self::Cache => "Cache",
            Self::Masks => "Masks and privacy",
            Self::Keys => "Keys of commands",
            Self::ThisLog => "This log",
        }
    }
}

/// The settings while they are open.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SettingsPane {
    /// The page.
    pub page: SettingsPage,
    /// The cache folder, once it is known.
    pub cache: Option<CacheInfo>,
}

/// The sizes of text that the settings offer, in percent.
pub const TEXT_PERCENTS: [u16; 7] = [90, 100, 115, 130, 150, 175, 200];

impl Session {
    pub(super) fn toggle_settings(&mut self) {
        if self.settings_pane.take().is_none() {
            self.request(Request::CacheInfo);
            self.settings_pane = Some(SettingsPane::default());
        }
    }

    pub(super) fn choose_settings_page(&mut self, page: SettingsPage) {
        if let Some(pane) = &mut self.settings_pane {
            pane.page = page;
        }
    }

    pub(super) fn prefer(&mut self, preferences: Preferences) {
        self.preferences = sane(preferences);
        self.keep_settings();
    }

    pub(super) fn choose_theme(&mut self, theme: ThemeChoice) {
        self.theme = theme;
        self.keep_settings();
    }

    /// The next larger size of text, or the next smaller one.
    pub(super) fn scale_text(&mut self, larger: bool) {
        let now = self.preferences.text_percent;
        let next = if larger {
            TEXT_PERCENTS.iter().copied().find(|percent| *percent > now)
        } else {
            TEXT_PERCENTS.iter().copied().rev().find(|percent| *percent < now)
        };
        if let Some(text_percent) = next {
            self.prefer(Preferences { text_percent, ..self.preferences.clone() });
        }
    }

    pub(super) fn next_times(&mut self) {
        let times = match self.preferences.times {
            Times::Utc => Times::Local,
            Times::Local => Times::Relative,
            Times::Relative => Times::Utc,
        };
        self.prefer(Preferences { times, ..self.preferences.clone() });
    }

    pub(super) fn absorb_cache(&mut self, info: CacheInfo) {
        if let Some(pane) = &mut self.settings_pane {
            pane.cache = Some(info);
        }
    }

    /// What was kept may have been written by hand.
    pub(super) fn take_preferences(&mut self, preferences: Preferences) {
        self.preferences = sane(preferences);
    }
}

fn sane(preferences: Preferences) -> Preferences {
    let least = TEXT_PERCENTS[0];
    let most = TEXT_PERCENTS[TEXT_PERCENTS.len() - 1];
    Preferences { text_percent: preferences.text_percent.clamp(least, most), ..preferences }
}
