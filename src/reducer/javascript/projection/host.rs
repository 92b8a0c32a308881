//! What the prelude may ask of us, and where it goes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rquickjs::{Ctx, Exception, Function, Object, Value as Js};

use super::super::engine::{Stop, push_line};
use super::super::values::{Exact, write};
use crate::event::Value;
use crate::limits::{EMITTED_PER_EVENT_MAX, PROJECTION_DEPTH_MAX};

/// An event or a link that the projection would have written.
#[derive(Clone, PartialEq, Debug)]
pub struct Emitted {
    /// The callback that emitted it: a type's name, `$any`, `$created`, `partitionBy`, …
    pub callback: String,
    /// The stream.
    pub stream: String,
    /// The type: `$>` for a link, `$@` for a link to a stream.
    pub event_type: String,
    /// The body.
    pub data: Option<Value>,
    /// The text of a link.
    pub link: Option<String>,
    /// The metadata.
    pub metadata: Option<Value>,
}

/// What one event sent out, and what was noticed so far.
#[derive(Default)]
pub(super) struct Outbox {
    pub(super) emitted: Vec<Emitted>,
    pub(super) logs: Vec<String>,
    pub(super) warnings: BTreeMap<&'static str, (u64, String)>,
    pub(super) callback: String,
    pub(super) fault: Option<String>,
    pub(super) exact: Exact,
}

impl Outbox {
    /// Nothing is sent out yet.
    pub(super) fn begin(&mut self) {
        self.emitted.clear();
        self.logs.clear();
        self.fault = None;
        self.exact = Exact::default();
        self.callback.clear();
    }
}

/// The outbox, held by the machine and by what the script calls.
pub(super) type Shared = Arc<Mutex<Outbox>>;

/// Notices something.
pub(super) fn warn(outbox: &Shared, id: &'static str, message: String) {
    let mut outbox = outbox.lock().unwrap_or_else(PoisonError::into_inner);
    outbox.warnings.entry(id).or_insert((0, message)).0 += 1;
}

/// What the prelude may ask of us.
pub(super) fn host<'js>(ctx: &Ctx<'js>, outbox: &Shared) -> rquickjs::Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let kept = Arc::clone(outbox);
    let write_json = move |ctx: Ctx<'js>, value: Js<'js>| -> rquickjs::Result<String> {
        let exact = std::mem::take(&mut kept.lock().unwrap_or_else(PoisonError::into_inner).exact);
        let written = write(&ctx, &value, Some(&exact), PROJECTION_DEPTH_MAX);
        kept.lock().unwrap_or_else(PoisonError::into_inner).exact = exact;
        match written {
            Ok(written) => Ok(written.value.to_string()),
            Err(Stop::Js(error)) => Err(error),
            Err(Stop::Said(message)) => {
                kept.lock().unwrap_or_else(PoisonError::into_inner).fault = Some(message.clone());
                Err(Exception::throw_type(&ctx, &message))
            }
        }
    };
    host.set("write", Function::new(ctx.clone(), write_json)?)?;
    let kept = Arc::clone(outbox);
    let fault = move |ctx: Ctx<'js>, message: String| -> rquickjs::Result<()> {
        kept.lock().unwrap_or_else(PoisonError::into_inner).fault.get_or_insert(message.clone());
        Err(Exception::throw_type(&ctx, &message))
    };
    host.set("fault", Function::new(ctx.clone(), fault)?)?;
    let kept = Arc::clone(outbox);
    let log = move |line: String| {
        let mut outbox = kept.lock().unwrap_or_else(PoisonError::into_inner);
        push_line(&mut outbox.logs, line);
    };
    host.set("log", Function::new(ctx.clone(), log)?)?;
    let kept = Arc::clone(outbox);
    let emit = move |ctx: Ctx<'js>,
                     stream: String,
                     event_type: String,
                     data: Option<String>,
                     link: Option<String>,
                     metadata: Option<String>|
          -> rquickjs::Result<()> {
        let mut outbox = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if outbox.emitted.len() >= EMITTED_PER_EVENT_MAX {
            let message = format!("more than {EMITTED_PER_EVENT_MAX} events emitted for one event");
            outbox.fault.get_or_insert(message.clone());
            return Err(Exception::throw_type(&ctx, &message));
        }
        let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        let callback = outbox.callback.clone();
        outbox
            .warnings
            .entry("emit-recorded")
            .or_insert((0, "what is emitted is recorded and never written".to_owned()))
            .0 += 1;
        outbox.emitted.push(Emitted { callback, stream, event_type, data: json(data), link, metadata: json(metadata) });
        Ok(())
    };
    host.set("emit", Function::new(ctx.clone(), emit)?)?;
    let kept = Arc::clone(outbox);
    let notice = move |id: String, message: String| {
        let id = match id.as_str() {
            "copyTo-empty" => "copyTo-empty",
            "console-missing" => "console-missing",
            "linkStreamTo-metadata" => "linkStreamTo-metadata",
            _ => return,
        };
        warn(&kept, id, message);
    };
    host.set("warn", Function::new(ctx.clone(), notice)?)?;
    Ok(host)
}
