//! Source text, taken apart far enough for rules: comments, strings and test code told from the rest.

use std::path::{Path, PathBuf};

/// One Rust file.
pub struct Source {
    /// Path from the package's root, with `/`.
    pub path: String,
    /// As it stands.
    pub text: String,
    /// Without comments, strings, characters and test modules; every other character stays where it is.
    pub code: String,
    /// As `code`, with the strings.
    pub code_and_strings: String,
}

impl Source {
    /// A file of this path with this text.
    pub fn new(path: &str, text: &str) -> Self {
        let (mut code, mut code_and_strings) = strip(text);
        blank_tests(&mut code, &mut code_and_strings);
        Self { path: path.to_owned(), text: text.to_owned(), code, code_and_strings }
    }

    /// The top-level module: `store` for `src/store/sqlite/mod.rs`, `main` for `src/main.rs`.
    pub fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split_once('/').map_or_else(|| inside.trim_end_matches(".rs"), |(module, _)| module)
    }

    /// True where the whole file is compiled for tests only.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// `path:line` of a byte of the file.
    pub fn place(&self, byte: usize) -> String {
        let line = self.text[..byte].matches('\n').count() + 1;
        format!("{}:{line}", self.path)
    }
}

/// Every file below a folder of the package whose name ends so, by path.
pub fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Blanks comments (first result: strings and characters too), byte for byte.
fn strip(text: &str) -> (String, String) {
    let bytes = text.as_bytes();
    let (mut code, mut with_strings) = (bytes.to_vec(), bytes.to_vec());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, is_comment) = if rest.starts_with(b"//") {
            (rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()), true)
        } else if rest.starts_with(b"/*") {
            (block_comment(rest), true)
        } else if let Some(length) = literal(bytes, at) {
            (length, false)
        } else {
            at += 1;
            continue;
        };
        blank(&mut code[at..at + length]);
        if is_comment {
            blank(&mut with_strings[at..at + length]);
        }
        at += length;
    }
    (String::from_utf8(code).unwrap(), String::from_utf8(with_strings).unwrap())
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of the string or character that begins here, if one does.
fn literal(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    match rest[0] {
        b'"' => Some(quoted(rest)),
        b'r' if at == 0 || !is_word(bytes[at - 1]) || (bytes[at - 1] == b'b') => {
            let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
            if rest.get(1 + hashes) != Some(&b'"') {
                return None;
            }
            let end = [&b"\""[..], &vec![b'#'; hashes]].concat();
            let body = &rest[hashes + 2..];
            let length = body.windows(end.len()).position(|window| window == end).unwrap_or(body.len() - end.len());
            Some(hashes + 2 + length + end.len())
        }
        // A lifetime has no second quote right after one character.
        b'\'' if rest.get(1) == Some(&b'\\') => {
            Some(2 + rest[3..].iter().position(|byte| *byte == b'\'').unwrap_or(0) + 2)
        }
        b'\'' => {
            let text = std::str::from_utf8(rest.get(1..rest.len().min(8))?)
                .or_else(|error| std::str::from_utf8(&rest[1..=error.valid_up_to()]))
                .ok()?;
            let length = text.chars().next()?.len_utf8();
            (rest.get(1 + length) == Some(&b'\'')).then_some(length + 2)
        }
        _ => None,
    }
}

fn quoted(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

/// Blanks what stands behind `#[cfg(test)]`: a module or one item.
fn blank_tests(code: &mut String, with_strings: &mut String) {
    const MARK: &str = "#[cfg(test)]";
    let mut from = 0;
    while let Some(found) = code[from..].find(MARK) {
        let start = from + found;
        let body = &code.as_bytes()[start..];
        let mut depth = 0_usize;
        let mut end = body.len();
        for (index, byte) in body.iter().enumerate().skip(MARK.len()) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b';' if depth == 0 => {}
                _ => continue,
            }
            if depth == 0 {
                end = index + 1;
                break;
            }
        }
        for text in [&mut *code, &mut *with_strings] {
            let mut bytes = std::mem::take(text).into_bytes();
            blank(&mut bytes[start..start + end]);
            *text = String::from_utf8(bytes).unwrap();
        }
        from = start + end;
    }
}

/// Where a word stands in a text, not as a part of a longer word. What ends in `_` is a beginning of words.
pub fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).map(|(index, _)| index).filter(move |index| {
        let bytes = text.as_bytes();
        let starts = !is_word(word.as_bytes()[0]) || *index == 0 || !is_word(bytes[index - 1]);
        let last = word.as_bytes()[word.len() - 1];
        let ends = !is_word(last) || last == b'_' || bytes.get(index + word.len()).is_none_or(|byte| !is_word(*byte));
        starts && ends
    })
}

#[test]
fn comments_strings_and_tests_are_told_from_code() {
    let text = "//! a\nfn f<'a>() { g(\"// x\\\"\", '\"', r#\"y\"#, 'ä'); /* b /* c */ */ h() }\n#[cfg(test)]\nmod tests { fn t() { x.unwrap() } }\nfn z() {}\n";
    let source = Source::new("src/a.rs", text);
    assert_eq!(source.code.len(), text.len());
    for gone in ["//", "x", "y", "ä", "b", "unwrap", "tests"] {
        assert!(!source.code.contains(gone), "{gone}: {}", source.code);
    }
    for kept in ["fn f<'a>()", "h() }", "fn z() {}"] {
        assert!(source.code.contains(kept), "{kept}: {}", source.code);
    }
    assert!(source.code_and_strings.contains("// x"));
    assert_eq!(source.place(text.find("fn z").unwrap()), "src/a.rs:5");
}

#[test]
fn a_file_knows_its_module() {
    assert_eq!(Source::new("src/store/sqlite/mod.rs", "").module(), "store");
    assert_eq!(Source::new("src/main.rs", "").module(), "main");
}

#[test]
fn a_word_is_whole() {
    assert_eq!(words("egui egui_plot xegui egui::Ui", "egui").collect::<Vec<_>>(), [0, 21]);
}
