//! Patterns of names: alternatives of which each is text, `*` (any text) and `?` (any one character).

/// Alternatives: a name fits where it fits one of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Patterns(Vec<Vec<Piece>>);

/// A piece of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// This text.
    Text(String),
    /// One character.
    One,
    /// Any text.
    Any,
}

impl Patterns {
    pub(super) fn of(alternatives: Vec<Vec<Piece>>) -> Self {
        Self(alternatives)
    }

    /// True where the whole name fits one of the alternatives.
    #[must_use]
    pub fn fit(&self, name: &str) -> bool {
        self.0.iter().any(|pieces| fits(pieces, name))
    }

    /// The names, where no alternative has a wildcard.
    #[must_use]
    pub fn exact(&self) -> Option<Vec<&str>> {
        self.0
            .iter()
            .map(|pieces| match pieces.as_slice() {
                [Piece::Text(text)] => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}

/// True where the pieces make up the whole name. A later star may take what an earlier one leaves, so only the last one
/// is gone back to.
fn fits(pieces: &[Piece], name: &str) -> bool {
    let (mut at, mut rest) = (0, name);
    let mut star: Option<(usize, &str)> = None;
    loop {
        let taken = match pieces.get(at) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Piece::Any) => {
                star = Some((at + 1, rest));
                at += 1;
                continue;
            }
            Some(Piece::One) => rest.chars().next().map(|one| &rest[one.len_utf8()..]),
            Some(Piece::Text(text)) => rest.strip_prefix(text.as_str()),
        };
        if let Some(left) = taken {
            rest = left;
            at += 1;
            continue;
        }
        let Some((after, from)) = star else { return false };
        let Some(one) = from.chars().next() else { return false };
        let from = &from[one.len_utf8()..];
        star = Some((after, from));
        at = after;
        rest = from;
    }
}
