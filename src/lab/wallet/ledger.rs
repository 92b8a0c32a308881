//! Who has what: the state that the stories move on.

use std::fmt;

use crate::event::StreamId;

/// Hundredths in a euro.
pub(super) const EURO: i64 = 100;

/// Money, exact: hundredths of a euro.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Cents(pub(super) i64);

impl fmt::Display for Cents {
    /// A JSON number with two digits after the point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

/// A person.
pub(super) struct Customer {
    pub(super) number: usize,
    pub(super) first_name: &'static str,
    pub(super) name: String,
    pub(super) renamed: bool,
    pub(super) deleted: bool,
}

impl Customer {
    pub(super) fn stream(&self) -> StreamId {
        StreamId::new(&format!("customer-{:04}", self.number))
    }
}

/// An account.
pub(super) struct Account {
    pub(super) number: usize,
    /// Index of the customer.
    pub(super) owner: usize,
    pub(super) balance: Cents,
    pub(super) held: Cents,
    pub(super) closed: bool,
    /// Where the statement that is being collected began.
    pub(super) opening: Cents,
    pub(super) entries: u32,
}

impl Account {
    pub(super) fn stream(&self) -> StreamId {
        StreamId::new(&format!("account-{}", self.number))
    }

    /// What can be spent: nobody has an overdraft.
    pub(super) fn available(&self) -> Cents {
        Cents(self.balance.0 - self.held.0)
    }

    /// Moves the balance, which an entry of the statement says.
    pub(super) fn book(&mut self, amount: Cents) {
        self.balance.0 += amount.0;
        self.entries += 1;
    }

    /// The part of a payload that every account event ends with.
    pub(super) fn standing(&self) -> String {
        format!(r#""balance":{},"available":{}"#, self.balance, self.available())
    }
}

/// Money that a shop has reserved and not taken yet.
pub(super) struct Hold {
    pub(super) number: usize,
    /// Index of the account.
    pub(super) account: usize,
    pub(super) amount: Cents,
    /// The story that it belongs to.
    pub(super) correlation: String,
    /// The id of the event that placed it.
    pub(super) placed_by: String,
}
