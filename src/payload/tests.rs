//! Decoding from the outside: what is read, what is a fault, and what it says.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::json;

use super::*;
use crate::limits::{PAYLOAD_BYTES_MAX, PAYLOAD_DEPTH_MAX};

fn raw(data: &[u8]) -> RawEvent<'_> {
    RawEvent {
        seq: Seq::Number(7),
        stream: "order-1",
        category: None,
        version: Some(3),
        event_type: "Order.OrderPlaced",
        time: None,
        id: None,
        data,
        metadata: None,
    }
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn fault(data: &[u8]) -> String {
    let decoded = Decoder::json().decode(&raw(data));
    let fault = decoded.data.unwrap_err();
    assert_eq!(Decoder::json().event(&raw(data)).unwrap_err(), fault, "both ways say the same");
    fault
}

#[test]
fn numbers_keep_every_digit_and_keys_their_order() {
    let text = r#"{"z":123456789012345678901234567890,"a":0.10000000000000000001,"m":1e400}"#;
    let decoded = Decoder::json().decode(&raw(text.as_bytes()));
    assert_eq!(serde_json::to_string(&decoded.data.unwrap()).unwrap(), text.replace("1e400", "1e+400"));
    assert_eq!(decoded.decoded_by, "JSON");
}

#[test]
fn zlib_and_gzip_are_taken_off_and_said() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(br#"{"a":1}"#).unwrap();
    let gzip = encoder.finish().unwrap();
    for (stored, by) in [(zlib(br#"{"a":1}"#), "zlib, JSON"), (gzip, "gzip, JSON")] {
        let decoded = Decoder::json().decode(&raw(&stored));
        assert_eq!(decoded.data.unwrap(), json!({"a": 1}));
        assert_eq!(decoded.decoded_by, by);
    }
}

#[test]
fn a_zip_bomb_is_a_fault() {
    let bomb = zlib(&vec![b' '; PAYLOAD_BYTES_MAX + 1]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(fault(&bomb), "zlib: unpacks to more than the 64 MiB that are decoded");
}

#[test]
fn nesting_to_the_limit_is_read_and_deeper_is_a_fault() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let deepest = format!("{}1{}", "{\"a\":".repeat(PAYLOAD_DEPTH_MAX), "}".repeat(PAYLOAD_DEPTH_MAX));
    assert!(Decoder::eventsourcing().event(&raw(deepest.as_bytes())).is_ok());
    assert!(Decoder::json().event(&raw(nested(PAYLOAD_DEPTH_MAX).as_bytes())).is_ok());
    assert!(fault(nested(PAYLOAD_DEPTH_MAX + 1).as_bytes()).starts_with("nested deeper than the 1000 levels"));
    assert!(fault("[".repeat(10_000_000).as_bytes()).starts_with("nested deeper"));
    let in_text = format!("\"{}\\\"{}\"", "[".repeat(2_000), "[".repeat(2_000));
    assert!(Decoder::json().event(&raw(in_text.as_bytes())).is_ok(), "brackets in text do not nest");
}

#[test]
fn what_cannot_be_decoded_says_why() {
    assert_eq!(
        fault(&[0x9c, 0x01, 0xff, 0x00, 0x80]),
        "not JSON, zlib or gzip: 5 bytes, encrypted or in a format that is not known"
    );
    assert_eq!(
        fault(&[0x78, 0x9c, 0xff, 0xff, 0xff]),
        "not JSON, zlib or gzip: 5 bytes, encrypted or in a format that is not known"
    );
    assert!(fault(b"{\"a\":\"\xff\"}").starts_with("JSON with a byte that is not UTF-8, at byte 6"));
    assert!(fault(b"{\"a\":1").starts_with("malformed JSON: "));
    assert!(fault(b"{\"a\":1}\0").starts_with("malformed JSON: ") || fault(b"{\"a\":1}\0").starts_with("not JSON"));
    assert!(fault(b"hello world").starts_with("not JSON"));
    assert!(fault(&zlib(b"hello")).starts_with("zlib, then not JSON"));
}

#[test]
fn an_empty_payload_is_null_and_a_byte_order_mark_is_skipped() {
    let decoded = Decoder::json().decode(&raw(b""));
    assert_eq!((decoded.data.unwrap(), decoded.decoded_by.as_str()), (Value::Null, "empty"));
    assert_eq!(Decoder::json().decode(&raw(b"\xEF\xBB\xBF{}")).data.unwrap(), json!({}));
}

#[test]
fn typed_values_become_plain_and_the_envelope_is_taken_out() {
    let stored = json!({
        "timestamp": {"_type_": "datetime_iso", "_data_": "2026-11-24T14:57:06.778309+00:00"},
        "originator_topic": "shop:Order",
        "price": {"_type_": "decimal_str", "_data_": "7.99"},
        "ids": [{"_type_": "uuid_hex", "_data_": "9a0389ede0dd458f8ba19818cf76dff7"}],
        "pair": {"_type_": "tuple_as_list", "_data_": [1, {"_type_": "decimal_str", "_data_": "2"}]},
        "near": {"_type_": "x", "_data_": 1, "more": 2},
    });
    let bytes = zlib(stored.to_string().as_bytes());
    let decoder = Decoder::eventsourcing();
    let opened = decoder.decode(&raw(&bytes));
    assert_eq!(
        opened.data.unwrap(),
        json!({"price": "7.99", "ids": ["9a0389ed-e0dd-458f-8ba1-9818cf76dff7"], "pair": [1, "2"],
               "near": {"_type_": "x", "_data_": 1, "more": 2}})
    );
    assert_eq!(opened.metadata, json!({"originator_topic": "shop:Order"}));
    assert_eq!(opened.time, Time::parse("2026-11-24T14:57:06.778309Z"));
    assert_eq!(decoder.event(&raw(&bytes)).unwrap().category, "Order");
}

#[test]
fn metadata_that_is_no_json_is_shown_as_text() {
    let mut event = raw(b"{}");
    event.metadata = Some(b"by hand");
    assert_eq!(Decoder::json().decode(&event).metadata, json!("by hand"));
    event.metadata = Some(br#"{"user":"x"}"#);
    assert_eq!(Decoder::json().decode(&event).metadata, json!({"user": "x"}));
}

#[test]
fn a_hash_depends_on_every_field_and_on_where_it_ends() {
    let base = raw(b"{}");
    let mut seen = vec![hash(&base)];
    for change in 0..6 {
        let mut other = base;
        match change {
            0 => other.seq = Seq::Number(8),
            1 => other.stream = "order-2",
            2 => other.version = None,
            3 => other.event_type = "x",
            4 => other.data = b"[]",
            _ => other.metadata = Some(b""),
        }
        seen.push(hash(&other));
    }
    let mut moved = base;
    (moved.stream, moved.event_type) = ("order-1O", "rder.OrderPlaced");
    seen.push(hash(&moved));
    for (index, one) in seen.iter().enumerate() {
        assert!(!seen[..index].contains(one), "hash {index} is like an earlier one");
    }
}
