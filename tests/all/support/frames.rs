//! A window over real workers, a frame at a time, without a display: what each frame drew, said, and cost.

use std::time::{Duration, Instant};

use egui::epaint::{ClippedShape, Shape};
use egui::{Context, Event, FullOutput, RawInput, Rect, Vec2, ViewportId, pos2, vec2};
use eventscope::event::Time;
use eventscope::gui::{Gui, prepare};
use eventscope::session::{Action, Session};

use super::desk::{Desk, PATIENCE};

/// The window and its workers.
pub struct Frames {
    pub gui: Gui,
    desk: Desk,
    ctx: Context,
    size: Vec2,
    time: f64,
    /// What the next frame hears.
    pub events: Vec<Event>,
}

/// What a frame did.
pub struct Frame {
    /// Every text that was laid out to be drawn, with the family of its font.
    pub texts: Vec<(String, String)>,
    /// What a screen reader is told: names and descriptions.
    pub spoken: Vec<String>,
    /// What was put on the clipboard.
    pub copied: Option<String>,
    /// Time of this thread's processor that the frame took; `None` where the system does not tell.
    pub cost: Option<Duration>,
}

impl Frames {
    /// A window of 1440 × 900 points.
    pub fn new() -> Self {
        Self::of(Session::new())
    }

    /// A window of 1440 × 900 points over a session.
    pub fn of(session: Session) -> Self {
        let ctx = Context::default();
        prepare(&ctx);
        ctx.enable_accesskit();
        let mut desk = Desk::new();
        desk.session = session;
        let gui = Gui::with_clock(desk.session.clone(), || Time(1_800_000_000_000_000));
        Self { gui, desk, ctx, size: vec2(1_440.0, 900.0), time: 0.0, events: Vec::new() }
    }

    /// Draws one frame.
    pub fn frame(&mut self) -> Frame {
        self.time += 1.0 / 60.0;
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), self.size)),
            time: Some(self.time),
            focused: true,
            events: std::mem::take(&mut self.events),
            ..RawInput::default()
        };
        input.viewports.entry(ViewportId::ROOT).or_default().native_pixels_per_point = Some(1.0);
        let gui = &mut self.gui;
        let before = thread_time();
        let mut output = self.ctx.run_ui(input, |ui| gui.ui(ui));
        let cost = before.and_then(|before| thread_time()?.checked_sub(before));
        output.textures_delta.clear();
        seen(&output, cost)
    }

    /// Hands requests and replies over until nothing is under way, drawing a frame each time; then the frame at rest.
    pub fn rest(&mut self, what: &str, done: impl Fn(&Session) -> bool) -> Frame {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.frame();
            std::mem::swap(&mut self.desk.session, &mut self.gui.session);
            self.desk.turn();
            std::mem::swap(&mut self.desk.session, &mut self.gui.session);
            if done(&self.gui.session) {
                self.frame();
                return self.frame();
            }
            let session = &self.gui.session;
            assert!(
                Instant::now() < deadline,
                "never: {what}; at {} of {:?}, state {}, detail {:?} for {:?}, {:?}",
                session.cursor,
                session.events.extent,
                session.state_is_current(),
                session.detail.as_ref().map(|detail| detail.row),
                session.detail_row(),
                session.notices
            );
        }
    }

    /// Does something to the session.
    pub fn apply(&mut self, action: Action) {
        self.gui.session.apply(action);
    }
}

fn seen(output: &FullOutput, cost: Option<Duration>) -> Frame {
    let mut texts = Vec::new();
    for ClippedShape { shape, .. } in &output.shapes {
        collect(shape, &mut texts);
    }
    let nodes = output.platform_output.accesskit_update.iter().flat_map(|update| &update.nodes);
    let spoken = nodes.flat_map(|(_, node)| [node.label(), node.description()]).flatten().map(str::to_owned).collect();
    let copied = output.platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    Frame { texts, spoken, copied, cost }
}

fn collect(shape: &Shape, texts: &mut Vec<(String, String)>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, texts)),
        Shape::Text(text) => {
            let family = text.galley.job.sections.first().map(|section| section.format.font_id.family.to_string());
            texts.push((text.galley.text().to_owned(), family.unwrap_or_default()));
        }
        _ => {}
    }
}

/// Nanoseconds that this thread has had the processor, as Linux tells it.
fn thread_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
