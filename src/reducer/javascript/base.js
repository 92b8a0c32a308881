// What every script finds: a clock that stands at the event, a fixed dice, a console that is captured.
// The functions that it hands back hold the originals of all that a script could replace.
(function (print) {
  'use strict';
  const RealDate = Date, parse = JSON.parse, stringify = JSON.stringify, text = String;
  const freeze = Object.freeze, floor = Math.floor, keys = Reflect.ownKeys, construct = Reflect.construct;
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

  // What is nested in a payload is the event's own copy: freezing all of it would cost more than parsing it.
  const frozen = (value) => (typeof value === 'object' && value !== null ? freeze(value) : value);

  return {
    console,
    format,
    used,
    parse,
    // The clock and the dice stand at the event.
    at(milliseconds, seed) { now = milliseconds; dice = seed; },
    // The event as a plain module and an expression see it; the clock and the dice stand at it.
    event(type, stream, category, version, position, time, id, data, metadata, milliseconds, seed) {
      now = milliseconds;
      dice = seed;
      return freeze({
        type, stream, category, version, position, time, id, data: frozen(data), metadata: frozen(metadata),
      });
    },
    // In a run of events one frozen object stands for each of them in turn: whoever keeps it is folded one by one.
    run(reduce, rfc3339) {
      let type, stream, category, version, position, microseconds, id, data, metadata, time;
      const event = freeze({
        get type() { return type; },
        get stream() { return stream; },
        get category() { return category; },
        get version() { return version; },
        get position() { return position; },
        get time() { return time === undefined ? (time = rfc3339(microseconds)) : time; },
        get id() { return id; },
        get data() { return data; },
        get metadata() { return metadata; },
      });
      const begin = (theStream, theCategory) => { stream = theStream; category = theCategory; };
      const step = (state, theType, theVersion, thePosition, theId, theData, theMetadata, theMicroseconds, seed) => {
        type = theType;
        version = theVersion;
        position = thePosition;
        id = theId;
        data = frozen(theData);
        metadata = frozen(theMetadata);
        time = theMicroseconds === null ? null : undefined;
        microseconds = theMicroseconds;
        now = theMicroseconds === null ? 0 : floor(theMicroseconds / 1000);
        dice = seed;
        return reduce(state, event);
      };
      return { event, begin, step };
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
