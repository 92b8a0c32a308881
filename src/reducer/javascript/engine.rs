//! One QuickJS runtime with its limits: ticks instead of wall time, bytes, stack, and nothing that reads or writes.
//!
//! A tick is a number of steps of the engine, so that a script which takes too long does so on every machine.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Exception, Function, Object, Runtime};

use crate::error::{Error, Result};
use crate::limits::{
    CONSOLE_LINE_CHARS_MAX, CONSOLE_LINES_MAX, SCRIPT_BYTES_MAX, SCRIPT_MEMORY_BYTES_MAX, SCRIPT_STACK_BYTES_MAX,
};

const BASE: &str = include_str!("base.js");

/// Why a script did not come to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    /// What a person reads.
    pub(crate) message: String,
    /// True where the runtime must be built anew: it ran out of time or memory.
    pub(crate) spent: bool,
    /// True for a property of null or undefined.
    pub(crate) missing: bool,
}

impl Failure {
    /// A failure that is not the runtime's.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), spent: false, missing: false }
    }
}

/// A runtime and its one context.
pub(crate) struct Engine {
    context: Context,
    ticks: Arc<AtomicU64>,
    timed_out: Arc<AtomicBool>,
    console: Arc<Mutex<Vec<String>>>,
}

impl Engine {
    /// A fresh runtime with the clock, the dice and the console of `base.js`.
    pub(crate) fn new() -> Result<Self> {
        let failed = |error: rquickjs::Error| Error::Other(format!("cannot start the JavaScript engine: {error}"));
        let runtime = Runtime::new().map_err(failed)?;
        runtime.set_memory_limit(SCRIPT_MEMORY_BYTES_MAX);
        runtime.set_max_stack_size(SCRIPT_STACK_BYTES_MAX);
        let ticks = Arc::new(AtomicU64::new(u64::MAX));
        let timed_out = Arc::new(AtomicBool::new(false));
        let (left, tripped) = (Arc::clone(&ticks), Arc::clone(&timed_out));
        runtime.set_interrupt_handler(Some(Box::new(move || {
            let spent = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err();
            if spent {
                tripped.store(true, Ordering::Relaxed);
            }
            spent
        })));
        let context = Context::full(&runtime).map_err(failed)?;
        let console = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&console);
        context
            .with(|ctx| -> rquickjs::Result<()> {
                let print = Function::new(ctx.clone(), move |line: String| keep_line(&lines, line))?;
                let base: Function<'_> = ctx.eval(BASE)?;
                let kit: Object<'_> = base.call((print,))?;
                // A second store of the same type would be our own mistake; there is none.
                let _ = ctx.store_userdata(kit);
                Ok(())
            })
            .map_err(failed)?;
        Ok(Self { context, ticks, timed_out, console })
    }

    /// Runs work inside of the context, with so many ticks for all scripts in it.
    pub(crate) fn run<T>(
        &self,
        ticks: u64,
        work: impl for<'js> FnOnce(&Ctx<'js>, &Object<'js>) -> std::result::Result<T, Stop>,
    ) -> std::result::Result<T, Failure> {
        self.ticks.store(ticks, Ordering::Relaxed);
        self.timed_out.store(false, Ordering::Relaxed);
        self.context.with(|ctx| {
            let Some(kit) = ctx.userdata::<Object<'_>>().map(|kit| (*kit).clone()) else {
                return Err(Failure::new("the JavaScript engine lost its base"));
            };
            match work(&ctx, &kit) {
                Ok(_) | Err(Stop::Said(_)) if self.timed_out.load(Ordering::Relaxed) => Err(too_long()),
                Ok(value) => Ok(value),
                Err(Stop::Said(message)) => Err(Failure::new(message)),
                Err(Stop::Js(error)) => {
                    let failure = Err::<(), _>(error).catch(&ctx).err().map(|caught| told(&caught));
                    if self.timed_out.load(Ordering::Relaxed) {
                        return Err(too_long());
                    }
                    Err(failure.unwrap_or_else(|| Failure::new("the script failed")))
                }
            }
        })
    }

    /// More ticks for the next callback of the same work.
    pub(crate) fn refill(&self, ticks: u64) {
        self.ticks.store(ticks, Ordering::Relaxed);
    }

    /// Ticks that are left of the last allowance.
    pub(crate) fn ticks_left(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }

    /// What the console said since the last call.
    pub(crate) fn take_console(&self) -> Vec<String> {
        std::mem::take(&mut *self.console.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why work inside of the context stopped.
pub(crate) enum Stop {
    /// The engine has an exception.
    Js(rquickjs::Error),
    /// Our own words.
    Said(String),
}

impl From<rquickjs::Error> for Stop {
    fn from(error: rquickjs::Error) -> Self {
        Self::Js(error)
    }
}

/// Refuses a script that is too long to be one.
pub(crate) fn check_size(text: &str) -> Result<()> {
    if text.len() > SCRIPT_BYTES_MAX {
        return Err(Error::Input(format!("the script has {} bytes, at most {SCRIPT_BYTES_MAX}", text.len())));
    }
    if text.contains('\0') {
        return Err(Error::Input("the script holds a NUL byte".to_owned()));
    }
    Ok(())
}

fn too_long() -> Failure {
    Failure { message: "took too long and was stopped (an endless loop?)".to_owned(), spent: true, missing: false }
}

fn keep_line(lines: &Mutex<Vec<String>>, line: String) {
    push_line(&mut lines.lock().unwrap_or_else(PoisonError::into_inner), line);
}

/// Keeps one printed line: cut where it is long, and not at all where there are too many.
pub(crate) fn push_line(lines: &mut Vec<String>, line: String) {
    match lines.len() {
        count if count < CONSOLE_LINES_MAX => lines.push(match line.char_indices().nth(CONSOLE_LINE_CHARS_MAX) {
            Some((byte, _)) => format!("{}…", &line[..byte]),
            None => line,
        }),
        CONSOLE_LINES_MAX => lines.push(format!("… only the first {CONSOLE_LINES_MAX} lines are kept")),
        _ => {}
    }
}

/// The exception in words, with its place in the script.
fn told(caught: &CaughtError<'_>) -> Failure {
    match caught {
        CaughtError::Exception(exception) => {
            let object = exception.as_object();
            let name = object.get::<_, String>("name").unwrap_or_else(|_| "Error".to_owned());
            let message = exception.message().unwrap_or_default();
            let spent = name == "InternalError" && message.contains("out of memory");
            if spent {
                let text = "used more memory than a script may".to_owned();
                return Failure { message: text, spent, missing: false };
            }
            let missing = name == "TypeError" && (message.contains("of null") || message.contains("of undefined"));
            let place = place(exception).map(|place| format!(" ({place})")).unwrap_or_default();
            Failure { message: format!("{name}: {message}{place}"), spent, missing }
        }
        CaughtError::Value(value) if value.is_null() => Failure {
            // The engine throws null where it has no memory left for an error.
            message: "threw null".to_owned(),
            spent: true,
            missing: false,
        },
        CaughtError::Value(value) => {
            let text = match value.as_string().and_then(|text| text.to_string().ok()) {
                Some(text) => text,
                None => value
                    .ctx()
                    .json_stringify(value.clone())
                    .ok()
                    .flatten()
                    .and_then(|text| text.to_string().ok())
                    .unwrap_or_else(|| value.type_name().to_owned()),
            };
            Failure::new(format!("threw {text}"))
        }
        CaughtError::Error(error) => Failure::new(error.to_string()),
    }
}

/// The innermost place in the user's own file: `orders.js:3:12`.
fn place(exception: &Exception<'_>) -> Option<String> {
    let stack = exception.stack()?;
    let line = stack.lines().find(|line| !line.contains("(native)") && !line.contains("eval_script"))?;
    let place = line.rsplit_once('(').map_or(line, |(_, place)| place);
    let place = place.trim().trim_start_matches("at ").trim_end_matches(')').trim();
    place.chars().any(|c| c == ':').then(|| place.to_owned())
}
