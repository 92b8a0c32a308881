//! The window. It draws a session and returns what the person did; the only place that says egui.

pub mod fonts;
pub mod glyphs;
mod icons;
mod paint;
pub mod raster;
pub mod rows;
pub mod screenshot;
pub mod theme;
mod theme_tokens;
mod widgets;
mod words;
