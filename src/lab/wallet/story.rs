//! Tells one story after the other: what customers do, what the bank does at the end of a month.

use std::collections::{HashMap, VecDeque};

use super::clock::Clock;
use super::ledger::{Account, Cents, Customer, EURO, Hold};
use super::words::{CITIES, FIRST_NAMES, LAST_NAMES, MACHINES, PURPOSES, SHOPS, SOURCES};
use super::{Planted, Spot};
use crate::error::{Error, Result};
use crate::event::{StreamId, Time};
use crate::lab::seeded::Seeded;
use crate::store::sqlite::native::{Append, Expected, NewEvent};

/// Customers at the beginning of the demo log, and how many more there are at its end.
const CUSTOMERS_FIRST: u64 = 60;
const CUSTOMERS_MORE: u64 = 440;
/// Holds that stay open before the oldest is settled.
const HOLDS_OPEN_MAX: usize = 40;
/// A story has fewer events than this.
const STORY_EVENTS_MAX: u64 = 12;
/// The number of the first account is one more.
const ACCOUNTS_FROM: usize = 10_000;

/// What must be told soon.
pub(super) enum Due {
    /// An account's statement for the month that ended.
    Statement { account: usize, period: String },
    /// A deposit that brings an overdrawn account back.
    Deposit { account: usize, amount: Cents },
}

/// Tells the stories. It knows the time only by its own clock, and chance only by its seed.
pub(super) struct Teller {
    pub(super) seeded: Seeded,
    clock: Clock,
    now: Time,
    told: u64,
    total: u64,
    month: String,
    versions: HashMap<StreamId, i64>,
    pub(super) customers: Vec<Customer>,
    pub(super) accounts: Vec<Account>,
    transfers: usize,
    holds_placed: usize,
    holds: VecDeque<Hold>,
    pub(super) due: VecDeque<Due>,
    // The story that is being told.
    story: Vec<Append>,
    actor: &'static str,
    pub(super) correlation: Option<String>,
    pub(super) cause: Option<String>,
    // What was planted where.
    pub(super) overdrawn: Option<Spot>,
    pub(super) received_twice: Option<Spot>,
    pub(super) stale_name: Option<Spot>,
}

impl Teller {
    pub(super) fn new(seed: u64, end: Time, total: u64, days: i64) -> Self {
        let clock = Clock::new(end, total, days);
        Self {
            seeded: Seeded::new(seed),
            now: clock.start(),
            month: clock.start().format("%Y-%m"),
            clock,
            told: 0,
            total,
            versions: HashMap::new(),
            customers: Vec::new(),
            accounts: Vec::new(),
            transfers: 0,
            holds_placed: 0,
            holds: VecDeque::new(),
            due: VecDeque::new(),
            story: Vec::new(),
            actor: "app",
            correlation: None,
            cause: None,
            overdrawn: None,
            received_twice: None,
            stale_name: None,
        }
    }

    /// How many events have been told.
    pub(super) fn told(&self) -> u64 {
        self.told
    }

    /// How far the demo log is, from 0 to 100; 100 for the live writer.
    pub(super) fn percent(&self) -> u64 {
        self.told.min(self.total) * 100 / self.total.max(1)
    }

    /// Where the bugs are.
    pub(super) fn planted(&self) -> Result<Planted> {
        match (&self.overdrawn, &self.received_twice, &self.stale_name) {
            (Some(overdrawn), Some(received_twice), Some(stale_name)) => Ok(Planted {
                overdrawn: overdrawn.clone(),
                received_twice: received_twice.clone(),
                stale_name: stale_name.clone(),
            }),
            _ => Err(Error::Other("the demo log came out without its planted bugs".to_owned())),
        }
    }

