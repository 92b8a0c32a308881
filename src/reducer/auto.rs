//! The Auto reducer.

use super::{FoldFault, Reducer, ReducerId};
use crate::event::{Event, Value};

/// Merges payloads; knows creation and deletion.
pub struct Auto;

impl Reducer for Auto {
    fn id(&self) -> ReducerId {
        ReducerId("auto:1".to_owned())
    }

    fn empty(&self) -> Value {
        Value::Null
    }

    fn fold(&mut self, _state: &mut Value, _event: Event<'_>) -> Result<(), FoldFault> {
        todo!()
    }
}
