// A plain module for the accounts of the demo's ledger: the next state out of the state and the event.
// eventscope generate wallet.db --wallet && eventscope state wallet.db --stream account-10001 --reducer account.js
export const initial = { balance: 0, movements: 0 };

const sign = { MoneyDeposited: 1, TransferReceived: 1, MoneyWithdrawn: -1, TransferSent: -1, FeeCharged: -1, HoldCaptured: -1 };

export default (state, event) => {
  const { type, data } = event;
  if (type === 'AccountOpened') return { ...initial, customer: data.customerId, opened: event.time };
  if (type === 'AccountClosed') return null; // does not exist any more
  if (!(type in sign)) return state;
  const balance = Math.round((state.balance + sign[type] * data.amount) * 100) / 100;
  if (balance !== data.balance) console.log('the event says', data.balance, 'and the sum is', balance);
  return { ...state, balance, movements: state.movements + 1 };
};
