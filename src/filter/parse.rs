//! Text → terms, or what is wrong with it and where.

use super::path::is_bare;
use super::pattern::Piece;
use super::{Comparison, Contained, FilterFault, Measure, Name, Part, Patterns, Place, Step, Term, Test, Wanted};
use crate::event::Time;

/// The fields, for messages.
const FIELDS: &str = "type, stream, category, id, version, position, size, after, before, has, is, data and meta";

pub(super) fn terms(text: &str) -> Result<Vec<Term>, FilterFault> {
    let mut cursor = Cursor { text, at: 0 };
    let mut terms = Vec::new();
    loop {
        cursor.take_while(char::is_whitespace);
        if cursor.is_at_end() {
            return Ok(terms);
        }
        let begin = cursor.at;
        let is_excluding = cursor.eat('-');
        let test = cursor.test()?;
        if !cursor.is_at_gap() {
            return Err(cursor.fault(cursor.at, "a blank is missing between two terms"));
        }
        terms.push(Term { text: text[begin..cursor.at].to_owned(), is_excluding, test });
    }
}

/// A sign between a field and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Fits,
    Contains,
    Compares(Comparison),
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    fn is_at_gap(&self) -> bool {
        self.peek().is_none_or(char::is_whitespace)
    }

    fn eat(&mut self, sign: char) -> bool {
        let is_there = self.peek() == Some(sign);
        if is_there {
            self.at += sign.len_utf8();
        }
        is_there
    }

    fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|sign| !is_wanted(sign)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn fault(&self, at: usize, message: impl Into<String>) -> FilterFault {
        FilterFault { column: self.text[..at].chars().count() + 1, message: message.into() }
    }

    fn test(&mut self) -> Result<Test, FilterFault> {
        let begin = self.at;
        if self.is_at_gap() {
            return Err(self.fault(begin, "nothing follows the \"-\""));
        }
        if self.peek() == Some('"') {
            let text = self.quoted()?;
            return self.contains(Place::PAYLOAD, begin, &text);
        }
        let head = self.take_while(|sign| sign.is_ascii_alphabetic());
        let next = self.peek();
        let has_operator = matches!(next, Some(':' | '=' | '<' | '>' | '~')) || self.rest().starts_with("!=");
        match head {
            "data" if has_operator || next == Some('.') => return self.place_test(Part::Payload, begin),
            "meta" | "metadata" if has_operator || next == Some('.') => return self.place_test(Part::Metadata, begin),
            _ if !has_operator => {}
            "has" => return self.has(),
            "is" => return self.is(),
            "after" => return self.time().map(Test::After),
            "before" => return self.time().map(Test::Before),
            "version" => return self.number(Measure::Version),
            "position" => return self.number(Measure::Position),
            "size" => return self.number(Measure::Size),
            _ => {
                if let Some(name) = Name::ALL.into_iter().find(|name| name.word() == head) {
                    return self.name(name);
                }
            }
        }
        self.at = begin;
        self.word()
    }

    /// A word that is looked for as it is.
    fn word(&mut self) -> Result<Test, FilterFault> {
        let begin = self.at;
        let word = self.take_while(|sign| !sign.is_whitespace());
        if let Some(quote) = word.find('"') {
            return Err(self.fault(begin + quote, "a quote inside of a word (put the whole text in quotes)"));
        }
        let end = word.find([':', '=', '<', '>', '~']).unwrap_or(word.len());
        let (head, tail) = (word[..end].trim_end_matches('!'), &word[end..]);
        let is_name = head.starts_with(|sign: char| sign.is_alphabetic())
            && head.chars().all(|sign| is_bare(sign) || sign == '.' || sign == '*');
        if is_name && !tail.is_empty() && !tail.starts_with("://") {
            let message = format!(
                "\"{head}\" is no field (the fields are {FIELDS}; a value of the payload is data.{head}; put text in quotes to look for it)"
            );
            return Err(self.fault(begin, message));
        }
        self.contains(Place::PAYLOAD, begin, word)
    }

    fn contains(&self, place: Place, at: usize, text: &str) -> Result<Test, FilterFault> {
        if text.is_empty() {
            return Err(self.fault(at, "the text to look for is empty"));
        }
        Ok(Test::Contains(place, Contained::new(text)))
    }

    fn operator(&mut self) -> Option<Operator> {
        const ALL: [(&str, Operator); 8] = [
            ("!=", Operator::Compares(Comparison::Other)),
            ("<=", Operator::Compares(Comparison::LessOrEqual)),
            (">=", Operator::Compares(Comparison::GreaterOrEqual)),
            ("<", Operator::Compares(Comparison::Less)),
            (">", Operator::Compares(Comparison::Greater)),
            ("=", Operator::Compares(Comparison::Equal)),
            (":", Operator::Fits),
            ("~", Operator::Contains),
        ];
        let (sign, operator) = ALL.into_iter().find(|(sign, _)| self.rest().starts_with(sign))?;
        self.at += sign.len();
        Some(operator)
    }

    /// A value behind an operator, which ends here.
    fn value(&mut self, what: &str) -> Result<Wanted, FilterFault> {
        if self.peek() == Some('"') {
            return self.quoted().map(|text| Wanted { text, is_quoted: true });
        }
        let begin = self.at;
        let text = self.take_while(|sign| !sign.is_whitespace());
        if text.is_empty() {
            let sign = self.text[..begin].trim_end_matches(|sign: char| !":=<>~!".contains(sign));
            let sign = &sign[sign.trim_end_matches([':', '=', '<', '>', '~', '!']).len()..];
            return Err(self.fault(begin, format!("{what} is missing after \"{sign}\"")));
        }
        if let Some(quote) = text.find('"') {
            return Err(self.fault(begin + quote, "a quote inside of a value (put the whole value in quotes)"));
        }
        Ok(Wanted { text: text.to_owned(), is_quoted: false })
    }

    /// Text between quotes; a backslash stands before a quote or a backslash in it.
    fn quoted(&mut self) -> Result<String, FilterFault> {
        let begin = self.at;
        self.eat('"');
        let mut text = String::new();
        let mut signs = self.rest().char_indices();
        while let Some((at, sign)) = signs.next() {
            match sign {
                '"' => {
                    self.at += at + 1;
                    return Ok(text);
                }
                '\\' => match signs.next() {
                    Some((_, sign @ ('"' | '\\'))) => text.push(sign),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => {}
                },
                other => text.push(other),
            }
        }
        Err(self.fault(begin, "the quote that begins here does not end"))
    }

    fn name(&mut self, name: Name) -> Result<Test, FilterFault> {
        let at = self.at;
        match self.operator() {
            Some(Operator::Fits | Operator::Compares(Comparison::Equal)) => {
                Ok(Test::Name(name, self.patterns(&format!("a name of {}", name.word()))?))
            }
            _ => Err(self.fault(at, format!("{0} has no such comparison (write {0}:NAME or -{0}:NAME)", name.word()))),
        }
    }

    fn patterns(&mut self, what: &str) -> Result<Patterns, FilterFault> {
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.pattern(what)?);
            if !self.eat(',') {
                return Ok(Patterns::of(alternatives));
            }
        }
    }

    fn pattern(&mut self, what: &str) -> Result<Vec<Piece>, FilterFault> {
        let begin = self.at;
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(sign) = self.peek().filter(|sign| !sign.is_whitespace() && *sign != ',') {
            let piece = match sign {
                '"' => Piece::Text(self.quoted()?),
                '*' | '?' => {
                    self.eat(sign);
                    if sign == '*' { Piece::Any } else { Piece::One }
                }
                _ => Piece::Text(self.take_while(|it| !it.is_whitespace() && !",\"*?".contains(it)).to_owned()),
            };
            match (pieces.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(more)) => before.push_str(&more),
                (_, piece) => pieces.push(piece),
            }
        }
        if pieces.is_empty() {
            let sign = self.text[..begin].chars().next_back().unwrap_or(':');
            return Err(self.fault(begin, format!("{what} is missing after \"{sign}\"")));
        }
        Ok(pieces)
    }

    fn number(&mut self, measure: Measure) -> Result<Test, FilterFault> {
        let at = self.at;
        let comparison = match self.operator() {
            Some(Operator::Compares(comparison)) => comparison,
            Some(Operator::Fits) => Comparison::Equal,
            _ => return Err(self.fault(at, "a number compares by =, !=, <, <=, > or >=")),
        };
        let at = self.at;
        let wanted = self.value("a number")?;
        match wanted.text.parse::<i64>() {
            Ok(number) if !wanted.is_quoted => Ok(Test::Number(measure, comparison, number)),
            _ => Err(self.fault(at, format!("\"{}\" is no whole number", wanted.text))),
        }
    }

    fn time(&mut self) -> Result<Time, FilterFault> {
        let at = self.at;
        if !matches!(self.operator(), Some(Operator::Fits)) {
            return Err(self.fault(at, "a time stands behind a colon: after:2026-01-01"));
        }
        let at = self.at;
        let text = self.value("a time")?.text;
        let whole = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.clone(),
        };
        Time::parse(&whole)
            .ok_or_else(|| self.fault(at, format!("\"{text}\" is no time (write 2026-01-31, or 2026-01-31T14:30:00Z)")))
    }

    fn is(&mut self) -> Result<Test, FilterFault> {
        self.operator();
        let at = self.at;
        match self.value("a word")?.text.as_str() {
            "undecodable" => Ok(Test::Undecodable),
            other => Err(self.fault(at, format!("an event can be undecodable, not \"{other}\""))),
        }
    }

    fn has(&mut self) -> Result<Test, FilterFault> {
        self.operator();
        let begin = self.at;
        let part = match self.take_while(|sign| sign.is_ascii_alphabetic()) {
            "data" => Part::Payload,
            "meta" | "metadata" => Part::Metadata,
            _ => return Err(self.fault(begin, "a path is missing here: has:data.total, or has:meta.user")),
        };
        let place = self.place(part)?;
        if !self.is_at_gap() {
            return Err(self.fault(self.at, "has: takes a path alone (to compare, leave has: out)"));
        }
        Ok(Test::Has(place))
    }

    /// The path behind `data` or `meta`.
    fn place(&mut self, part: Part) -> Result<Place, FilterFault> {
        let mut steps = Vec::new();
        while self.eat('.') {
            let at = self.at;
            let step = match self.peek() {
                Some('"') => Step::Key(self.quoted()?),
                Some('*') => {
                    self.eat('*');
                    Step::Any
                }
                _ => match self.take_while(is_bare) {
                    "" => return Err(self.fault(at, "a key is missing after \".\" (other signs go in quotes)")),
                    key => Step::Key(key.to_owned()),
                },
            };
            steps.push(step);
        }
        Ok(Place { part, steps })
    }

    fn place_test(&mut self, part: Part, begin: usize) -> Result<Test, FilterFault> {
        let place = self.place(part)?;
        let shown = &self.text[begin..self.at];
        let Some(operator) = self.operator() else {
            let message = format!("a comparison is missing after {shown} ({shown}=…, {shown}>…, or has:{shown})");
            return Err(self.fault(self.at, message));
        };
        let at = self.at;
        match operator {
            Operator::Fits => Ok(Test::Fits(place, self.patterns("a value")?)),
            Operator::Contains => {
                let wanted = self.value("a text")?;
                self.contains(place, at, &wanted.text)
            }
            Operator::Compares(comparison) => Ok(Test::Value(place, comparison, self.value("a value")?)),
        }
    }
}
