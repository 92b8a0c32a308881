//! The bundled fonts and the type scale. What came out of the log is set in `JetBrains` Mono, what we wrote in Inter.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontId};

/// A family of the window's text. Each weight is a family of its own, because egui knows one weight a family.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Face {
    /// Inter Regular.
    Ui,
    /// Inter Medium.
    UiMedium,
    /// Inter `SemiBold`.
    UiSemibold,
    /// `JetBrains` Mono Regular.
    Data,
    /// `JetBrains` Mono Medium.
    DataMedium,
    /// Icons, thin.
    Icon,
    /// Icons for ten points and less.
    IconBold,
    /// Filled icons.
    IconFill,
}

impl Face {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Ui,
        Self::UiMedium,
        Self::UiSemibold,
        Self::Data,
        Self::DataMedium,
        Self::Icon,
        Self::IconBold,
        Self::IconFill,
    ];

    /// Its name as a family.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ui => "ui",
            Self::UiMedium => "ui-medium",
            Self::UiSemibold => "ui-semibold",
            Self::Data => "data",
            Self::DataMedium => "data-medium",
            Self::Icon => "icon",
            Self::IconBold => "icon-bold",
            Self::IconFill => "icon-fill",
        }
    }

    /// True for the faces that hold icons.
    #[must_use]
    pub fn is_icon(self) -> bool {
        matches!(self, Self::Icon | Self::IconBold | Self::IconFill)
    }

    /// From the baseline to the top of the line, as a part of the size; from the font's own table.
    #[must_use]
    pub fn ascent(self) -> f32 {
        match self {
            Self::Ui | Self::UiMedium | Self::UiSemibold => 2_728.0 / 2_816.0,
            Self::Data | Self::DataMedium => 1.02,
            Self::Icon | Self::IconBold | Self::IconFill => 960.0 / 1_024.0,
        }
    }

    /// This face at a size in points.
    #[must_use]
    pub fn at(self, size: f32) -> FontId {
        FontId::new(size, FontFamily::Name(Arc::from(self.name())))
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Ui => include_bytes!("../../assets/fonts/Inter-Regular.otf"),
            Self::UiMedium => include_bytes!("../../assets/fonts/Inter-Medium.otf"),
            Self::UiSemibold => include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
            Self::Data => include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"),
            Self::DataMedium => include_bytes!("../../assets/fonts/JetBrainsMono-Medium.ttf"),
            Self::Icon => include_bytes!("../../assets/fonts/icons-regular.ttf"),
            Self::IconBold => include_bytes!("../../assets/fonts/icons-bold.ttf"),
            Self::IconFill => include_bytes!("../../assets/fonts/icons-fill.ttf"),
        }
    }
}

/// A step of the type scale: a face and a size.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Type {
    /// The face.
    pub face: Face,
    /// The size in points.
    pub size: f32,
}

impl Type {
    /// The title of the welcome page.
    pub const DISPLAY: Self = Self { face: Face::UiSemibold, size: 28.0 };
    /// A section of a page.
    pub const TITLE: Self = Self { face: Face::UiSemibold, size: 15.0 };
    /// Prose.
    pub const BODY: Self = Self { face: Face::Ui, size: 13.0 };
    /// Prose that stands out.
    pub const BODY_MEDIUM: Self = Self { face: Face::UiMedium, size: 13.0 };
    /// The name of the event in the inspector.
    pub const BODY_STRONG: Self = Self { face: Face::UiSemibold, size: 13.0 };
    /// Event types in rows.
    pub const LABEL: Self = Self { face: Face::Ui, size: 12.0 };
    /// Buttons and tabs.
    pub const LABEL_MEDIUM: Self = Self { face: Face::UiMedium, size: 12.0 };
    /// Titles of panels.
    pub const LABEL_STRONG: Self = Self { face: Face::UiSemibold, size: 12.0 };
    /// Hints and the status bar.
    pub const CAPTION: Self = Self { face: Face::Ui, size: 11.0 };
    /// Table heads and keycaps.
    pub const CAPTION_MEDIUM: Self = Self { face: Face::UiMedium, size: 11.0 };
    /// The six read-outs of the throughput view.
    pub const FIGURE: Self = Self { face: Face::DataMedium, size: 20.0 };
    /// The current value beside a plot, the version in the transport.
    pub const READING: Self = Self { face: Face::DataMedium, size: 13.0 };
    /// Ids, numbers, times, payloads.
    pub const DATA: Self = Self { face: Face::Data, size: 12.0 };
    /// New values and what stands at the cursor.
    pub const DATA_MEDIUM: Self = Self { face: Face::DataMedium, size: 12.0 };
    /// Axis labels, counts, ages.
    pub const DATA_SMALL: Self = Self { face: Face::Data, size: 11.0 };
    /// Small numbers that stand out.
    pub const DATA_SMALL_MEDIUM: Self = Self { face: Face::DataMedium, size: 11.0 };

    /// A thin icon of this size.
    #[must_use]
    pub const fn icon(size: f32) -> Self {
        Self { face: Face::Icon, size }
    }

    /// A bold icon of this size.
    #[must_use]
    pub const fn icon_bold(size: f32) -> Self {
        Self { face: Face::IconBold, size }
    }

    /// A filled icon of this size.
    #[must_use]
    pub const fn icon_fill(size: f32) -> Self {
        Self { face: Face::IconFill, size }
    }

    /// For egui.
    #[must_use]
    pub fn font(self) -> FontId {
        self.face.at(self.size)
    }

    /// How far below the middle of a line its baseline stands: Inter and `JetBrains` Mono sit differently in their
    /// boxes, so every text is placed by its baseline. 12 points in a row of 24 stand at 16.
    #[must_use]
    pub fn baseline(self) -> f32 {
        match self.face {
            Face::Icon | Face::IconBold | Face::IconFill => (self.face.ascent() - 0.5) * self.size,
            _ => (self.size * 0.36).round(),
        }
    }
}

/// The five text fonts and the three icon fonts; each text family falls back to the other text family.
#[must_use]
pub fn definitions() -> FontDefinitions {
    let mut definitions = FontDefinitions::empty();
    for face in Face::ALL {
        definitions.font_data.insert(face.name().to_owned(), Arc::new(FontData::from_static(face.bytes())));
        let fallback: &[Face] = match face {
            Face::Ui | Face::UiMedium | Face::UiSemibold => &[Face::Data, Face::Icon],
            Face::Data | Face::DataMedium => &[Face::Ui, Face::Icon],
            Face::Icon | Face::IconBold | Face::IconFill => &[Face::Ui],
        };
        let names = std::iter::once(face).chain(fallback.iter().copied()).map(|face| face.name().to_owned()).collect();
        definitions.families.insert(FontFamily::Name(Arc::from(face.name())), names);
    }
    let own = |face: Face| definitions.families.get(&Face::at(face, 1.0).family).cloned().unwrap_or_default();
    let (proportional, monospace) = (own(Face::Ui), own(Face::Data));
    definitions.families.insert(FontFamily::Proportional, proportional);
    definitions.families.insert(FontFamily::Monospace, monospace);
    definitions
}

/// Gives a context the window's fonts.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}
