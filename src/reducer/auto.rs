//! *Auto*: state without set-up. It merges payloads and knows creation and deletion.
//!
//! The rules, in full:
//! - An event's type is read as words: `User.UserNameUpdated`, `user-name-updated` and `user_name_updated` alike. The
//!   last word is the verb (a trailing `v2` or `Event` is not a word), what stands before it is the subject.
//! - The subject of a stream's first event, and the stream's category, name the entity.
//! - *Deleted*, *destroyed*, *erased*, *purged*, *tombstoned* end the entity where the subject is the entity (or where
//!   the type has no subject); *removed* only where the subject is plainly the entity. `ItemRemoved` in an order ends
//!   no order.
//! - After its end the entity does not exist. Only a creating verb (*created*, *registered*, …) brings a new one into
//!   being; *restored*, *undeleted*, *reinstated*, *recovered* bring the old one back. Any other event after the end is
//!   a fault: it is marked and changes nothing.
//! - Every other event's payload is merged by RFC 7396: objects key by key, null removes a key. An empty payload changes
//!   nothing. A payload that is no object is kept under the event's name (`Touched` with `1` sets `touched` to `1`).
//! - What a library wraps around the fields, serde's tags or an envelope, is taken off before that.
//!
//! The reducer's own form of the state is `[subject, state, ended state]`.

use std::borrow::Cow;

use super::patch::Patch;
use super::{Decode, FoldFault, Reducer, ReducerId, Shown};
use crate::event::{Event, RawEvent, Value};

const ENDING: [&str; 5] = ["deleted", "destroyed", "erased", "purged", "tombstoned"];
const REVIVING: [&str; 4] = ["restored", "undeleted", "reinstated", "recovered"];
const CREATING: [&str; 17] = [
    "created",
    "opened",
    "registered",
    "started",
    "placed",
    "initiated",
    "initialized",
    "initialised",
    "reopened",
    "recreated",
    "enrolled",
    "issued",
    "drafted",
    "imported",
    "submitted",
    "requested",
    "scheduled",
];

/// Merges payloads; knows creation and deletion. See the module's text for the rules.
pub struct Auto;

impl Reducer for Auto {
    fn id(&self) -> ReducerId {
        ReducerId("auto".to_owned())
    }

    fn empty(&self) -> Value {
        Value::Null
    }

    fn fold(&mut self, state: &mut Value, event: Event<'_>) -> Result<(), FoldFault> {
        let words = Words::of(event.event_type);
        if state.is_null() {
            *state = Value::Array(vec![Value::String(words.subject.clone()), Value::Null, Value::Null]);
        }
        let Some([subject, live, ended]) =
            state.as_array_mut().and_then(|parts| <&mut [Value; 3]>::try_from(parts.as_mut_slice()).ok())
        else {
            return Err(FoldFault("the kept state is not one of the Auto reducer".to_owned()));
        };
        let entity = subject.as_str().unwrap_or_default();
        if words.ends(entity, event.category) {
            if live.is_null() && !ended.is_null() {
                return Err(FoldFault(format!("{} comes after the end: it does not exist", event.event_type)));
            }
            *ended = match live.take() {
                Value::Null => Value::Object(serde_json::Map::new()),
                state => state,
            };
            return Ok(());
        }
        if live.is_null() && !ended.is_null() {
            if REVIVING.contains(&words.verb.as_str()) {
                *live = ended.take();
            } else if !CREATING.contains(&words.verb.as_str()) {
                return Err(FoldFault(format!("{} comes after the end: it does not exist", event.event_type)));
            }
            *ended = Value::Null;
        }
        if live.is_null() {
            *live = Value::Object(serde_json::Map::new());
        }
        match super::envelope::own_fields(event.event_type, event.data) {
            Value::Null => {}
            patch @ Value::Object(_) => merge(live, patch),
            other => {
                if let Value::Object(map) = live {
                    map.insert(words.key(), other);
                }
            }
        }
        Ok(())
    }

