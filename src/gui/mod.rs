//! The window. It draws a session and returns what the person did; the only place that says egui.

pub mod fonts;
pub mod glyphs;
pub mod icons;
pub mod paint;
pub mod raster;
pub mod screenshot;
pub mod theme;
mod theme_tokens;
