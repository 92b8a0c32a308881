//! The window. It draws a session and returns what the person did; the only place that says egui.
//!
//! | file | what |
//! |---|---|
//! | `app.rs` | one frame: keys, panels, actions |
//! | `layout.rs`, `scene.rs` | where everything stands, and what a panel may look at |
//! | `topbar.rs` … `statusbar.rs` | the panels, a file each |
//! | `widgets/`, `paint.rs`, `glyphs.rs`, `rows.rs`, `axis.rs` | what panels are made of |
//! | `theme.rs`, `fonts.rs`, `icons.rs`, `words.rs` | the look and the wording |
//! | `raster.rs`, `screenshot.rs`, `pose.rs` | the same window without a display |

mod app;
mod axis;
mod bookmarks;
mod breakpoints;
mod chart;
mod dialog;
mod events;
mod first_frame;
pub mod fonts;
pub mod glyphs;
pub mod icons;
mod inspector;
mod keyboard;
mod keys;
mod layout;
mod live;
mod mapping;
pub mod matrix;
mod measure;
mod paint;
mod palette;
pub mod pose;
pub mod raster;
mod reducer_dialog;
mod reducer_text;
mod reducer_view;
pub mod rows;
mod sandbox;
mod scene;
pub mod screenshot;
mod search;
mod settings;
mod spoken;
mod statusbar;
mod streams;
pub mod theme;
mod theme_tokens;
mod throughput;
mod timestrip;
mod topbar;
mod welcome;
mod widgets;
mod window;
mod words;

pub use crate::protocol::KeptView;
pub use app::{Gui, prepare};
pub use first_frame::first_frame;
pub use measure::{WindowFigures, window_figures};
pub use window::{APP_ID, Start, WindowError, has_display, run};
