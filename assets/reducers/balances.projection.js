// A KurrentDB projection for the demo's ledger: the balance of each account, and what all of them hold in the shared state.
// eventscope generate wallet.db --wallet
// eventscope project wallet.db --reducer balances.projection.js --partition account-10001
function moved([own, all], event, cents) {
  own.cents += cents;
  all.cents += cents;
  if (own.cents < 0) emit('overdrawn', 'AccountOverdrawn', { account: event.streamId, cents: own.cents });
}
const cents = (event) => Math.round(event.data.amount * 100);
const into = (state, event) => moved(state, event, cents(event));
const outOf = (state, event) => moved(state, event, -cents(event));

fromCategory('account')
  .foreachStream()
  .when({
    $init: () => ({ cents: 0 }),
    $initShared: () => ({ cents: 0 }),
    MoneyDeposited: into,
    TransferReceived: into,
    MoneyWithdrawn: outOf,
    TransferSent: outOf,
    FeeCharged: outOf,
    HoldCaptured: outOf,
  });
