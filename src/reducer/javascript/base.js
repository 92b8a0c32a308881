// What every script finds: a clock that stands at the event, a fixed dice, a console that is captured.
// The functions that it hands back hold the originals of all that a script could replace.
(function (print) {
  'use strict';
  const RealDate = Date, parse = JSON.parse, stringify = JSON.stringify, text = String;
  const freeze = Object.freeze, keys = Reflect.ownKeys, isArray = Array.isArray, construct = Reflect.construct;
  const prevent = Object.preventExtensions, define = Object.defineProperty, utc = RealDate.UTC;
  const concat = Function.prototype.call.bind(Array.prototype.join);
  let now = 0, dice = 1, used = { clock: 0, random: 0 };

  function FixedDate(...parts) {
    if (parts.length === 0) { used.clock++; parts = [now]; } else if (parts.length > 1) { parts = [utc(...parts)]; }
    return new.target ? construct(RealDate, parts, new.target) : new RealDate(now).toUTCString();
  }
  FixedDate.prototype = RealDate.prototype;
  define(RealDate.prototype, 'constructor', { value: FixedDate, writable: true, configurable: true });
  FixedDate.now = () => { used.clock++; return now; };
  FixedDate.parse = RealDate.parse;
  FixedDate.UTC = RealDate.UTC;
  const days = RealDate.prototype;
  for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
    days['get' + part] = days['getUTC' + part];
    if (part !== 'Day') { days['set' + part] = days['setUTC' + part]; }
  }
  days.getTimezoneOffset = () => 0;
  days.toString = days.toUTCString;
  globalThis.Date = FixedDate;
  Math.random = () => {
    used.random++;
    dice = (dice * 1103515245 + 12345) % 2147483648;
    return dice / 2147483648;
  };

  const show = (value) => {
    if (typeof value === 'string') { return value; }
    if (typeof value === 'object' && value !== null) {
      if (value instanceof Error) { return text(value); }
      const json = stringify(value);
      return json === undefined ? text(value) : json;
    }
    return typeof value === 'symbol' ? value.toString() : text(value);
  };
  const format = (...parts) => {
    const shown = [];
    for (let index = 0; index < parts.length; index++) { define(shown, index, { value: show(parts[index]) }); }
    return concat(shown, ' ');
  };
  const say = (...parts) => print(format(...parts));
  const console = freeze({ log: say, info: say, warn: say, error: say, debug: say });

  const freezeDeep = (value) => {
    if (typeof value === 'object' && value !== null) {
      freeze(value);
      if (isArray(value)) {
        for (let index = 0; index < value.length; index++) { freezeDeep(value[index]); }
      } else {
        for (const key in value) { freezeDeep(value[key]); }
      }
    }
    return value;
  };

  return {
    console,
    format,
    used,
    parse,
    // The clock and the dice stand at the event.
    at(milliseconds, seed) { now = milliseconds; dice = seed; },
    // The event as a plain module and an expression see it.
    event(type, stream, category, version, position, time, id, data, metadata) {
      return freeze({
        type, stream, category, version, position, time, id,
        data: freezeDeep(data), metadata: metadata === null ? null : freezeDeep(metadata),
      });
    },
    // Redefining what the language offers is a TypeError.
    harden() {
      globalThis.console = console;
      for (const name of keys(globalThis)) {
        const value = globalThis[name];
        if (typeof value === 'function' && value.prototype && value !== Object && !(value.prototype instanceof Error) && value !== Error) {
          freeze(value.prototype);
        }
        if (typeof value === 'function' || (typeof value === 'object' && value !== null && value !== globalThis)) { freeze(value); }
      }
      prevent(Object.prototype);
      prevent(Error.prototype);
      freeze(globalThis);
    },
  };
})
