//! Payloads in forms that need to be told (Protobuf, Avro), packed ones, and hostile ones; what the protocol's own
//! libraries wrote is in `fixtures/codecs`.

use std::fs;
use std::path::{Path, PathBuf};

use eventscope::event::{RawEvent, Seq, Value};
use eventscope::payload::{Decoded, Decoder, Masking, Settings};
use serde_json::json;

use crate::cli::Folder;
use crate::fixtures;

const RULES: &str = r#"
[[decode]]
type = "*CrateStored"
as = "protobuf"
descriptor = "depot.desc"
message = "depot.v1.CrateStored"

[[decode]]
type = "CrateEmptied"
as = "protobuf"
descriptor = "depot.desc"

[[decode]]
type = "Crate*"
as = "avro"
schema = "depot.avsc"
"#;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/codecs")
}

fn decoder(rules: &str) -> Decoder {
    let settings = Settings::parse(&folder().join("eventscope.toml"), rules, "native", Masking::On);
    Decoder::json().with_settings(settings.unwrap())
}

fn decode(decoder: &Decoder, event_type: &str, data: &[u8]) -> Decoded {
    decoder.decode(&RawEvent {
        seq: Seq::Number(1),
        stream: "crate-1",
        category: None,
        version: Some(1),
        event_type,
        time: None,
        id: None,
        data,
        metadata: None,
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Type, form, bytes, and what they are.
fn payloads() -> Vec<(String, String, Vec<u8>, Value)> {
    let text = fs::read_to_string(folder().join("payloads.jsonl")).unwrap();
    let read = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        (text("type"), text("form"), bytes(&text("hex")), line["expected"].clone())
    };
    text.lines().map(read).collect()
}

#[test]
fn what_other_libraries_wrote_is_read_to_the_last_digit() {
    let decoder = decoder(RULES);
    let mut forms = Vec::new();
    for (event_type, form, data, expected) in payloads().into_iter().filter(|(.., expected)| !expected.is_null()) {
        let decoded = decode(&decoder, &event_type, &data);
        let value = decoded.data.unwrap_or_else(|fault| panic!("{form} {event_type}: {fault}"));
        let (mut shown, mut wanted) = (value.to_string(), expected.to_string());
        if form == "protobuf" {
            // Its maps and structs have no order.
            assert_eq!(value, expected);
            (shown, wanted) = (value["crate_id"].to_string(), expected["crate_id"].to_string());
        }
        assert_eq!(shown, wanted, "{form} {event_type}");
        forms.push(decoded.decoded_by);
    }
    let expected = [
        "Protobuf depot.v1.CrateStored",
        "Protobuf depot.v1.CrateEmptied",
        "Avro",
        "single-object header, Avro",
        "registry header, Avro",
        "zstd, JSON",
        "zstd, MessagePack",
        "gzip, CBOR",
        "deflate, CBOR",
    ];
    assert_eq!(forms, expected, "what was done is said");
}

#[test]
fn fields_are_named_as_protobufs_json_where_that_is_wanted() {
    let rules = RULES.replace("message = \"depot.v1.CrateStored\"", "names = \"json\"");
    let (event_type, _, data, _) = payloads().remove(0);
    let value = decode(&decoder(&rules), &event_type, &data).data.unwrap();
    assert_eq!((&value["crateId"], &value["deposit"]["minorUnits"]), (&json!("c-1"), &json!(0)));
}

#[test]
fn fields_that_the_descriptor_set_does_not_know_are_shown() {
    // Field 99 is 7, field 98 is two bytes.
    let data = [&bytes("0a03632d39")[..], &bytes("98060792060200ff")].concat();
    let value = decode(&decoder(RULES), "CrateEmptied", &data).data.unwrap();
    assert_eq!(value, json!({"crate_id": "c-9", "balance": 0, "field 99": 7, "field 98": "00ff"}));
}

#[test]
fn a_rule_says_what_packs_what_is_skipped_and_what_is_left_alone() {
    let packed = |data: &[u8]| {
        use std::io::Write;
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    };
    let rules = r#"
        [[decode]]
        type = "Packed"
        as = "yaml"
        packed = "deflate"
        skip = 3
        [[decode]]
        type = "Bare"
        as = "hex"
        [[decode]]
        type = "Said"
        as = "text"
        packed = "none"
        [[decode]]
        type = "Said*"
        layout = "emmett"
        as = "hex"
        [[decode]]
        type = "Some"
        as = "json"
    "#;
    let decoder = decoder(rules);
    let data = [b"xyz".as_slice(), &packed(b"a: 1\nb: [2]")].concat();
    let decoded = decode(&decoder, "Packed", &data);
    assert_eq!(decoded.decoded_by, "3 bytes skipped, deflate, YAML");
    assert_eq!(decoded.data, Ok(json!({"a": 1, "b": [2]})));
    assert!(decode(&decoder, "Packed", b"xy").data.unwrap_err().contains("3 bytes to skip"));
    assert!(decode(&decoder, "Packed", b"xyz{}").data.unwrap_err().starts_with("deflate: "));
    assert_eq!(decode(&decoder, "Bare", b"{}").data.unwrap_err(), "2 bytes, shown as they are");
    assert_eq!(decode(&decoder, "Said", b"{\"a\":1}").data, Ok(json!("{\"a\":1}")));
    let other = decode(&decoder, "Said2", b"{\"a\":1}");
    assert_eq!((other.data, other.decoded_by.as_str()), (Ok(json!({"a": 1})), "JSON"), "a rule for another layout");
    assert!(decode(&decoder, "Some", &bytes("a16161f5")).data.is_err(), "no guessing where something is said");
}

#[test]
fn hostile_payloads_are_faults() {
    let decoder = decoder(RULES);
    let (_, _, bomb, _) = payloads().pop().unwrap();
    let fault = decode(&decoder, "bomb", &bomb).data.unwrap_err();
    assert!(fault.contains("zstd: unpacks to more than the 64 MiB"), "{fault}");
    // Messages in messages, each of them empty: lengths of up to two bytes.
    let mut deep: Vec<u8> = Vec::new();
    for _ in 0..3_000 {
        let mut outer = vec![0xba, 0x01];
        let mut len = deep.len();
        while len >= 0x80 {
            outer.push(u8::try_from(len & 0x7f).unwrap() | 0x80);
            len >>= 7;
        }
        outer.push(u8::try_from(len).unwrap());
        outer.extend(&deep);
        deep = outer;
    }
    let fault = decode(&decoder, "CrateStored", &deep).data.unwrap_err();
    assert!(fault.contains("nested deeper"), "{fault}");
    // A group in a group, without an end.
    assert!(decode(&decoder, "CrateStored", &vec![0x0b; 100_000]).data.unwrap_err().contains("deeper"));
    // Two bytes stand for a message that is shown with a dozen fields.
    let wide: Vec<u8> = [0xba, 0x01, 0x00].repeat(10_000);
    assert!(decode(&decoder, "CrateStored", &wide).data.is_ok_and(|value| value["inner"].is_object()));
    let lists: Vec<u8> = [0xc2, 0x01, 0x00].repeat(1_500_000);
    assert!(decode(&decoder, "CrateStored", &lists).data.unwrap_err().contains("values"));
}

#[test]
fn a_block_that_says_it_has_very_many_items_is_a_fault() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("nulls.avsc"), r#"{"type":"array","items":"null"}"#).unwrap();
    let rules = "[[decode]]\nas = \"avro\"\nschema = \"nulls.avsc\"\n";
    let settings = Settings::parse(&place.path().join("eventscope.toml"), rules, "native", Masking::On).unwrap();
    let decoder = Decoder::json().with_settings(settings);
    let fault = decode(&decoder, "x", &bytes("feffffffffffffffff0100")).data.unwrap_err();
    assert!(fault.contains("more than the"), "{fault}");
    assert_eq!(decode(&decoder, "x", &bytes("0600")).data, Ok(json!([null, null, null])));
}

#[test]
fn damaged_payloads_are_values_or_faults() {
    let decoder = decoder(RULES);
    for (event_type, form, data, expected) in payloads() {
        if expected.is_null() {
            continue;
        }
        for end in 0..data.len() {
            let _ = decode(&decoder, &event_type, &data[..end]);
            for change in [0x01, 0x80, 0xff] {
                let mut damaged = data.clone();
                damaged[end] ^= change;
                let _ = decode(&decoder, &event_type, &damaged);
            }
        }
        if form == "avro" {
            assert!(decode(&decoder, &event_type, &data[..data.len() - 1]).data.is_err());
        }
    }
}

#[test]
fn a_slip_in_the_rules_is_refused_with_its_place() {
    let cases = [
        ("[[decode]]\nas = \"protobuf\"", "needs descriptor"),
        ("[[decode]]\nas = \"protobuf\"\ndescriptor = \"nothing.desc\"", "cannot read"),
        ("[[decode]]\nas = \"protobuf\"\ndescriptor = \"depot.avsc\"", "is no descriptor set"),
        ("[[decode]]\nas = \"protobuf\"\ndescriptor = \"depot.desc\"\nmessage = \"Nobody\"", "no message Nobody"),
        ("[[decode]]\nas = \"avro\"\nschema = \"depot.desc\"", "is no Avro schema"),
        ("[[decode]]\nas = \"jpeg\"", "no form that is known"),
        ("[[decode]]\nas = \"json\"\npacked = \"rar\"", "packed = \"rar\""),
        ("[[decode]]\nas = \"json\"\ncipher = \"rot13\"", "cipher"),
        ("[[decode]]\nas = \"json\"\ntypo = 1", "typo"),
        ("[decode]\nas = \"json\"", "[[decode]]"),
    ];
    for (text, why) in cases {
        let error = Settings::parse(&folder().join("eventscope.toml"), text, "native", Masking::On).unwrap_err();
        assert!(error.to_string().contains(why), "{text}: {error}");
    }
}

#[test]
fn a_log_is_decoded_by_its_workspace_file_and_says_so() {
    let folder = Folder::new();
    let path = fixtures::copy("rails-event-store", "rails-event-store", &folder.path(""));
    let stored = bytes("0a03632d391007");
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute("UPDATE event_store_events SET data = ?1, event_type = 'Depot::CrateEmptied' WHERE id = 1", [&stored])
        .unwrap();
    let log = "rails-event-store.sqlite";
    let first = |folder: &Folder| folder.run(&["events", log, "--json", "--limit", "1"]).objects().remove(0);
    assert!(first(&folder)["decode_error"].is_string());
    fs::copy(self::folder().join("depot.desc"), folder.path("depot.desc")).unwrap();
    let rule =
        "[[decode]]\ntype = \"CrateEmptied\"\nlayout = \"rails-*\"\nas = \"protobuf\"\ndescriptor = \"depot.desc\"\n";
    fs::write(folder.path("eventscope.toml"), rule).unwrap();
    assert_eq!(first(&folder)["data"], json!({"crate_id": "c-9", "balance": 7}));
    let info = folder.run(&["info", log, "--json"]).object();
    let evidence = info["evidence"].to_string();
    assert!(evidence.contains("decodes payloads of CrateEmptied as Protobuf"), "{evidence}");
    assert!(evidence.contains("Protobuf depot.v1.CrateEmptied") && evidence.contains("JSON"), "{evidence}");
}

#[test]
fn a_key_in_a_file_opens_what_is_encrypted() {
    const KEY: &str = "mC0yS3vZ1oXrT8fQ2wYbN5kHdLpGeUaJ4i7RtVxWcE8=";
    let folder = Folder::new();
    let name = "eventsourcing-9.5.6-zlib-aes";
    fixtures::copy("eventsourcing", name, &folder.path(""));
    fs::write(folder.path("key"), format!("{KEY}\n")).unwrap();
    let log = format!("{name}.sqlite");
    let run = |file: &str, arguments: &[&str]| {
        folder
            .command(arguments)
            .env_remove("EVENTSCOPE_KEY")
            .env("EVENTSCOPE_KEY_FILE", folder.path(file))
            .output()
            .unwrap()
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let read = run("key", &["events", &log, "--json"]);
    assert!(read.status.success() && !text(read.stdout).contains("decode_error"));
    let missing = run("nothing", &["events", &log, "--json"]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(text(missing.stderr).contains("EVENTSCOPE_KEY_FILE"));
    fs::write(folder.path("broken"), "mC0yS3vZ1oXrT8").unwrap();
    let broken = run("broken", &["events", &log]);
    let message = text(broken.stderr);
    assert!(broken.status.code() == Some(3) && !message.contains("mC0yS3"), "{message}");
    // Nothing that was kept has the key in it.
    assert!(run("key", &["state", &log, "--stream", "x"]).status.code().is_some());
    for kept in ["cache", "data", "config"] {
        let kept = folder.path("..").join(kept);
        for (name, held) in if kept.exists() { crate::cli::contents(&kept) } else { Vec::new() } {
            assert!(!held.windows(16).any(|part| part == &KEY.as_bytes()[..16]), "{name}");
        }
    }
    // The same key for a log of another layout, where the workspace file says so.
    let path = fixtures::copy("emmett-sqlite", "emmett-sqlite-0.42.4", &folder.path(""));
    let encrypted: Vec<u8> = rusqlite::Connection::open(folder.path(&log))
        .unwrap()
        .query_row("SELECT state FROM stored_events WHERE rowid = 1", [], |row| row.get(0))
        .unwrap();
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer.execute("UPDATE emt_messages SET message_data = ?1 WHERE global_position = 1", [&encrypted]).unwrap();
    drop(writer);
    fs::write(folder.path("eventscope.toml"), "[[decode]]\nlayout = \"emmett\"\nas = \"auto\"\ncipher = \"aes-gcm\"\n")
        .unwrap();
    let first = |output: std::process::Output| -> Value {
        serde_json::from_str(text(output.stdout).lines().next().unwrap()).unwrap()
    };
    let emmett = "emmett-sqlite-0.42.4.sqlite";
    let opened = first(run("key", &["events", emmett, "--json", "--limit", "1"]));
    assert!(opened["data"]["timestamp"].is_object(), "{opened}");
    let closed = folder
        .command(&["events", emmett, "--json", "--limit", "1"])
        .env_remove("EVENTSCOPE_KEY_FILE")
        .env_remove("EVENTSCOPE_KEY")
        .output();
    let closed = first(closed.unwrap());
    assert!(closed["decode_error"].as_str().unwrap().contains("no key is given"), "{closed}");
}
