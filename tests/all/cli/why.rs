//! `diff`, `blame` and `find` by command: who did it, since when, and what it changed.

use serde_json::{Value, json};

use super::{Folder, fields};

/// An account that was overdrawn twice: it healed, and it came back.
fn account(folder: &Folder) -> &'static str {
    let booked = |balance: i64| json!({"stream": "account-1", "type": "Booked", "data": {"balance": balance}});
    let mut lines: Vec<String> = [5, -1, -2, 3, -4].map(|balance| booked(balance).to_string()).into();
    lines.push(
        json!({"stream": "cart-1", "type": "CartOpened", "data": {"lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 1}],
            "meta": {"etag": 1}}})
        .to_string(),
    );
    lines.push(
        json!({"stream": "cart-1", "type": "CartChanged", "data": {"lines": [{"sku": "b", "n": 1}, {"sku": "a", "n": 2}],
            "meta": {"etag": 2}}})
        .to_string(),
    );
    let ran = folder.run_with(&["append", "account.db", "--stdin"], &lines.join("\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    "account.db"
}

#[test]
fn a_diff_is_operations_from_one_version_to_the_other() {
    let folder = Folder::new();
    let log = folder.users();
    let diff = |more: &[&str]| {
        let ran = folder.run(&[&["diff", log, "--stream", "user-1", "--json"], more].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.objects()
    };
    assert_eq!(
        diff(&["--from", "1", "--to", "2"]),
        [json!({"op": "replace", "path": "/name", "from": "Alice", "to": "Alicia"})]
    );
    assert_eq!(fields(&diff(&["--from", "1", "--to", "2"])[0]), "op path from to");
    let gone = diff(&["--from", "2"]);
    assert_eq!(gone, [json!({"op": "replace", "path": "", "from": {"userId": 1, "name": "Alicia"}, "to": null})]);
    assert_eq!(diff(&["--from", "2", "--to", "2"]), Vec::<Value>::new());
    assert_eq!(diff(&["--from", "1", "--to", "2", "--ignore", "/name"]), Vec::<Value>::new());
    let text = folder.run(&["diff", log, "--stream", "user-1", "--from", "1", "--to", "2"]);
    assert!(text.out.contains("1 difference") && text.out.contains("/name \"Alice\" → \"Alicia\""), "{text:?}");

    folder.run(&["diff", log, "--stream", "user-1", "--from", "9"]).failed(2, "has versions 1 to 3");
    folder.run(&["diff", log, "--stream", "nobody", "--from", "1"]).failed(2, "nobody");
    folder.run(&["diff", log, "--stream", "user-1", "--from", "1", "--ignore", "name"]).failed(2, "JSON pointer");
    folder.run(&["diff", log, "--stream", "user-1"]).failed(2, "--from");
}

#[test]
fn a_diff_knows_items_by_a_key_and_streams_from_each_other() {
    let folder = Folder::new();
    let log = account(&folder);
    let cart = ["diff", log, "--stream", "cart-1", "--from", "1", "--to", "2", "--json", "--ignore", "/**/etag"];
    assert!(folder.run(&cart).objects().len() > 1);
    let by_key = folder.run(&[&cart[..], &["--by-key", "id", "--by-key", "sku"]].concat()).objects();
    assert_eq!(by_key, [json!({"op": "replace", "path": "/lines/0/n", "from": 1, "to": 2})]);
    let streams = folder.run(&["diff", log, "--stream", "account-1", "--to-stream", "cart-1", "--to", "1", "--json"]);
    let paths: Vec<_> = streams.objects().iter().map(|one| one["path"].as_str().unwrap().to_owned()).collect();
    assert_eq!(paths, ["/balance", "/lines", "/meta"]);
}

#[test]
fn blame_tells_all_who_set_a_value_newest_first() {
    let folder = Folder::new();
    let log = folder.users();
    let told = folder.run(&["blame", log, "--stream", "user-1", "--path", "/name", "--json"]).objects();
    assert_eq!(fields(&told[0]), "version type time from to");
    let told: Vec<_> = told
        .into_iter()
        .map(|mut one| {
            assert!(one["time"].as_str().unwrap().ends_with('Z'));
            one.as_object_mut().unwrap().remove("time");
            one
        })
        .collect();
    assert_eq!(
        told,
        [
            json!({"version": 3, "type": "UserDeleted", "from": "Alicia", "to": null}),
            json!({"version": 2, "type": "UserNameUpdated", "from": "Alice", "to": "Alicia"}),
            json!({"version": 1, "type": "UserCreated", "from": null, "to": "Alice"}),
        ]
    );
    let earlier = folder.run(&["blame", log, "--stream", "user-1", "--path", "/name", "--version", "1", "--json"]);
    assert_eq!(earlier.objects().len(), 1);
    let text = folder.run(&["blame", log, "--stream", "user-1", "--path", "/name"]);
    assert!(text.out.contains("absent") && text.err.contains("3 events"), "{text:?}");
}

#[test]
fn blame_of_what_nothing_set_is_no() {
    let folder = Folder::new();
    let log = folder.users();
    folder.run(&["blame", log, "--stream", "user-1", "--path", "/nope"]).failed(1, "no event up to here sets /nope");
    folder.run(&["blame", log, "--stream", "nobody", "--path", "/name"]).failed(1, "no stream");
    folder.run(&["blame", log, "--stream", "user-1", "--path", "name"]).failed(2, "JSON pointer");
    folder.run(&["blame", log, "--stream", "user-1", "--path", "/name", "--version", "7"]).failed(2, "1 to 3");
}

#[test]
fn find_tells_every_interval() {
    let folder = Folder::new();
    let log = account(&folder);
    let overdrawn = ["find", log, "--stream", "account-1", "--when", "state.balance < 0", "--json"];
    let found = folder.run(&overdrawn).objects();
    assert_eq!(found, [json!({"from_version": 2, "to_version": 3}), json!({"from_version": 5, "to_version": null})]);
    assert_eq!(fields(&found[0]), "from_version to_version");
    let falls = "event.type === 'Booked' && state.balance < before.balance";
    let found = folder.run(&["find", log, "--stream", "account-1", "--when", falls, "--json"]).objects();
    assert_eq!(found, [json!({"from_version": 2, "to_version": 3}), json!({"from_version": 5, "to_version": null})]);
    let all = folder.run(&["find", log, "--when", "event.version === 2", "--json"]).objects();
    assert_eq!(
        all,
        [
            json!({"stream": "account-1", "from_version": 2, "to_version": 2}),
            json!({"stream": "cart-1", "from_version": 2, "to_version": null}),
        ]
    );
    let text = folder.run(&["find", log, "--category", "cart", "--when", "state.meta.etag > 0"]);
    assert!(text.out.contains("still") && text.err.contains("2 events") && text.err.contains("1 stream"), "{text:?}");
}

#[test]
fn what_find_cannot_find_is_no_and_what_it_cannot_read_is_refused() {
    let folder = Folder::new();
    let log = account(&folder);
    let find = |when: &str| folder.run(&["find", log, "--stream", "account-1", "--when", when, "--json"]);
    find("state.balance > 99").failed(1, "at no version");
    find("state.balance <").failed(2, "is not an expression");
    find("stat.balance < 0").failed(1, "failed at 5 of 5 events, first at version 1");
    let thrown = find("event.version === 2 ? nobody : state.balance < 0");
    assert_eq!((thrown.code, thrown.out.lines().count()), (0, 2), "{thrown:?}");
    assert!(thrown.err.contains("failed at 1 of 5 events, first at version 2"), "{thrown:?}");
    folder.run(&["find", log, "--stream", "nobody", "--when", "true"]).failed(1, "no stream");
}

#[test]
fn a_break_goes_on_to_the_next_hit_and_back_to_the_last() {
    let folder = Folder::new();
    let log = account(&folder);
    let run = |more: &[&str]| folder.run(&[&["break", log, "--json"], more].concat()).objects();
    let account = ["--stream", "account-1", "--on", "state.balance < 0"];
    let with = |more: &[&'static str]| run(&[&account[..], more].concat());
    let first = &with(&[])[0];
    assert_eq!(fields(first), "position stream version type time why");
    assert_eq!((&first["version"], &first["why"]), (&json!(2), &json!([{"on": "state.balance < 0"}])));
    assert_eq!(with(&["--from", "2"])[0]["version"], 5, "still below zero is not becoming it");
    assert_eq!(with(&["--back"])[0]["version"], 5);
    assert_eq!(with(&["--back", "--from", "5"])[0]["version"], 2);
    let all = run(&["--change", "/balance", "--type", "Cart*", "--limit", "9"]);
    let places: Vec<_> = all.iter().map(|one| one["position"].as_i64().unwrap()).collect();
    assert_eq!(places, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(all[1]["why"], json!([{"change": "/balance", "from": 5, "to": -1}]));
    assert_eq!(all[6]["why"], json!([{"type": "Cart*"}]));
    // All events in one state: the cart's leave the balance as it is.
    let one = run(&["--together", "--on", "state.balance === -4 && state.meta.etag === 2"]);
    assert_eq!(one[0]["position"], 7);
    assert_eq!(run(&["--category", "cart", "--back", "--type", "*", "--from-position", "7"])[0]["position"], 6);

    folder.run(&["break", log, "--stream", "account-1", "--on", "state.balance > 99"]).failed(1, "nothing hits");
    folder.run(&["break", log, "--stream", "nobody", "--type", "*"]).failed(1, "no stream");
    folder.run(&["break", log]).failed(2, "no breakpoint");
    folder.run(&["break", log, "--change", "balance"]).failed(2, "JSON pointer");
    let text = folder.run(&["break", log, "--stream", "account-1", "--change", "/balance", "--from", "2"]);
    assert!(text.out.contains("/balance -1 → -2") && text.err.contains("1 event read"), "{text:?}");
}

#[test]
fn what_if_shows_both_lines_and_touches_nothing() {
    let folder = Folder::new();
    let log = account(&folder);
    let before = std::fs::read(folder.path("account.db")).unwrap();
    let script = "export default (state, event) => ({ sum: (state.sum ?? 0) + event.data.balance })";
    std::fs::write(folder.path("sum.js"), script).unwrap();
    let own = ["whatif", log, "--stream", "account-1", "--reducer", "sum.js", "--json"];
    let told = folder.run(&[&own[..], &["--skip", "2"]].concat()).objects();
    assert_eq!(
        fields(&told[0]),
        "stream version type did changed real_position sandbox_position real_fault sandbox_fault"
    );
    let short: Vec<_> =
        told.iter().map(|one| (one["version"].clone(), one["did"].clone(), one["changed"].clone())).collect();
    let same = |version: i64| (json!(version), json!("same"), json!(1));
    assert_eq!(short, [(json!(2), json!("skipped"), json!(1)), same(3), same(4), same(5)]);
    let edits = r#"[{"edit": 3, "data": {"balance": 10}}, {"insert_after": 0, "type": "Booked", "data": {"balance": 7}},
        {"move": 5, "after": 1}]"#;
    let whole = folder.run_with(&[&own[..], &["--edits", "-", "--version", "3"]].concat(), edits).objects();
    // 7 + 5 - 4 - 1 + 10 in the sandbox, 5 - 1 - 2 on the real line.
    assert_eq!(whole, [json!({"op": "replace", "path": "/sum", "from": 2, "to": 17})]);
    let early = folder.run(&[&own[..], &["--skip", "4", "--version", "3"]].concat());
    assert_eq!((early.code, early.out.as_str()), (0, ""));
    let text = folder.run(&["whatif", log, "--stream", "account-1", "--skip", "2"]);
    assert!(text.out.contains("skipped") && text.err.contains("the log is untouched"), "{text:?}");
    let all = folder.run(&["whatif", log, "--skip", "6", "--json"]).objects();
    assert_eq!(all.len(), 2, "only the cart is touched: {all:?}");
    folder.run(&[&own[..], &["--skip", "9"]].concat()).failed(2, "has versions 1 to 5");
    folder.run_with(&[&own[..], &["--edits", "-"]].concat(), "[{\"skop\": 1}]").failed(2, "edit 1 is none");
    folder.run_with(&[&own[..], &["--edits", "-"]].concat(), "{").failed(2, "not a JSON array");
    folder.run(&[&own[..], &["--edits", "nobody.json"]].concat()).failed(2, "nobody.json");
    assert!(std::fs::read(folder.path("account.db")).unwrap() == before, "the log was touched");
}

#[test]
fn a_reducer_of_your_own_is_blamed_and_searched() {
    let folder = Folder::new();
    let log = account(&folder);
    let script = "export default (state, event) => ({ low: Math.min(state.low ?? 0, event.data.balance) })";
    std::fs::write(folder.path("low.js"), script).unwrap();
    let own = ["--stream", "account-1", "--reducer", "low.js", "--json"];
    let told = folder.run(&[&["blame", log, "--path", "/low"], &own[..]].concat()).objects();
    let versions: Vec<_> = told.iter().map(|one| (one["version"].as_i64().unwrap(), one["to"].clone())).collect();
    assert_eq!(versions, [(5, json!(-4)), (3, json!(-2)), (2, json!(-1)), (1, json!(0))]);
    let found = folder.run(&[&["find", log, "--when", "state.low <= -2"], &own[..]].concat()).objects();
    assert_eq!(found, [json!({"from_version": 3, "to_version": null})]);
    let changed = folder.run(&[&["diff", log, "--from", "2", "--to", "3"], &own[..]].concat()).objects();
    assert_eq!(changed, [json!({"op": "replace", "path": "/low", "from": -1, "to": -2})]);
    // The workspace file binds it just as well, to each stream its own.
    std::fs::write(folder.path("eventscope.toml"), "[[reducer]]\nstreams = \"account-*\"\nfile = \"low.js\"\n")
        .unwrap();
    let found = folder.run(&["find", log, "--when", "state.low <= -2 || state.meta.etag === 2", "--json"]).objects();
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn the_planted_bugs_are_found_and_explained() {
    let folder = Folder::new();
    let made = folder.run(&["generate", "wallet.db", "--wallet", "--json"]).object();
    assert_eq!(made["events"], 50_000);
    for (category, when, path) in [
        ("account", "state.balance < 0", "/balance"),
        ("account", "event.type === 'TransferReceived' && event.data.transferId === before.transferId", "/balance"),
        ("customer", "event.type === 'CustomerRenamed' && event.data.previousName !== before.name", "/name"),
    ] {
        let found = folder.run(&["find", "wallet.db", "--category", category, "--when", when, "--json"]).objects();
        assert_eq!(found.len(), 1, "{when}: {found:?}");
        assert_eq!(found[0]["from_version"], found[0]["to_version"]);
        let (stream, version) = (found[0]["stream"].as_str().unwrap(), found[0]["from_version"].to_string());
        let why =
            folder.run(&["blame", "wallet.db", "--stream", stream, "--path", path, "--version", &version, "--json"]);
        assert_eq!(why.objects()[0]["version"], found[0]["from_version"]);
    }
    folder.run(&["generate", "wallet.db", "--wallet", "--seed", "2"]).failed(2, "--seed");
    assert_eq!(folder.run(&["generate", "wallet.db", "--wallet"]).code, 0, "the same again changes nothing");
    assert_eq!(folder.run(&["info", "wallet.db", "--json"]).object()["events"], 50_000);
}
