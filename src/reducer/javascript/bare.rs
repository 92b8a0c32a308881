//! A bare loop of the engine: parse, call, keep the value. What a script's fold is measured against.

use rquickjs::{Context, Function, Persistent, Runtime, Value as Js};

use crate::error::{Error, Result};
use crate::event::Value;

/// The loop.
pub struct BareLoop {
    // Values go before the engine that holds them.
    reduce: Persistent<Function<'static>>,
    state: Persistent<Js<'static>>,
    context: Context,
}

fn failed(error: &rquickjs::Error) -> Error {
    Error::Other(format!("the bare loop failed: {error}"))
}

/// A loop with this function of a state and a payload.
///
/// # Errors
/// `Other` where the engine cannot be started, or the text is no function.
pub fn bare_loop(text: &str) -> Result<BareLoop> {
    let runtime = Runtime::new().map_err(|error| failed(&error))?;
    let context = Context::full(&runtime).map_err(|error| failed(&error))?;
    let kept = context.with(|ctx| {
        let reduce: Function<'_> = ctx.eval(text)?;
        let state = rquickjs::Object::new(ctx.clone())?.into_value();
        Ok((Persistent::save(&ctx, reduce), Persistent::save(&ctx, state)))
    });
    let (reduce, state) = kept.map_err(|error: rquickjs::Error| failed(&error))?;
    Ok(BareLoop { reduce, state, context })
}

impl BareLoop {
    /// Parses and folds payloads.
    ///
    /// # Errors
    /// `Other` where the function throws.
    pub fn fold(&mut self, payloads: &[String]) -> Result<()> {
        let (reduce, state) = (self.reduce.clone(), self.state.clone());
        let folded = self.context.with(|ctx| {
            let (reduce, mut state) = (reduce.restore(&ctx)?, state.restore(&ctx)?);
            for payload in payloads {
                let data = ctx.json_parse(payload.as_str())?;
                state = reduce.call((state, data))?;
            }
            Ok(Persistent::save(&ctx, state))
        });
        self.state = folded.map_err(|error: rquickjs::Error| failed(&error))?;
        Ok(())
    }

    /// The state.
    ///
    /// # Errors
    /// `Other` where it is no JSON.
    pub fn state(&self) -> Result<Value> {
        let state = self.state.clone();
        let text = self.context.with(|ctx| {
            let state = state.restore(&ctx)?;
            ctx.json_stringify(state)?.map(|text| text.to_string()).transpose()
        });
        let text = text.map_err(|error: rquickjs::Error| failed(&error))?.unwrap_or_default();
        serde_json::from_str(&text).map_err(|error| Error::Other(format!("the bare loop's state is no JSON: {error}")))
    }
}
