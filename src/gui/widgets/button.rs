//! Buttons: plain, primary, without a frame, of an icon alone; and the toggle.

use egui::{Color32, Painter, Rect, Response, Role, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{Info, Tip, clickable, tip};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::theme::{RADIUS_2, Theme};
use crate::session::Command;

/// An icon with its font.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Icon {
    /// The code point.
    pub char: char,
    /// The font and size.
    pub face: Type,
    /// Its own colour; else the text's.
    pub color: Option<Color32>,
}

impl Icon {
    /// A thin icon of 16 points in the text's colour.
    #[must_use]
    pub fn new(char: char) -> Self {
        Self { char, face: Type::icon(16.0), color: None }
    }

    /// A filled icon of 16 points.
    #[must_use]
    pub fn filled(char: char) -> Self {
        Self { char, face: Type::icon_fill(16.0), color: None }
    }

    /// The same in another size.
    #[must_use]
    pub fn sized(mut self, size: f32) -> Self {
        self.face.size = size;
        self
    }
}

/// How a button looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    /// Raised, with an outline.
    Plain,
    /// The one button of the view that goes on.
    Primary,
    /// No frame until the pointer is over it.
    Bare,
    /// A link in a sentence or a banner.
    Link,
    /// The play button: filled with the cursor's colour.
    Cursor,
}

/// A button.
#[derive(Clone, Debug)]
pub struct Button<'a> {
    /// Its accessible name.
    pub name: &'a str,
    /// Its text; may be empty.
    pub text: &'a str,
    /// Its icon.
    pub icon: Option<Icon>,
    /// A diamond in place of the icon.
    pub diamond: bool,
    /// A key in plain letters behind the text.
    pub hint: &'a str,
    /// How it looks.
    pub look: Look,
    /// False where it cannot be used now.
    pub enabled: bool,
    /// Whether it is on, where it can be on or off.
    pub on: Option<bool>,
    /// Its tooltip.
    pub tip: Tip<'a>,
}

