//! What the filter language means, term by term, and what it says of a slip.

use super::*;
use crate::event::Value;

fn head() -> Head<'static> {
    Head {
        event_type: "OrderPlaced",
        stream: "cart-7",
        category: "cart",
        id: Some("e-1"),
        version: Some(3),
        position: Some(70),
        bytes: 120,
        time: Time::parse("2026-01-31T12:00:00Z"),
        is_time_known: true,
    }
}

fn passes(filter: &str, data: &str) -> bool {
    let data: Value = serde_json::from_str(data).unwrap();
    let metadata = serde_json::json!({"user": "ann", "trace": {"id": 12}});
    Filter::parse(filter).unwrap().passes(&Subject { head: head(), data: Some(&data), metadata: &metadata })
}

fn fault(filter: &str) -> String {
    Filter::parse(filter).unwrap_err().to_string()
}

#[test]
fn names_numbers_and_times_beside_the_payload() {
    for (filter, expected) in [
        ("", true),
        ("type:Order*", true),
        ("type:Order", false),
        ("-type:Order*", false),
        ("type:Paid,*Placed", true),
        ("type:\"Order*\"", false),
        ("type:Order?laced stream:cart-* category:cart id:e-1", true),
        ("category:order,cart", true),
        ("stream:*-8", false),
        ("version>2 version<=3 version:3 version!=4", true),
        ("position>=70 -position>70 size<121", true),
        ("after:2026-01-31", true),
        ("after:2026-01-31T12:00:00Z before:2026-01-31T12:00:01Z", true),
        ("before:2026-01-31T12:00:00Z", false),
        ("after:2026 before:2026-02", true),
    ] {
        assert_eq!(passes(filter, "{}"), expected, "{filter}");
    }
}

#[test]
fn values_compare_exactly() {
    let data = r#"{"total":100.00,"big":9223372036854775809,"text":"12.50","kind":"over draft","none":null,"on":true,
                   "lines":[{"price":5},{"price":1e2}],"a.b":{"c d":1},"deep":{"x":{"y":"Zürich"}},"due":"2026-03-01"}"#;
    for (filter, expected) in [
        ("data.total=100", true),
        ("data.total=1e2", true),
        ("data.total=\"100\"", false),
        ("data.total!=100", false),
        ("data.total>99.999999999999999999", true),
        ("data.big=9223372036854775809", true),
        ("data.big=9223372036854775808", false),
        ("data.text=12.5", true),
        ("data.text=\"12.5\"", false),
        ("data.text=\"12.50\"", true),
        ("data.text<13", true),
        ("data.kind=\"over draft\"", true),
        ("data.kind:over*", true),
        ("data.none=null has:data.none", true),
        ("data.on=true -data.on=false", true),
        ("data.lines.1.price=100", true),
        ("data.lines.*.price>50", true),
        ("data.lines.*.price>100", false),
        ("data.\"a.b\".\"c d\"=1", true),
        ("has:data.missing", false),
        ("-has:data.missing", true),
        ("data.missing!=1", false),
        ("-data.missing=1", true),
        ("data.deep~zürich", true),
        ("data.deep~ZÜRICH", false),
        ("data.lines~zürich", false),
        ("data.due>=2026-03-01 data.due<2026-04", true),
        ("meta.user=ann metadata.trace.id<13", true),
        ("meta~ann -meta~bob", true),
        ("data.lines=1", false),
        ("has:data", true),
    ] {
        assert_eq!(passes(filter, data), expected, "{filter}");
    }
}

#[test]
fn free_words_are_found_in_keys_and_values() {
    let data = r#"{"Kind":"Überzug 4711","n":1.0,"list":["a\"b\\c/d"],"flag":false}"#;
    for (filter, expected) in [
        ("kind", true),
        ("KIND", false),
        ("Kind", true),
        ("überzug", true),
        ("Überzug", true),
        ("ÜBERZUG", false),
        ("471", true),
        ("\"überzug 4711\"", true),
        ("1.0", true),
        ("false", true),
        ("\"a\\\"b\\\\c/d\"", true),
        ("ann", false),
        ("OrderPlaced", false),
        ("kind -flag", false),
        ("http://x", false),
        ("12:30", false),
    ] {
        assert_eq!(passes(filter, data), expected, "{filter}");
    }
}

#[test]
fn of_a_payload_that_cannot_be_decoded_nothing_holds() {
    let subject = Subject { head: head(), data: None, metadata: &Value::Null };
    for (filter, expected) in [
        ("type:Order*", true),
        ("word", false),
        ("-word", false),
        ("-has:data.x", false),
        ("-has:meta.x", true),
        ("is:undecodable", true),
        ("-is:undecodable", false),
    ] {
        assert_eq!(Filter::parse(filter).unwrap().passes(&subject), expected, "{filter}");
    }
}

#[test]
fn a_fault_says_what_is_wrong_and_where() {
    for (filter, expected) in [
        ("data.total>", "filter stops at column 12: a value is missing after \">\""),
        ("type:", "filter stops at column 6: a name of type is missing after \":\""),
        ("type:A, x", "filter stops at column 8: a name of type is missing after \",\""),
        ("ok data.=1", "filter stops at column 9: a key is missing after \".\" (other signs go in quotes)"),
        ("ü \"open", "filter stops at column 3: the quote that begins here does not end"),
        ("a -", "filter stops at column 4: nothing follows the \"-\""),
        ("version>x", "filter stops at column 9: \"x\" is no whole number"),
        ("\"\"", "filter stops at column 1: the text to look for is empty"),
        ("is:odd", "filter stops at column 4: an event can be undecodable, not \"odd\""),
        ("has:total", "filter stops at column 5: a path is missing here: has:data.total, or has:meta.user"),
        ("\"a\"b", "filter stops at column 4: a blank is missing between two terms"),
    ] {
        assert_eq!(fault(filter), expected, "{filter}");
    }
    assert!(fault("after:tomorrow").contains("column 7: \"tomorrow\" is no time"));
    assert!(fault("typ:Order").contains("column 1: \"typ\" is no field"));
    assert!(fault("total>5").contains("data.total"));
    assert!(fault("data.total").contains("a comparison is missing after data.total"));
    assert!(fault("type>A").contains("type:NAME"));
}

#[test]
fn a_filter_prints_as_what_reads_as_the_same() {
    let text = "type:Order* -stream:\"a b\" data.\"x y\".*.z>=1e3 \"free words\" word before:2026-01-01";
    let filter = Filter::parse(&format!("  {text}\t")).unwrap();
    assert_eq!(filter.to_string(), text);
    assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter);
}

#[test]
fn a_value_becomes_a_term_that_finds_it() {
    for value in [
        serde_json::json!("over\"dr\\aft"),
        serde_json::json!("100"),
        serde_json::json!(100),
        serde_json::json!("null"),
        serde_json::json!(null),
        serde_json::json!(""),
        serde_json::json!("a*b, c"),
        serde_json::json!(-1.5),
    ] {
        let place = Place::at_pointer(Part::Payload, "/a~1b/0/c d");
        let data = serde_json::json!({"a/b": [{"c d": value}]}).to_string();
        let term = Term::of_value(&place, &value, false).unwrap();
        assert!(passes(term.text(), &data), "{}", term.text());
        let term = Term::of_value(&place, &value, true).unwrap();
        assert!(!passes(term.text(), &data), "{}", term.text());
    }
    let term = Term::of_name(Name::Stream, "a b*,\"c\"", false).unwrap();
    let head = Head { stream: "a b*,\"c\"", ..head() };
    assert!(Filter::of(vec![term]).may_pass(&head));
}