    /// The next story: one event or some.
    pub(super) fn next_story(&mut self) -> Vec<Append> {
        let pause = 1_000 * self.seeded.between(200, 5_000);
        self.now = Time(self.now.0 + pause).max(self.clock.time_of(self.told));
        self.begin("app");
        self.turn_of_month();
        let left = self.total.saturating_sub(self.told);
        if self.told < self.total && left < STORY_EVENTS_MAX {
            self.deposit();
        } else if let Some(due) = self.next_due() {
            self.settle(due);
        } else if !self.plant() {
            self.choose();
        }
        std::mem::take(&mut self.story)
    }

    /// Starts a story of its own, by somebody else.
    pub(super) fn begin(&mut self, actor: &'static str) {
        self.actor = actor;
        self.correlation = None;
        self.cause = None;
    }

    /// Tells one event. `fields` is the inside of a JSON object.
    pub(super) fn tell(&mut self, stream: &StreamId, event_type: &str, fields: &str) -> Spot {
        let step = 1_000 * self.seeded.between(15, 400);
        self.now = Time(self.now.0 + step);
        if self.told < self.total {
            self.now = self.now.min(self.clock.end());
        }
        let id = self.seeded.uuid(self.now);
        let correlation = self.correlation.get_or_insert_with(|| id.clone());
        let cause = self.cause.as_ref().map(|cause| format!(r#","causationId":"{cause}""#)).unwrap_or_default();
        let metadata = format!(r#"{{"correlationId":"{correlation}"{cause},"actor":"{}"}}"#, self.actor);
        let event = NewEvent {
            id: Some(id.clone()),
            event_type: event_type.to_owned(),
            time: Some(self.now),
            data: format!("{{{fields}}}").into_bytes(),
            metadata: Some(metadata.into_bytes()),
        };
        self.cause = Some(id);
        self.told += 1;
        let version = self.versions.entry(stream.clone()).or_default();
        *version += 1;
        match self.story.last_mut() {
            Some(last) if last.stream == *stream => last.events.push(event),
            _ => {
                let expected = Expected::Version(*version - 1);
                self.story.push(Append { stream: stream.clone(), expected, events: vec![event] });
            }
        }
        Spot { stream: stream.clone(), version: *version }
    }

    /// An event of an account, with how it stands then.
    pub(super) fn tell_account(&mut self, account: usize, event_type: &str, fields: &str) -> Option<Spot> {
        let told = self.accounts.get(account)?;
        let (stream, fields) =
            (told.stream(), format!(r#""accountId":"{}",{fields},{}"#, told.number, told.standing()));
        Some(self.tell(&stream, event_type, &fields))
    }

    /// Books an amount and tells it.
    pub(super) fn book(&mut self, account: usize, amount: Cents, event_type: &str, fields: &str) -> Option<Spot> {
        self.accounts.get_mut(account)?.book(amount);
        let absolute = Cents(amount.0.abs());
        self.tell_account(account, event_type, &format!(r#""amount":{absolute},{fields}"#))
    }

    fn turn_of_month(&mut self) {
        let month = self.now.format("%Y-%m");
        if month == self.month {
            return;
        }
        let period = std::mem::replace(&mut self.month, month);
        for (index, account) in self.accounts.iter().enumerate() {
            if !account.closed && account.entries > 0 {
                self.due.push_back(Due::Statement { account: index, period: period.clone() });
            }
        }
    }

    fn next_due(&mut self) -> Option<Due> {
        match self.due.front() {
            Some(Due::Deposit { .. }) => self.due.pop_front(),
            // The statements run beside what customers do.
            Some(Due::Statement { .. }) if self.seeded.chance(65) => self.due.pop_front(),
            _ => None,
        }
    }

    fn settle(&mut self, due: Due) {
        match due {
            Due::Deposit { account, amount } => {
                self.book(account, amount, "MoneyDeposited", r#""reference":"salary""#);
            }
            Due::Statement { account, period } => self.statement(account, &period),
        }
    }

    /// One of the things that happen every day.
    fn choose(&mut self) {
        let customers = self.customers.len() as u64;
        let grows = if self.told < self.total {
            customers < CUSTOMERS_FIRST + CUSTOMERS_MORE * self.told / self.total.max(1)
        } else {
            self.seeded.chance(1)
        };
        if grows {
            return self.register();
        }
        if self.holds.len() > HOLDS_OPEN_MAX {
            return self.settle_hold();
        }
        match self.seeded.below(100) {
            0..24 => self.deposit(),
            24..50 => self.place_hold(),
            50..62 => self.withdraw(),
            62..90 => self.transfer(),
            90..93 => self.change_limit(),
            93..95 => self.move_customer(),
            95..97 => self.rename(),
            97..99 => self.open_second(),
            _ => self.close(),
        }
    }

    /// An open account; the older ones are far busier.
    pub(super) fn some_account(&mut self) -> usize {
        for _ in 0..32 {
            let index = usize::try_from(self.seeded.skewed(self.accounts.len() as u64)).unwrap_or_default();
            if self.accounts.get(index).is_some_and(|account| !account.closed) {
                return index;
            }
        }
        // The first account is never closed.
        0
    }

    fn some_customer(&mut self) -> Option<usize> {
        let index = self.seeded.index(self.customers.len());
        self.customers.get(index).filter(|customer| !customer.deleted).map(|_| index)
    }

    fn register(&mut self) {
        let number = self.customers.len() + 1;
        let (first_name, last_name) = (self.seeded.pick(&FIRST_NAMES), self.seeded.pick(&LAST_NAMES));
        let city = self.seeded.pick(&CITIES);
        let customer =
            Customer { number, first_name, name: format!("{first_name} {last_name}"), renamed: false, deleted: false };
        let (stream, name) = (customer.stream(), customer.name.clone());
        self.customers.push(customer);
        let fields = format!(
            r#""customerId":"{number:04}","name":"{name}","email":"customer{number:04}@example.org","city":"{city}","verified":false"#
        );
        self.tell(&stream, "CustomerRegistered", &fields);
        self.tell(&stream, "CustomerVerified", &format!(r#""customerId":"{number:04}","verified":true"#));
        self.open_account(number - 1);
    }

    fn open_account(&mut self, owner: usize) {
        let Some(customer) = self.customers.get(owner) else { return };
        let customer = customer.number;
        let index = self.accounts.len();
        self.accounts.push(Account {
            number: ACCOUNTS_FROM + index + 1,
            owner,
            balance: Cents(0),
            held: Cents(0),
            closed: false,
            opening: Cents(0),
            entries: 0,
        });
        let limit = Cents(100 * EURO * self.seeded.between(3, 20));
        let fields = format!(
            r#""customerId":"{customer:04}","currency":"EUR","status":"open","overdraft":0.00,"dailyLimit":{limit},"holds":{{}}"#
        );
        self.tell_account(index, "AccountOpened", &fields);
        let first = Cents(self.seeded.between(50 * EURO, 900 * EURO));
        self.book(index, first, "MoneyDeposited", r#""reference":"first deposit""#);
    }

    fn open_second(&mut self) {
        if let Some(owner) = self.some_customer() {
            self.open_account(owner);
        }
        self.deposit_if_silent();
    }

    fn deposit(&mut self) {
        let account = self.some_account();
        let reference = self.seeded.pick(&SOURCES);
        let amount = Cents(if reference == "salary" {
            self.seeded.between(900 * EURO, 3_400 * EURO)
        } else {
            self.seeded.between(5 * EURO, 400 * EURO)
        });
        self.book(account, amount, "MoneyDeposited", &format!(r#""reference":"{reference}""#));
    }

    /// A story that came to nothing becomes a deposit: no story is empty.
    fn deposit_if_silent(&mut self) {
        if self.story.is_empty() {
            self.deposit();
        }
    }

    fn available(&self, account: usize) -> Cents {
        self.accounts.get(account).map_or(Cents(0), Account::available)
    }

    fn withdraw(&mut self) {
        let account = self.some_account();
        let amount = Cents(10 * EURO * self.seeded.between(1, 20));
        if self.available(account) >= amount {
            self.actor = "atm";
            let machine = self.seeded.pick(&MACHINES);
            self.book(account, Cents(-amount.0), "MoneyWithdrawn", &format!(r#""machine":"{machine}""#));
        }
        self.deposit_if_silent();
    }

    fn place_hold(&mut self) {
        let account = self.some_account();
        let amount = Cents(self.seeded.between(2 * EURO, 120 * EURO));
        if self.available(account) >= amount {
            self.actor = "card";
            self.holds_placed += 1;
            let (number, shop) = (self.holds_placed, self.seeded.pick(&SHOPS));
            if let Some(account) = self.accounts.get_mut(account) {
                account.held.0 += amount.0;
            }
            let fields = format!(r#""holds":{{"H{number}":{{"amount":{amount},"shop":"{shop}"}}}}"#);
            self.tell_account(account, "HoldPlaced", &fields);
            let correlation = self.correlation.clone().unwrap_or_default();
            let placed_by = self.cause.clone().unwrap_or_default();
            self.holds.push_back(Hold { number, account, amount, correlation, placed_by });
        }
        self.deposit_if_silent();
    }

    fn settle_hold(&mut self) {
        let index = self.seeded.index(self.holds.len() / 2 + 1);
        let Some(hold) = self.holds.remove(index) else { return self.deposit() };
        self.actor = "card";
        self.correlation = Some(hold.correlation);
        self.cause = Some(hold.placed_by);
        if let Some(account) = self.accounts.get_mut(hold.account) {
            account.held.0 -= hold.amount.0;
        }
        let gone = format!(r#""holds":{{"H{}":null}}"#, hold.number);
        if self.seeded.chance(85) {
            self.book(hold.account, Cents(-hold.amount.0), "HoldCaptured", &gone);
        } else {
            self.tell_account(hold.account, "HoldReleased", &gone);
        }
    }

    fn transfer(&mut self) {
        let (from, to) = (self.some_account(), self.some_account());
        if from == to {
            return self.deposit();
        }
        let amount = Cents(self.seeded.between(5 * EURO, 300 * EURO));
        self.transfer_between(from, to, amount, 1);
    }

    /// A transfer that arrives as often as it is delivered. `None` where the money is not there.
    pub(super) fn transfer_between(&mut self, from: usize, to: usize, amount: Cents, deliveries: u32) -> Option<Spot> {
        let (sender, receiver) = (self.accounts.get(from)?.number, self.accounts.get(to)?.number);
        self.transfers += 1;
        let number = self.transfers;
        let stream = StreamId::new(&format!("transfer-{number:06}"));
        let purpose = self.seeded.pick(&PURPOSES);
        let id = format!(r#""transferId":"{number:06}""#);
        let request = format!(
            r#"{id},"from":"{sender}","to":"{receiver}","amount":{amount},"purpose":"{purpose}","status":"requested""#
        );
        self.tell(&stream, "TransferRequested", &request);
        if self.available(from) < amount {
            let reason = r#""status":"rejected","reason":"insufficient funds""#;
            self.tell(&stream, "TransferRejected", &format!("{id},{reason}"));
            return None;
        }
        self.book(from, Cents(-amount.0), "TransferSent", &format!(r#"{id},"to":"{receiver}""#));
        let mut last = None;
        for attempt in 1..=deliveries {
            let fields = format!(r#"{id},"from":"{sender}","attempt":{attempt}"#);
            last = self.book(to, amount, "TransferReceived", &fields);
        }
        self.tell(&stream, "TransferCompleted", &format!(r#"{id},"status":"completed""#));
        last
    }

    fn change_limit(&mut self) {
        let account = self.some_account();
        let limit = Cents(100 * EURO * self.seeded.between(2, 30));
        self.tell_account(account, "LimitChanged", &format!(r#""dailyLimit":{limit}"#));
    }

    fn move_customer(&mut self) {
        if let Some(customer) = self.some_customer().and_then(|index| self.customers.get(index)) {
            let (stream, number) = (customer.stream(), customer.number);
            let city = self.seeded.pick(&CITIES);
            self.tell(&stream, "CustomerMoved", &format!(r#""customerId":"{number:04}","city":"{city}""#));
        }
        self.deposit_if_silent();
    }

    fn rename(&mut self) {
        if let Some(index) = self.some_customer() {
            let last_name = self.seeded.pick(&LAST_NAMES);
            let first_name = self.customers.get(index).map_or("", |customer| customer.first_name);
            self.rename_to(index, format!("{first_name} {last_name}"), None);
        }
        self.deposit_if_silent();
    }

    /// Renames a customer; `believed` is the name that the form showed, where that was not the true one.
    pub(super) fn rename_to(&mut self, index: usize, name: String, believed: Option<&str>) -> Option<Spot> {
        let customer = self.customers.get_mut(index)?;
        let (stream, number) = (customer.stream(), customer.number);
        let before = believed.unwrap_or(&customer.name);
        let fields = format!(r#""customerId":"{number:04}","previousName":"{before}","name":"{name}""#);
        customer.name = name;
        customer.renamed = true;
        Some(self.tell(&stream, "CustomerRenamed", &fields))
    }

    fn close(&mut self) {
        let index = self.some_account();
        let closes = self.accounts.get(index).is_some_and(|account| index > 20 && account.held.0 == 0);
        if closes {
            let balance = self.accounts.get(index).map_or(Cents(0), |account| account.balance);
            if balance.0 > 0 {
                self.book(index, Cents(-balance.0), "MoneyWithdrawn", r#""machine":"branch""#);
            }
            if let Some(account) = self.accounts.get_mut(index) {
                account.closed = true;
            }
            self.tell_account(index, "AccountClosed", r#""status":"closed""#);
            let owner = self.accounts.get(index).map_or(0, |account| account.owner);
            if self.accounts.iter().all(|account| account.owner != owner || account.closed)
                && let Some(customer) = self.customers.get_mut(owner)
            {
                customer.deleted = true;
                let (stream, number) = (customer.stream(), customer.number);
                self.tell(&stream, "CustomerDeleted", &format!(r#""customerId":"{number:04}""#));
            }
        }
        self.deposit_if_silent();
    }

    fn statement(&mut self, index: usize, period: &str) {
        self.actor = "batch";
        let Some(account) = self.accounts.get(index) else { return };
        if account.closed {
            return self.deposit();
        }
        let interest = Cents(account.balance.0 / 1_200);
        if account.balance.0 >= 1_000 * EURO {
            self.book(index, interest, "InterestPaid", &format!(r#""period":"{period}""#));
        } else if self.available(index).0 >= 50 * EURO {
            self.book(index, Cents(-250), "FeeCharged", &format!(r#""period":"{period}","fee":"account keeping""#));
        }
        let Some(account) = self.accounts.get_mut(index) else { return };
        let (number, opening, closing, entries) = (account.number, account.opening, account.balance, account.entries);
        account.opening = closing;
        account.entries = 0;
        let stream = StreamId::new(&format!("statement-{number}-{period}"));
        let id = format!(r#""statementId":"{number}-{period}""#);
        let fields = format!(
            r#"{id},"accountId":"{number}","period":"{period}","opening":{opening},"closing":{closing},"entries":{entries},"status":"issued""#
        );
        self.tell(&stream, "StatementIssued", &fields);
        self.tell(&stream, "StatementSent", &format!(r#"{id},"status":"sent","by":"mail""#));
    }
}
