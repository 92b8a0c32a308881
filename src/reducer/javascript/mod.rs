//! Reducers in JavaScript, on QuickJS: a plain module, or a projection as KurrentDB runs them.
//!
//! Nothing here reads or writes: a script has a clock that stands at its event, a console that is captured, limits on
//! steps, memory and stack, and no module loader. A script that breaks a limit marks its event, and the runtime is
//! built anew.

pub(crate) mod engine;
pub(crate) mod values;

mod bare;
mod module;
pub mod projection;

pub use bare::{BareLoop, bare_loop};
pub use module::Module;
pub(crate) use module::plain_event;

use crate::error::Result;
use crate::event::{Seq, Time};
use crate::reducer::Reducer;

/// True where the text is a module (it exports something), else it is a projection.
#[must_use]
pub fn is_module(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| {
        line.strip_prefix("export").is_some_and(|rest| rest.starts_with([' ', '{', '\t', '*'])) || line == "export"
    })
}

/// The reducer of a JavaScript text: a plain module or a projection. `name` is the file's name, for messages.
///
/// # Errors
/// `Input` with the script's error, or with why the projection is refused.
pub fn compile(name: &str, text: &str) -> Result<Box<dyn Reducer>> {
    if is_module(text) {
        Ok(Box::new(Module::compile(name, text)?))
    } else {
        Ok(Box::new(projection::ProjectionReducer::compile(name, text)?))
    }
}

/// What the clock and the dice of a script stand at: milliseconds, and a seed from the event's place.
pub(crate) fn moment(time: Option<Time>, version: Option<i64>, seq: Seq) -> (f64, i32) {
    let milliseconds = time.map_or(0, Time::milliseconds);
    let seed = version.unwrap_or(0).unsigned_abs() ^ (seq.number().unwrap_or(0).unsigned_abs() << 8);
    let seed = i32::try_from(seed % 2_147_483_647).unwrap_or(1);
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's times are doubles")]
    (milliseconds as f64, seed)
}

/// A log's key as scripts see it: a number where it is one, else text.
pub(crate) fn position<'js>(ctx: &rquickjs::Ctx<'js>, seq: Seq) -> rquickjs::Result<rquickjs::Value<'js>> {
    use rquickjs::IntoJs;
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
    match seq.number() {
        Some(number) => (number as f64).into_js(ctx),
        None => seq.to_string().into_js(ctx),
    }
}
