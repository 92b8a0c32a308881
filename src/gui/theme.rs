//! The look: colours by name (`theme_tokens.rs`), measures, and egui's own style made from them.

use egui::style::{ScrollAnimation, ScrollStyle, Selection, TextCursorStyle, WidgetVisuals, Widgets};
use egui::{Color32, Context, CornerRadius, Margin, Shadow, Spacing, Stroke, Style, TextStyle, Vec2, Visuals, vec2};

use super::fonts::Type;
pub use super::theme_tokens::Theme;

/// Corners of chips, keycaps, badges.
pub const RADIUS_1: CornerRadius = CornerRadius::same(4);
/// Corners of buttons, fields, segments, tooltips.
pub const RADIUS_2: CornerRadius = CornerRadius::same(6);
/// Corners of boxes.
pub const RADIUS_3: CornerRadius = CornerRadius::same(8);
/// Corners of dialogs and the drop zone.
pub const RADIUS_4: CornerRadius = CornerRadius::same(10);
/// Left and right inset of every panel, head and row.
pub const INSET: f32 = 12.0;

/// The rows of the window, in points.
pub mod height {
    /// Top bar.
    pub const BAR: f32 = 44.0;
    /// Head of a panel, tabs, transport.
    pub const HEAD: f32 = 36.0;
    /// Names of the columns of the event list.
    pub const COLUMNS: f32 = 28.0;
    /// A row of the event list and of the streams.
    pub const ROW: f32 = 24.0;
    /// A row of a tree.
    pub const TREE_ROW: f32 = 20.0;
    /// Status bar.
    pub const STATUS: f32 = 24.0;
    /// A button or a field.
    pub const CONTROL: f32 = 28.0;
    /// A banner.
    pub const BANNER: f32 = 32.0;
    /// The foot of the inspector.
    pub const FOOT: f32 = 28.0;
}

impl Theme {
    /// The theme of egui's that this one answers to.
    #[must_use]
    pub fn of(theme: egui::Theme) -> Self {
        match theme {
            egui::Theme::Dark => Self::dark(),
            egui::Theme::Light => Self::light(),
        }
    }

    /// A density fill, before the cursor.
    #[must_use]
    pub fn density_alpha(&self) -> f32 {
        if self.dark { 0.78 } else { 0.66 }
    }

    /// What lies under a dialog is dimmed by this.
    #[must_use]
    pub fn scrim(&self) -> Color32 {
        if self.dark { fade(Color32::BLACK, 0.62) } else { fade(Self::dark().bg_app, 0.32) }
    }

    /// The shadow of tooltips and menus.
    #[must_use]
    pub fn shadow_menu(&self) -> Shadow {
        Shadow { offset: [0, 4], blur: 12, spread: 0, color: fade(Color32::BLACK, 0.28) }
    }

    /// The shadow of dialogs.
    #[must_use]
    pub fn shadow_modal(&self) -> Shadow {
        let strength = if self.dark { 0.50 } else { 0.20 };
        Shadow { offset: [0, 12], blur: 32, spread: 0, color: fade(Color32::BLACK, strength) }
    }

    /// The primary button under the pointer: 8 % lighter.
    #[must_use]
    pub fn accent_fill_hovered(&self) -> Color32 {
        mix(self.accent_fill, Color32::WHITE, 0.08)
    }

    /// The same with outlines of at least 3 : 1, where that is wanted.
    #[must_use]
    pub fn outlined(self, stronger: bool) -> Self {
        if stronger { Self { line_strong: self.line_control, ..self } } else { self }
    }

    /// A hairline.
    #[must_use]
    pub fn line(&self) -> Stroke {
        Stroke::new(1.0, self.line_subtle)
    }

    /// An outline.
    #[must_use]
    pub fn outline(&self) -> Stroke {
        Stroke::new(1.0, self.line_strong)
    }

    /// egui's style in this look.
    #[must_use]
    pub fn style(&self) -> Style {
        let text_styles = [
            (TextStyle::Small, Type::CAPTION),
            (TextStyle::Body, Type::BODY),
            (TextStyle::Button, Type::LABEL_MEDIUM),
            (TextStyle::Heading, Type::TITLE),
            (TextStyle::Monospace, Type::DATA),
        ];
        Style {
            text_styles: text_styles.into_iter().map(|(style, face)| (style, face.font())).collect(),
            spacing: spacing(),
            visuals: self.visuals(),
            animation_time: 0.0,
            scroll_animation: ScrollAnimation::none(),
            ..Style::default()
        }
    }

