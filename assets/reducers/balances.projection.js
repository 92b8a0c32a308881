// A KurrentDB projection: the balance of each account, and the sum of all in the shared state.
// eventscope project LOG --reducer balances.projection.js --partition account-1
fromCategory('account')
  .foreachStream()
  .when({
    $init: () => ({ balance: 0 }),
    $initShared: () => ({ total: 0 }),
    Deposited([own, all], event) {
      own.balance += event.data.amount;
      all.total += event.data.amount;
    },
    Withdrawn([own, all], event) {
      own.balance -= event.data.amount;
      all.total -= event.data.amount;
      if (own.balance < 0) emit('overdrawn', 'AccountOverdrawn', { account: event.streamId, balance: own.balance });
    },
  });