impl<'a> Button<'a> {
    /// A plain button with a text that is its name.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            name: text,
            text,
            icon: None,
            diamond: false,
            hint: "",
            look: Look::Plain,
            enabled: true,
            on: None,
            tip: Tip { name: text, ..Tip::default() },
        }
    }

    /// The button of a command: its label, its key, its sentence.
    #[must_use]
    pub fn command(command: Command) -> Self {
        Self { tip: Tip::command(command), ..Button::new(command.label()) }
    }

    /// The button of a command that shows its icon alone.
    #[must_use]
    pub fn icon_of(command: Command, icon: Icon) -> Self {
        Self { text: "", icon: Some(icon), look: Look::Bare, ..Self::command(command) }
    }

    /// The width that it needs.
    #[must_use]
    pub fn width(&self, painter: &Painter) -> f32 {
        let icon = if self.icon.is_some() || self.diamond { 16.0 } else { 0.0 };
        if self.text.is_empty() {
            return 28.0;
        }
        let pad = match self.look {
            Look::Link => 0.0,
            Look::Bare => 8.0,
            _ => 10.0,
        };
        let gap = if icon > 0.0 { 6.0 } else { 0.0 };
        let key = super::shown_key(painter.ctx(), self.hint);
        let hint = if key.is_empty() { 0.0 } else { paint::width(painter, &key, Type::LABEL) + 6.0 };
        (2.0 * pad + icon + gap + paint::width(painter, self.text, Type::LABEL_MEDIUM) + hint).ceil()
    }

    /// Draws it and says what was done with it.
    pub fn show(&self, ui: &Ui, rect: Rect, theme: &Theme) -> Response {
        let role = if self.look == Look::Link { Role::Link } else { Role::Button };
        let info = Info { role, name: self.name, enabled: self.enabled, selected: self.on };
        let response = clickable(ui, rect, ("button", self.name), &info);
        let painter = ui.painter();
        let pressed = response.is_pointer_button_down_on();
        let (fill, line, color) = self.colors(response.hovered(), pressed, theme);
        let radius = f32::from(RADIUS_2.nw);
        painter.rect(rect, radius, fill, Stroke::new(1.0, line), StrokeKind::Inside);
        self.content(painter, rect, color, theme);
        if response.has_focus() {
            paint::focus_ring(painter, rect, radius, theme);
        }
        tip(response, &self.tip, theme)
    }

    fn colors(&self, hovered: bool, pressed: bool, theme: &Theme) -> (Color32, Color32, Color32) {
        let none = Color32::TRANSPARENT;
        if !self.enabled {
            return match self.look {
                Look::Plain | Look::Primary | Look::Cursor => (theme.bg_raised, theme.line_subtle, theme.text_disabled),
                Look::Bare | Look::Link => (none, none, theme.text_disabled),
            };
        }
        match self.look {
            Look::Plain if pressed => (theme.bg_field, theme.line_strong, theme.text_strong),
            Look::Plain if hovered => (theme.bg_active, theme.line_strong, theme.text_strong),
            Look::Plain => (theme.bg_raised, theme.line_strong, theme.text),
            Look::Primary if hovered && !pressed => (theme.accent_fill_hovered(), none, theme.on_accent),
            Look::Primary => (theme.accent_fill, none, theme.on_accent),
            Look::Bare if self.on == Some(true) => (theme.bg_selected, none, theme.accent),
            Look::Bare if hovered => (theme.bg_active, none, theme.text_strong),
            Look::Bare => (none, none, theme.text_soft),
            Look::Link => (none, none, theme.accent),
            Look::Cursor => (theme.cursor, none, theme.on_cursor),
        }
    }

    fn content(&self, painter: &Painter, rect: Rect, color: Color32, theme: &Theme) {
        let middle = rect.center().y;
        let has_icon = self.icon.is_some() || self.diamond;
        if self.text.is_empty() {
            if let Some(icon) = self.icon {
                paint::icon(painter, rect.center(), icon.char, icon.face, icon.color.unwrap_or(color));
            }
            if self.diamond {
                paint::diamond(painter, rect.center(), if self.enabled { theme.snapshot } else { color }, true);
            }
            return;
        }
        let wanted = self.width(painter);
        let pad = match self.look {
            Look::Link => 0.0,
            Look::Bare => 8.0,
            _ => 10.0,
        };
        let mut x = (rect.left() + pad + (rect.width() - wanted) / 2.0).round();
        if has_icon {
            let at = pos2(x + 8.0, middle);
            if let Some(icon) = self.icon {
                paint::icon(painter, at, icon.char, icon.face, icon.color.unwrap_or(color));
            } else {
                let mark = if self.look == Look::Primary { theme.on_accent } else { theme.snapshot };
                paint::diamond(painter, at, if self.enabled { mark } else { color }, true);
            }
            x += 22.0;
        }
        let x = paint::left(painter, x, middle, f32::INFINITY, Piece::new(self.text, Type::LABEL_MEDIUM, color));
        let key = super::shown_key(painter.ctx(), self.hint);
        if !key.is_empty() {
            let hint = match self.look {
                Look::Primary => theme.on_accent,
                _ if self.enabled => theme.text_muted,
                _ => theme.text_disabled,
            };
            paint::left(painter, x + 6.0, middle, f32::INFINITY, Piece::new(&key, Type::LABEL, hint));
        }
    }
}

/// A toggle of 24 × 14 points from `x` to the right.
pub fn toggle(painter: &Painter, x: f32, middle: f32, on: bool, theme: &Theme) {
    let rect = Rect::from_min_size(pos2(x, middle - 7.0), vec2(24.0, 14.0));
    let (track, line, knob) = if on {
        (theme.live, theme.live, pos2(rect.right() - 7.0, middle))
    } else {
        (theme.bg_active, theme.line_control, pos2(rect.left() + 7.0, middle))
    };
    painter.rect(rect, 7.0, track, Stroke::new(1.0, line), StrokeKind::Inside);
    painter.circle_filled(knob, 4.5, if on { theme.bg_field } else { theme.text_soft });
}