    fn fold_run(&mut self, state: &mut Value, events: &[RawEvent<'_>], decode: &dyn Decode) -> Vec<(usize, FoldFault)> {
        let mut faults = Vec::new();
        let mut patch = Patch::default();
        // The type of the event before, and whether such an event may end or begin something.
        let mut known: Option<(&str, bool)> = None;
        for (index, raw) in events.iter().enumerate() {
            let only_merges = match known {
                Some((event_type, only_merges)) if event_type == raw.event_type => only_merges,
                _ => {
                    let verb = Words::of(raw.event_type).verb;
                    let only_merges = !ENDING.contains(&verb.as_str()) && verb != "removed";
                    known = Some((raw.event_type, only_merges));
                    only_merges
                }
            };
            if only_merges
                && let Some(text) = decode.text(raw)
                && let Some([_, live @ Value::Object(_), _]) = state.as_array_mut().map(Vec::as_mut_slice)
                && patch.merge(text, live, &|field| super::envelope::may_wrap(raw.event_type, field))
            {
                continue;
            }
            let folded = match decode.event(raw) {
                Ok(event) => self.fold(state, event),
                Err(why) => Err(FoldFault(why)),
            };
            if let Err(fault) = folded {
                faults.push((index, fault));
            }
        }
        faults
    }

    fn show(&self, state: Value) -> Shown {
        match state {
            Value::Array(mut parts) if parts.len() == 3 => {
                let state = parts.swap_remove(1);
                Shown { exists: !state.is_null(), state }
            }
            _ => Shown { exists: false, state: Value::Null },
        }
    }

    fn reopen(&self, shown: &Value, first: &Event<'_>) -> Option<Value> {
        // What does not exist may have an ended state, which is not shown.
        (!shown.is_null()).then(|| {
            let subject = Words::of(first.event_type).subject;
            Value::Array(vec![Value::String(subject), shown.clone(), Value::Null])
        })
    }

    fn peek<'a>(&self, state: &'a Value) -> Cow<'a, Value> {
        match state.as_array().map(Vec::as_slice) {
            Some([_, live, _]) => Cow::Borrowed(live),
            _ => Cow::Owned(Value::Null),
        }
    }
}

/// RFC 7396.
pub(super) fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(map) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            // Keeps the order of the other keys.
            map.shift_remove(&key);
        } else if let Some(slot) = map.get_mut(&key) {
            merge(slot, value);
        } else {
            let mut fresh = Value::Null;
            merge(&mut fresh, value);
            map.insert(key, fresh);
        }
    }
}

/// A type's name as words.
struct Words {
    /// All words before the verb, in lower case, joined.
    subject: String,
    /// The last of them: the noun.
    noun: String,
    verb: String,
    /// The part after the last dot, colon or slash as written: the event's own name.
    name: String,
}

impl Words {
    fn of(event_type: &str) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut lower_before = false;
        for character in event_type.chars() {
            if !character.is_alphanumeric() {
                lower_before = false;
                words.push(String::new());
                continue;
            }
            if words.is_empty() || (character.is_uppercase() && lower_before) {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(character.to_lowercase());
            }
            lower_before = character.is_lowercase() || character.is_numeric();
        }
        words.retain(|word| !word.is_empty());
        while words.len() > 1 && words.last().is_some_and(|word| is_suffix(word)) {
            words.pop();
        }
        let verb = words.pop().unwrap_or_default();
        // `User.UserDeleted`: the class before the event's name is not said twice.
        let name = event_type.rsplit(['.', ':', '/']).next().unwrap_or_default();
        let in_name = name.chars().filter(|character| character.is_alphanumeric()).count();
        let mut own: Vec<&String> = Vec::new();
        let mut length = verb.chars().count();
        for word in words.iter().rev() {
            length += word.chars().count();
            if length > in_name {
                break;
            }
            own.insert(0, word);
        }
        if own.is_empty() {
            own = words.iter().collect();
        }
        let subject: String = own.iter().map(|word| word.as_str()).collect();
        let noun = own.last().map(|word| (*word).clone()).unwrap_or_default();
        Self { subject, noun, verb, name: name.to_owned() }
    }

    /// True where this event ends an entity of this name in a stream of this category.
    fn ends(&self, entity: &str, category: &str) -> bool {
        let ending = ENDING.contains(&self.verb.as_str());
        let removed = self.verb == "removed";
        if !ending && !removed {
            return false;
        }
        if self.subject.is_empty() {
            return ending;
        }
        self.names(entity) || self.names(category) || (ending && self.noun == "stream")
    }

    fn names(&self, entity: &str) -> bool {
        let entity: String =
            entity.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let entity = singular(&entity);
        let (subject, noun) = (singular(&self.subject), singular(&self.noun));
        !entity.is_empty() && (subject == entity || noun == entity || (noun.len() > 2 && entity.ends_with(noun)))
    }

    /// The event's own name as a key: `Touched` → `touched`.
    fn key(&self) -> String {
        let mut characters = self.name.chars();
        match characters.next() {
            Some(first) => first.to_lowercase().chain(characters).collect(),
            None => "value".to_owned(),
        }
    }
}

