//! Every colour of the window, by name, in its dark and its light form. No other file names a colour.

use egui::Color32;

/// A colour from its six hexadecimal digits.
const fn rgb(hex: u32) -> Color32 {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

macro_rules! tokens {
    ($($(#[$doc:meta])* $field:ident = $name:literal, $dark:literal / $light:literal;)*) => {
        /// The colours of one theme.
        #[derive(Clone, PartialEq, Debug)]
        pub struct Theme {
            /// True for the dark theme.
            pub dark: bool,
            /// Event types; always drawn together with a glyph, never used for text.
            pub types: [Color32; 12],
            /// Plot lines: events, bytes, p50, p99.
            pub series: [Color32; 4],
            $($(#[$doc])* pub $field: Color32,)*
        }

        impl Theme {
            /// The dark theme.
            #[must_use]
            pub const fn dark() -> Self {
                Self { dark: true, types: TYPES_DARK, series: SERIES_DARK, $($field: rgb($dark),)* }
            }

            /// The light theme.
            #[must_use]
            pub const fn light() -> Self {
                Self { dark: false, types: TYPES_LIGHT, series: SERIES_LIGHT, $($field: rgb($light),)* }
            }

            /// Every token but those of types and plot lines, by its name in the design.
            #[must_use]
            pub fn tokens(&self) -> Vec<(&'static str, Color32)> {
                vec![$(($name, self.$field),)*]
            }
        }
    };
}

const TYPES_DARK: [Color32; 12] = [
    rgb(0x3F_8FD6),
    rgb(0xC9_BC2E),
    rgb(0x27_C485),
    rgb(0xF9_C3C0),
    rgb(0xB4_8CFA),
    rgb(0x63_E2EE),
    rgb(0xDE_7030),
    rgb(0xA9_B9FF),
    rgb(0xB5_E26C),
    rgb(0xC8_659F),
    rgb(0xA8_8C72),
    rgb(0x86_A4BA),
];
const TYPES_LIGHT: [Color32; 12] = [
    rgb(0x04_6DAB),
    rgb(0x75_5305),
    rgb(0x07_5A40),
    rgb(0xDE_4060),
    rgb(0x7D_5DE4),
    rgb(0x03_8D94),
    rgb(0x80_2A02),
    rgb(0x3F_35B4),
    rgb(0x5C_8002),
    rgb(0x66_2C72),
    rgb(0x8A_7B63),
    rgb(0x52_5B6D),
];
const SERIES_DARK: [Color32; 4] = [rgb(0x7A_A7FF), rgb(0x63_E2EE), rgb(0xD6_DAE2), rgb(0xF5_8FB0)];
const SERIES_LIGHT: [Color32; 4] = [rgb(0x24_59D3), rgb(0x0B_7C86), rgb(0x3A_4250), rgb(0xB0_2A63)];

tokens! {
    /// Behind everything, welcome page.
    bg_app = "bg.app", 0x0B_0D11 / 0xE9_ECF0;
    /// Top bar, status bar, action bar.
    bg_bar = "bg.bar", 0x0E_1116 / 0xF5_F6F8;
    /// Panels, modal body in light.
    bg_panel = "bg.panel", 0x11_1419 / 0xFF_FFFF;
    /// Buttons, tooltips, menus.
    bg_raised = "bg.raised", 0x1A_1E25 / 0xFF_FFFF;
    /// Fields, plots, scrubber.
    bg_field = "bg.field", 0x0A_0C0F / 0xFA_FBFC;
    /// Row under the pointer.
    bg_hover = "bg.hover", 0x1A_1F27 / 0xF0_F2F5;
    /// Chips, chosen segment, pressed or hovered button, loading bars.
    bg_active = "bg.active", 0x22_2833 / 0xE6_E9EE;
    /// Selected row.
    bg_selected = "bg.selected", 0x1B_2743 / 0xE1_EAFD;
    /// The event row at the cursor.
    bg_cursor = "bg.cursor", 0x2B_2216 / 0xFF_EFD6;
    /// Changed state row.
    bg_changed = "bg.changed", 0x21_1C15 / 0xFF_F6E8;
    /// Caution banner or note.
    bg_caution = "bg.caution", 0x20_1F13 / 0xFA_F5DA;
    /// Added state row.
    bg_added = "bg.added", 0x12_221A / 0xE6_F6ED;
    /// Removed state row, fault row, error banner.
    bg_removed = "bg.removed", 0x29_171B / 0xFC_EBED;
    /// Between panels, table head, grid.
    line_subtle = "line.subtle", 0x1F_242C / 0xE6_E9EE;
    /// Outlines, baseline, keycaps.
    line_strong = "line.strong", 0x33_3A47 / 0xCD_D3DC;
    /// Toggle, dashed drop zone, *other* in plots.
    line_control = "line.control", 0x6F_798B / 0x7C_8696;
    /// Titles, new values, the chosen item.
    text_strong = "text.strong", 0xF2_F4F8 / 0x12_151B;
    /// Default text.
    text = "text", 0xD6_DAE2 / 0x25_2A33;
    /// Secondary data, icons.
    text_soft = "text.soft", 0xA9_B1BF / 0x4B_5463;
    /// Hints, headers, counts, old values.
    text_muted = "text.muted", 0x8A_93A3 / 0x5F_6979;
    /// Events after the cursor.
    text_future = "text.future", 0x7B_8494 / 0x6B_7585;
    /// Controls that cannot be used now.
    text_disabled = "text.disabled", 0x52_5A69 / 0xA3_ABB8;
    /// Focus, selection edge, links, tab line.
    accent = "accent", 0x7A_A7FF / 0x24_59D3;
    /// The primary button.
    accent_fill = "accent.fill", 0x3B_6FE0 / 0x24_59D3;
    /// Text on `accent_fill`.
    on_accent = "on.accent", 0xFF_FFFF / 0xFF_FFFF;
    /// Where you are in time, and what changed there.
    cursor = "cursor", 0xFF_B65C / 0xA0_5600;
    /// Text on `cursor`.
    on_cursor = "on.cursor", 0x1A_1206 / 0xFF_FFFF;
    /// Live, following, verified, added.
    live = "live", 0x4F_D08F / 0x0F_7245;
    /// Breakpoint, error, removed.
    danger = "danger", 0xFF_6B76 / 0xC2_293A;
    /// Caution.
    warn = "warn", 0xF0_DA5E / 0x75_6000;
    /// Snapshot diamond and stem.
    snapshot = "snapshot", 0xBC_A2FF / 0x6B_45D1;
    /// Bookmark.
    bookmark = "bookmark", 0x6C_CBEA / 0x0B_6E93;
    /// Text values.
    syntax_text = "syntax.text", 0xA5_D6B7 / 0x17_694A;
    /// Numbers.
    syntax_number = "syntax.number", 0xB7_C4FF / 0x2C_4BB8;
    /// true, false, null.
    syntax_word = "syntax.word", 0xE3_AED4 / 0x8E_2F7A;
}
