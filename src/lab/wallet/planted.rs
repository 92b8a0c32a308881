//! The three bugs, each told once, when the log is old enough for it to hide.

use super::ledger::{Cents, EURO};
use super::story::{Due, Teller};

/// How far the demo log is, in percent, when each bug is planted at the earliest.
const STALE_NAME_FROM: u64 = 25;
const RECEIVED_TWICE_FROM: u64 = 40;
const OVERDRAWN_FROM: u64 = 60;

impl Teller {
    /// Plants the next bug that is due. True where a story was told.
    pub(super) fn plant(&mut self) -> bool {
        let percent = self.percent();
        if percent >= STALE_NAME_FROM && self.stale_name.is_none() {
            self.rename_from_an_old_form()
        } else if percent >= RECEIVED_TWICE_FROM && self.received_twice.is_none() {
            self.deliver_twice()
        } else if percent >= OVERDRAWN_FROM && self.overdrawn.is_none() {
            self.race_two_withdrawals()
        } else {
            false
        }
    }

    fn rename_from_an_old_form(&mut self) -> bool {
        let found = self.customers.iter().position(|customer| !customer.renamed && !customer.deleted);
        let Some(index) = found.filter(|_| self.seeded.chance(10)) else { return false };
        let Some(customer) = self.customers.get(index) else { return false };
        let (first_name, old_name) = (customer.first_name, customer.name.clone());
        let old_last_name = old_name.strip_prefix(first_name).unwrap_or_default().trim().to_owned();
        self.rename_to(index, format!("{first_name} Winter"), None);
        self.begin("back office");
        self.stale_name = self.rename_to(index, format!("{first_name} M. {old_last_name}"), Some(&old_name));
        true
    }

    fn deliver_twice(&mut self) -> bool {
        let (from, to) = (self.some_account(), self.some_account());
        let amount = Cents(145 * EURO);
        let funded = self.accounts.get(from).is_some_and(|account| account.available() >= amount);
        if from == to || !funded {
            return false;
        }
        self.received_twice = self.transfer_between(from, to, amount, 2);
        true
    }

    fn race_two_withdrawals(&mut self) -> bool {
        let account = self.some_account();
        let Some(before) =
            self.accounts.get(account).filter(|account| account.held.0 == 0).map(|account| account.balance)
        else {
            return false;
        };
        if !(80 * EURO..=400 * EURO).contains(&before.0) {
            return false;
        }
        // Round notes, each within the balance, both together above it.
        let notes = Cents(before.0 / (10 * EURO) * (10 * EURO));
        let fields = |machine: &str| format!(r#""machine":"{machine}","checkedBalance":{before}"#);
        self.begin("atm");
        self.book(account, Cents(-notes.0 / 2), "MoneyWithdrawn", &fields("ATM 0114"));
        self.begin("atm");
        self.overdrawn = self.book(account, Cents(-notes.0), "MoneyWithdrawn", &fields("ATM 1002"));
        self.due.push_front(Due::Deposit { account, amount: Cents(1_850 * EURO) });
        true
    }
}
