//! What a screen reader is told comes through here: short enough to be heard, and with what hides or steers written out.

use egui::accesskit::Node;
use egui::{Context, FullOutput, Plugin};

use crate::limits::SPOKEN_CHARS_MAX;
use crate::visible;

/// Goes over the names that the controls of a frame gave themselves.
struct Spoken;

impl Plugin for Spoken {
    fn debug_name(&self) -> &'static str {
        "spoken"
    }

    fn output_hook(&mut self, _ctx: &Context, output: &mut FullOutput) {
        let Some(update) = output.platform_output.accesskit_update.as_mut() else { return };
        for (_, node) in &mut update.nodes {
            said(node, Node::label, Node::set_label);
            said(node, Node::description, Node::set_description);
        }
    }
}

fn said(node: &mut Node, get: fn(&Node) -> Option<&str>, set: impl Fn(&mut Node, String)) {
    let shown = get(node).and_then(|text| match visible::start(text, SPOKEN_CHARS_MAX) {
        std::borrow::Cow::Owned(shown) => Some(shown),
        std::borrow::Cow::Borrowed(_) => None,
    });
    if let Some(shown) = shown {
        set(node, shown);
    }
}

/// Watches over the names of a context; once, before the first frame.
pub fn install(ctx: &Context) {
    ctx.add_plugin(Spoken);
}
