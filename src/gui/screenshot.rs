//! The window drawn without a display: same code, same picture, every time.

use std::io::Write;
use std::sync::Arc;

use egui::{Context, Pos2, RawInput, Rect, Ui, Vec2, ViewportId};
use egui_system_font_provider::SystemFontProvider;

use super::raster::{Picture, Raster};
use super::{fonts, theme};
use crate::error::{Error, Result};
use crate::limits::{FRAMES_TO_SETTLE_MAX, SCREENSHOT_PIXELS_MAX};

/// How long a frame lasts on the clock of a window without a display, in seconds.
const FRAME_SECONDS: f64 = 1.0 / 60.0;

/// What a picture is to look like.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shot {
    /// Width and height in points.
    pub size: [u32; 2],
    /// Pixels in a point, 0.5 to 4.
    pub scale: f32,
    /// True for the dark theme.
    pub dark: bool,
    /// True where the system's fonts fill in for what the bundled ones lack, so that the picture depends on the machine.
    pub system_fonts: bool,
}

impl Shot {
    fn theme(self) -> egui::Theme {
        if self.dark { egui::Theme::Dark } else { egui::Theme::Light }
    }
}

impl Default for Shot {
    fn default() -> Self {
        Self { size: [1440, 900], scale: 1.0, dark: true, system_fonts: false }
    }
}

/// A window without a display: its frames are run one by one, its clock is ours.
pub struct Headless {
    ctx: Context,
    raster: Raster,
    shot: Shot,
    frames: u32,
    pixels_per_point: f32,
    ui_time: std::time::Duration,
    drawn: Option<Vec<egui::epaint::ClippedPrimitive>>,
}

impl Headless {
    /// A window of this size.
    ///
    /// # Errors
    ///
    /// Where the picture would have no pixel, or more than [`SCREENSHOT_PIXELS_MAX`].
    pub fn new(shot: Shot) -> Result<Self> {
        let (width, height) = pixels(shot)?;
        let total = width.saturating_mul(height);
        if total == 0 || total > SCREENSHOT_PIXELS_MAX {
            return Err(Error::Input(format!(
                "cannot draw a picture of {width} by {height} pixels (from 1 to {SCREENSHOT_PIXELS_MAX} in all)"
            )));
        }
        let ctx = Context::default();
        fonts::install(&ctx);
        theme::install(&ctx);
        ctx.set_theme(shot.theme());
        if shot.system_fonts {
            ctx.add_font_provider(Arc::new(SystemFontProvider::new()));
        }
        Ok(Self {
            ctx,
            raster: Raster::default(),
            shot,
            frames: 0,
            pixels_per_point: shot.scale,
            ui_time: std::time::Duration::ZERO,
            drawn: None,
        })
    }

    /// The context, to give it fonts or to wake it.
    #[must_use]
    pub fn ctx(&self) -> &Context {
        &self.ctx
    }

    /// Runs one frame. True where the window asked for no further one.
    pub fn frame(&mut self, ui: &mut dyn FnMut(&mut Ui)) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a window is some thousand points wide")]
        let size = Vec2::new(self.shot.size[0] as f32, self.shot.size[1] as f32) / self.ctx.zoom_factor();
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(f64::from(self.frames) * FRAME_SECONDS),
            focused: true,
            ..RawInput::default()
        };
        input.viewports.entry(ViewportId::ROOT).or_default().native_pixels_per_point = Some(self.shot.scale);
        self.frames += 1;
        let started = super::measure::thread_time();
        let mut output = self.ctx.run_ui(input, |root| ui(root));
        self.ui_time = super::measure::thread_time().saturating_sub(started);
        let settled =
            output.viewport_output.get(&ViewportId::ROOT).is_none_or(|viewport| !viewport.repaint_delay.is_zero());
        self.raster.apply(&output.textures_delta);
        self.pixels_per_point = output.pixels_per_point;
        self.drawn = Some(self.ctx.tessellate(output.shapes, output.pixels_per_point));
        self.raster.free(&output.textures_delta);
        output.textures_delta.clear();
        settled
    }

    /// The time of this thread that the last frame took to be laid out and drawn, before it is made into triangles.
    #[must_use]
    pub fn ui_time(&self) -> std::time::Duration {
        self.ui_time
    }

    /// Runs frames until the window asks for no further one, at most [`FRAMES_TO_SETTLE_MAX`].
    pub fn settle(&mut self, ui: &mut dyn FnMut(&mut Ui)) {
        // The first frame measures, so it is never the one to show.
        self.frame(ui);
        for _ in 1..FRAMES_TO_SETTLE_MAX {
            if self.frame(ui) {
                return;
            }
        }
    }

    /// What the last frame looks like.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let (width, height) = pixels(self.shot).unwrap_or((1, 1));
        let background = theme::Theme::of(self.shot.theme()).bg_app;
        let mut picture = Picture::filled(width, height, background);
        if let Some(primitives) = &self.drawn {
            self.raster.paint(&mut picture, primitives, self.pixels_per_point);
        }
        picture
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are checked to be in range")]
fn pixels(shot: Shot) -> Result<(usize, usize)> {
    if !(0.5..=4.0).contains(&shot.scale) {
        return Err(Error::Input(format!("cannot draw at scale {} (from 0.5 to 4)", shot.scale)));
    }
    let scaled = |points: u32| (f64::from(points) * f64::from(shot.scale)).round() as usize;
    Ok((scaled(shot.size[0]), scaled(shot.size[1])))
}

/// Draws a window once it has settled.
///
/// # Errors
///
/// As [`Headless::new`].
pub fn draw(shot: Shot, ui: &mut dyn FnMut(&mut Ui)) -> Result<Picture> {
    let mut headless = Headless::new(shot)?;
    headless.settle(ui);
    Ok(headless.picture())
}

/// Writes a picture as PNG.
///
/// # Errors
///
/// Where the target cannot be written.
pub fn write_png(picture: &Picture, to: impl Write) -> Result<()> {
    let side = |value: usize| u32::try_from(value).map_err(|_| Error::Input("the picture is too large".to_owned()));
    let mut encoder = png::Encoder::new(to, side(picture.width)?, side(picture.height)?);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let failed = |error: png::EncodingError| Error::Other(format!("cannot write the picture: {error}"));
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&picture.rgba).map_err(failed)?;
    writer.finish().map_err(failed)
}