fn is_suffix(word: &str) -> bool {
    let version = word.strip_prefix('v').unwrap_or(word);
    word == "event" || (!version.is_empty() && version.chars().all(|character| character.is_ascii_digit()))
}

fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Seq, category_of};
    use serde_json::json;

    fn fold(stream: &str, events: &[(&str, Value)]) -> (Shown, Vec<String>) {
        let mut auto = Auto;
        let mut state = auto.empty();
        let mut faults = Vec::new();
        for (index, (event_type, data)) in events.iter().enumerate() {
            let event = Event {
                seq: Seq::Number(1),
                stream,
                category: category_of(stream),
                version: Some(i64::try_from(index).unwrap() + 1),
                event_type,
                time: None,
                id: None,
                data: data.clone(),
                metadata: None,
            };
            if let Err(fault) = auto.fold(&mut state, event) {
                faults.push(fault.0);
            }
        }
        (auto.show(state), faults)
    }

    #[test]
    fn a_deleted_user_does_not_exist() {
        let events = [
            ("UserCreated", json!({"userId": 1, "name": "Alice"})),
            ("UserNameUpdated", json!({"userId": 1, "name": "Alicia"})),
            ("UserDeleted", json!({"userId": 1})),
        ];
        for stream in ["user-1", "1", "users", "stream", "tenant/7:user", "a4d2-11"] {
            assert_eq!(fold(stream, &events[..2]).0.state, json!({"userId": 1, "name": "Alicia"}));
            let (shown, faults) = fold(stream, &events);
            assert!(!shown.exists && shown.state.is_null() && faults.is_empty(), "{stream}");
        }
    }

    #[test]
    fn types_are_read_alike_however_they_are_written() {
        for kind in [
            "UserDeleted",
            "user-deleted",
            "user_deleted",
            "user.deleted",
            "User.UserDeleted",
            "com.acme.UserDeleted.v2",
            "UserDeletedEvent",
            "shop:User.UserDeleted",
            "USER_DELETED",
            "Deleted",
            "UserDeletedV3",
            "users.deleted",
        ] {
            let (shown, _) = fold("x", &[("UserCreated", json!({"a": 1})), (kind, json!({}))]);
            assert!(!shown.exists, "{kind}");
        }
    }

    #[test]
    fn the_end_of_a_part_is_not_the_end_of_the_whole() {
        for kind in ["ItemRemoved", "ItemDeleted", "order-item-removed", "OrderItemDeleted", "AddressDeleted"] {
            let (shown, faults) = fold("order-7", &[("OrderPlaced", json!({"a": 1})), (kind, json!({"b": 2}))]);
            assert_eq!((shown.exists, shown.state, faults.len()), (true, json!({"a": 1, "b": 2}), 0), "{kind}");
        }
    }

    #[test]
    fn nothing_but_a_creation_follows_the_end() {
        let mut events = vec![
            ("UserCreated", json!({"name": "Alice"})),
            ("UserDeleted", json!({})),
            ("UserNameUpdated", json!({"name": "Bob"})),
            ("UserDeleted", json!({})),
        ];
        let (shown, faults) = fold("user-1", &events);
        assert!(!shown.exists);
        assert_eq!(faults.len(), 2);
        events.push(("UserRestored", json!({"by": "root"})));
        assert_eq!(fold("user-1", &events).0.state, json!({"name": "Alice", "by": "root"}));
        events.pop();
        events.push(("UserCreated", json!({"name": "Carol"})));
        assert_eq!(fold("user-1", &events).0.state, json!({"name": "Carol"}));
    }

    #[test]
    fn payloads_merge_as_rfc_7396_says() {
        let events = [
            ("Saved", json!({"a": {"b": 1, "c": 2}, "list": [1, 2], "big": 12_345_678_901_234_567_890_u64})),
            ("Saved", json!({"a": {"b": null, "d": {"e": null, "f": 3}}, "list": [3]})),
            ("Touched", json!(1)),
            ("Saved", json!({})),
            ("Saved", Value::Null),
        ];
        let expected =
            json!({"a": {"c": 2, "d": {"f": 3}}, "list": [3], "big": 12_345_678_901_234_567_890_u64, "touched": 1});
        assert_eq!(fold("x", &events).0.state, expected);
    }
}
