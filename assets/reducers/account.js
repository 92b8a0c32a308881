// A plain module: the next state out of the state and the event. null: does not exist (any more).
export const initial = { balance: 0, movements: [] };

export default (state, event) => {
  const { type, data } = event;
  switch (type) {
    case 'AccountOpened':
      return { ...initial, owner: data.owner, opened: event.time };
    case 'Deposited':
      return { ...state, balance: state.balance + data.amount, movements: [...state.movements, data] };
    case 'Withdrawn':
      if (state.balance < data.amount) console.log('overdrawn by', data.amount - state.balance);
      return { ...state, balance: state.balance - data.amount, movements: [...state.movements, data] };
    case 'AccountClosed':
      return null;
    default:
      return state;
  }
};