    fn visuals(&self) -> Visuals {
        let base = if self.dark { Visuals::dark() } else { Visuals::light() };
        let widget = |fill: Color32, line: Color32, text: Color32| WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: Stroke::new(1.0, line),
            corner_radius: RADIUS_2,
            fg_stroke: Stroke::new(1.0, text),
            expansion: 0.0,
        };
        Visuals {
            dark_mode: self.dark,
            override_text_color: None,
            weak_text_color: Some(self.text_muted),
            widgets: Widgets {
                noninteractive: widget(self.bg_panel, self.line_subtle, self.text),
                inactive: widget(self.bg_raised, self.line_strong, self.text),
                hovered: widget(self.bg_active, self.line_strong, self.text_strong),
                active: widget(self.bg_field, self.line_strong, self.text_strong),
                open: widget(self.bg_active, self.line_strong, self.text_strong),
            },
            selection: Selection { bg_fill: fade(self.accent, 0.30), stroke: Stroke::new(1.0, self.accent) },
            hyperlink_color: self.accent,
            faint_bg_color: self.bg_hover,
            extreme_bg_color: self.bg_field,
            text_edit_bg_color: Some(self.bg_field),
            code_bg_color: self.bg_active,
            warn_fg_color: self.warn,
            error_fg_color: self.danger,
            window_corner_radius: RADIUS_4,
            window_shadow: self.shadow_modal(),
            window_fill: self.bg_raised,
            window_stroke: self.outline(),
            menu_corner_radius: RADIUS_2,
            panel_fill: self.bg_panel,
            popup_shadow: self.shadow_menu(),
            text_cursor: TextCursorStyle {
                stroke: Stroke::new(1.0, self.accent),
                // A blinking caret would wake an idle window twice a second.
                blink: false,
                ..base.text_cursor.clone()
            },
            ..base
        }
    }
}

fn spacing() -> Spacing {
    let default = Spacing::default();
    Spacing {
        item_spacing: vec2(8.0, 4.0),
        button_padding: vec2(10.0, 6.0),
        interact_size: vec2(28.0, 28.0),
        indent: 16.0,
        tooltip_width: 280.0,
        menu_margin: Margin::same(8),
        window_margin: Margin::same(16),
        scroll: ScrollStyle {
            floating: true,
            bar_width: 6.0,
            floating_width: 4.0,
            floating_allocated_width: 0.0,
            bar_outer_margin: 2.0,
            handle_min_length: 24.0,
            dormant_handle_opacity: 0.6,
            ..ScrollStyle::thin()
        },
        ..default
    }
}

/// A colour from its bytes, red, green and blue already multiplied by alpha.
#[must_use]
pub const fn premultiplied([red, green, blue, alpha]: [u8; 4]) -> Color32 {
    Color32::from_rgba_premultiplied(red, green, blue, alpha)
}

/// A colour at this much of its strength, 0 to 1.
#[must_use]
pub fn fade(color: Color32, strength: f32) -> Color32 {
    color.gamma_multiply(strength)
}

/// Two colours mixed, `part` of the second, 0 to 1.
#[must_use]
pub fn mix(first: Color32, second: Color32, part: f32) -> Color32 {
    first.lerp_to_gamma(second, part)
}

/// Gives a context both looks.
pub fn install(ctx: &Context) {
    ctx.set_style_of(egui::Theme::Dark, Theme::dark().style());
    ctx.set_style_of(egui::Theme::Light, Theme::light().style());
}

/// The contrast of two opaque colours as WCAG 2 defines it, 1 to 21.
#[must_use]
pub fn contrast(first: Color32, second: Color32) -> f32 {
    let (first, second) = (luminance(first), luminance(second));
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}

fn luminance(color: Color32) -> f32 {
    let linear = |channel: u8| {
        let value = f32::from(channel) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
}

/// The size of an icon button.
pub const ICON_BUTTON: Vec2 = Vec2::splat(28.0);
