// The API of KurrentDB's projections: selectors and the chain while the script is read, output functions afterwards.
// Everything that a script could replace is taken before it runs.
(function (host, kit) {
  'use strict';
  const isArray = Array.isArray, names = Object.getOwnPropertyNames, own = Object.prototype.hasOwnProperty;
  const has = own.call.bind(own), define = Object.defineProperty, freeze = Object.freeze, parse = kit.parse, format = kit.format;
  const source = Function.prototype.call.bind(Function.prototype.toString);
  const lower = Function.prototype.call.bind(String.prototype.toLowerCase);
  const trim = Function.prototype.call.bind(String.prototype.trim);
  const native = /\{\s*\[native code\]\s*\}$/, test = Function.prototype.call.bind(RegExp.prototype.test);
  const text = String, trunc = Math.trunc, is = Object.is;
  const put = (list, value) => define(list, list.length, { value, writable: true, enumerable: true, configurable: true });
  const contains = (list, value) => {
    for (let index = 0; index < list.length; index++) { if (list[index] === value) { return true; } }
    return false;
  };
  const isFunction = (value) => typeof value === 'function' && !test(native, source(value));

  const made = {
    all: false, streams: [], categories: [], byStream: false, output: false, allEvents: true,
    named: [], any: false, anyBeforeNamed: false, anyAfterNamed: false, ignored: [],
    resultStreamName: '', includeLinks: false, reorderEvents: false, processingLag: 0, biState: false,
  };
  const handlers = { __proto__: null };
  const special = { __proto__: null };
  const transforms = [];
  let partitionBy = null;

  // --- The chain: one object that gains and loses methods.
  const chain = {};
  const methods = {
    __proto__: null,
    when(object) {
      if (typeof object === 'object' && object !== null) {
        const keys = names(object);
        for (let index = 0; index < keys.length; index++) {
          const name = keys[index], value = object[name];
          if (isFunction(value)) { register(name, value); } else { put(made.ignored, name); }
        }
      }
      return offer(['transformBy', 'filterBy', 'outputState', 'outputTo', '$defines_state_transform']);
    },
    partitionBy(by) {
      if (!isFunction(by)) { throw new TypeError('partitionBy: expected function'); }
      partitionBy = by;
      return offer(['when']);
    },
    foreachStream() {
      made.byStream = true;
      return offer(['when']);
    },
    outputState() {
      made.output = true;
      return offer(['transformBy', 'filterBy', 'outputTo']);
    },
    transformBy(by) { return transform('transformBy', by); },
    filterBy(by) { return transform('filterBy', by); },
    outputTo(...parts) {
      if (parts.length < 1 || parts.length > 2 || typeof parts[0] !== 'string' ||
          (parts.length === 2 && typeof parts[1] !== 'string')) {
        throw new TypeError('outputTo: expected string value');
      }
      made.resultStreamName = parts[0];
      return offer([]);
    },
    $defines_state_transform() { made.output = true; return chain; },
  };
  const all = names(methods);
  function offer(offered) {
    for (let index = 0; index < all.length; index++) { delete chain[all[index]]; }
    for (let index = 0; index < offered.length; index++) {
      define(chain, offered[index], { value: methods[offered[index]], writable: true, enumerable: true, configurable: true });
    }
    return chain;
  }
  function transform(name, by) {
    if (!isFunction(by)) { throw new TypeError(name + ': expected function'); }
    put(transforms, { filter: name === 'filterBy', by });
    made.output = true;
    return offer(['transformBy', 'filterBy', 'outputState', 'outputTo']);
  }
  function register(name, handler) {
    if (name === '$any') {
      if (special.$any) { throw new Error('the same handler twice: $any'); }
      special.$any = handler;
      made.any = true;
      made.allEvents = true;
      made.anyAfterNamed = made.named.length > 0;
      return;
    }
    if (name === '$init' || name === '$initShared' || name === '$created' || name === '$deleted') {
      if (special[name]) { throw new Error('the same handler twice: ' + name); }
      if (name === '$initShared') { made.biState = true; }
      special[name] = handler;
      return;
    }
    if (has(handlers, name) || contains(made.named, name)) {
      throw new Error('an item with the same key has already been added: ' + name);
    }
    handlers[name] = handler;
    put(made.named, name);
    if (made.any) { made.anyBeforeNamed = true; }
    made.allEvents = false;
  }

  // --- Selectors.
  const select = (name, list, into, offered) => {
    for (let index = 0; index < list.length; index++) {
      if (typeof list[index] !== 'string') { throw new TypeError(name + ': expected string'); }
    }
    for (let index = 0; index < list.length; index++) {
      if (!contains(into, list[index])) { put(into, list[index]); }
    }
    return offer(offered);
  };
  const whole = ['when', 'partitionBy', 'foreachStream', 'outputState'];
  const some = ['when', 'partitionBy', 'outputState'];
  const fromCategory = function (...parts) {
    if (parts.length === 0) { return offer(whole); }
    if (parts.length === 1 && typeof parts[0] === 'string') {
      return select('category', parts, made.categories, whole);
    }
    const given = parts.length === 1 && isArray(parts[0]) ? parts[0] : parts, streams = [];
    for (let index = 0; index < given.length; index++) {
      if (typeof given[index] !== 'string') { throw new TypeError('categories: expected string'); }
      put(streams, '$ce-' + given[index]);
    }
    return select('categories', streams, made.streams, whole);
  };
  const atDefinition = {
    options(given) {
      if (typeof given !== 'object' || given === null) { return; }
      const keys = names(given);
      for (let index = 0; index < keys.length; index++) {
        const key = keys[index], value = given[key];
        const take = (name, type, change) => {
          if (typeof value !== type) { throw new TypeError('Invalid value of option ' + key); }
          made[name] = change ? change(value) : value;
        };
        switch (lower(key)) {
          case 'resultstreamname': take('resultStreamName', 'string'); break;
          case '$includelinks': take('includeLinks', 'boolean'); break;
          case 'reorderevents': take('reorderEvents', 'boolean'); break;
          case 'processinglag': take('processingLag', 'number', trunc); break;
          case 'bistate': take('biState', 'boolean'); break;
          default: throw new Error('Unrecognized option: ' + key);
        }
      }
    },
    fromAll() { made.all = true; return offer(whole); },
    fromStream(stream) {
      if (typeof stream !== 'string') { throw new TypeError('stream: expected string'); }
      return select('stream', [stream], made.streams, some);
    },
    fromStreams(...parts) {
      return select('streams', parts.length === 1 && isArray(parts[0]) ? parts[0] : parts, made.streams, some);
    },
    fromCategory,
    fromCategories: fromCategory,
    on_event(name, handler) {
      if (typeof name !== 'string') { throw new TypeError('on_event: expected string'); }
      if (!isFunction(handler)) { throw new TypeError('on_event: expected function'); }
      register(name, handler);
    },
    on_any(handler) {
      if (!isFunction(handler)) { throw new TypeError('on_any: expected function'); }
      register('$any', handler);
    },
  };

  // --- Output.
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const word = (value) => typeof value === 'string' && trim(value) !== '';
  const properties = (object) => {
    const kept = {}, keys = names(object);
    for (let index = 0; index < keys.length; index++) {
      const value = object[keys[index]];
      if (value !== undefined) { define(kept, keys[index], { value, writable: true, enumerable: true, configurable: true }); }
    }
    return host.write(kept);
  };
  const atRun = {
    emit(...parts) {
      const [stream, type, body, metadata] = parts;
      if (parts.length < 3) { host.fault('emit needs a stream, a type and a body'); }
      if (!word(stream)) { host.fault('emit: the stream must be a string that is not blank'); }
      if (!word(type)) { host.fault('emit: the type must be a string that is not blank'); }
      if (!isObject(body)) { host.fault('emit: the body must be an object'); }
      if (parts.length > 3 && !isObject(metadata)) { host.fault('emit: the metadata must be an object'); }
      host.emit(stream, type, host.write(body), null, parts.length > 3 ? properties(metadata) : null);
    },
    linkTo(...parts) {
      const [stream, event, metadata] = parts;
      if (parts.length !== 2 && parts.length !== 3) { host.fault('linkTo needs a stream, an event, and nothing else but metadata'); }
      if (!word(stream)) { host.fault('linkTo: the stream must be a string that is not blank'); }
      if (!isObject(event)) { host.fault('linkTo: that is no event'); }
      const number = event.sequenceNumber, of = event.streamId;
      if (typeof number !== 'number' || typeof of !== 'string') { host.fault('linkTo: that is no event'); }
      if (parts.length === 3 && !isObject(metadata)) { host.fault('linkTo: the metadata must be an object (it is ' + text(metadata) + ')'); }
      host.emit(stream, '$>', null, number + '@' + of, parts.length === 3 ? properties(metadata) : null);
    },
    linkStreamTo(...parts) {
      const [stream, other] = parts;
      if (parts.length > 2) { host.warn('linkStreamTo-metadata', 'linkStreamTo with metadata always fails on KurrentDB'); }
      if (parts.length !== 2) { host.fault('linkStreamTo needs two streams; a third argument always fails'); }
      if (!word(stream) || !word(other)) { host.fault('linkStreamTo: both streams must be strings that are not blank'); }
      host.emit(stream, '$@', null, other, null);
    },
    copyTo() { host.warn('copyTo-empty', 'copyTo records nothing since 21.6'); },
  };
  const log = function (...parts) {
    if (parts.length === 0) { return; }
    const primitive = (value) => !isObject(value);
    if (parts.length === 1) {
      host.log(primitive(parts[0]) ? text(parts[0]) : host.write(parts[0]));
      return;
    }
    let line = '';
    for (let index = 0; index < parts.length; index++) {
      if (index > 1) { line += ' ,'; }
      if (primitive(parts[index])) { host.log(text(parts[index])); } else { line += host.write(parts[index]); }
    }
    host.log(line);
  };

  // --- The event.
  const makeEvent = (given, partition, category) => {
    const { created, bodyRaw, metadataRaw, streamId, eventId, eventType, linkMetadataRaw, isJson, sequenceNumber } = given;
    let body, metadata, linkMetadata, bodyKnown = false, metadataKnown = false, linkKnown = false;
    const readBody = () => {
      if (!bodyKnown) { body = isJson ? parse(bodyRaw) : undefined; bodyKnown = true; }
      return body;
    };
    return freeze({
      partition, created, bodyRaw, metadataRaw, streamId, eventId, eventType, linkMetadataRaw, isJson, category, sequenceNumber,
      get body() { return readBody(); },
      get data() { return readBody(); },
      get metadata() {
        if (!metadataKnown) { metadata = metadataRaw === null ? null : parse(metadataRaw); metadataKnown = true; }
        return metadata;
      },
      get linkMetadata() {
        if (!linkKnown) { linkMetadata = linkMetadataRaw === null ? null : parse(linkMetadataRaw); linkKnown = true; }
        return linkMetadata;
      },
    });
  };

  // --- Before and after the script.
  const defining = names(atDefinition), running = names(atRun);
  const refuse = (what) => function () { throw new EvalError(what + ' is not allowed in a projection'); };
  const set = (name, value) => define(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  const close = () => {
    set('eval', refuse('eval'));
    const kinds = [function () {}, async function () {}, function* () {}, async function* () {}];
    for (let index = 0; index < kinds.length; index++) {
      define(Object.getPrototypeOf(kinds[index]), 'constructor', { value: refuse('new Function'), configurable: false });
    }
    const closed = refuse('new Function');
    closed.prototype = Function.prototype;
    set('Function', closed);
  };
  // What is global after the script: whoever changes it afterwards keeps state outside the state.
  let before = [], known = [];
  const shown = (value) => { try { return format(value); } catch { return ''; } };
  const changedGlobal = () => {
    const now = names(globalThis);
    for (let index = 0; index < now.length; index++) {
      const name = now[index];
      let old = null;
      for (let at = 0; at < known.length; at++) { if (known[at].name === name) { old = known[at]; break; } }
      if (old === null || (old.own && old.shown !== shown(globalThis[name]))) { return name; }
    }
    return '';
  };
  const begin = () => {
    close();
    set('log', log);
    const said = (...parts) => { host.warn('console-missing', 'console is a ReferenceError on KurrentDB: use log'); host.log(format(...parts)); };
    set('console', freeze({ log: said, info: said, warn: said, error: said, debug: said }));
    for (let index = 0; index < defining.length; index++) { set(defining[index], atDefinition[defining[index]]); }
    before = names(globalThis);
  };
  const end = () => {
    for (let index = 0; index < defining.length; index++) { delete globalThis[defining[index]]; }
    offer([]);
    for (let index = 0; index < running.length; index++) { set(running[index], atRun[running[index]]); }
    const global = names(globalThis);
    for (let index = 0; index < global.length; index++) {
      const name = global[index], own = !contains(before, name) && !contains(running, name);
      put(known, { name, own, shown: own ? shown(globalThis[name]) : '' });
    }
    const { all: everything, streams, categories, byStream, reorderEvents, processingLag } = made;
    if (!everything && streams.length === 0 && categories.length === 0) { throw new Error('None of streams and categories are included'); }
    if (everything && (streams.length > 0 || categories.length > 0)) { throw new Error('Both FromAll and specific categories or streams cannot be set'); }
    if (streams.length > 0 && categories.length > 0) { throw new Error('Streams and categories cannot be included in a filter at the same time'); }
    if (categories.length > 1) { throw new Error('Several categories are not supported'); }
    if (byStream && streams.length > 0) { throw new Error('foreachStream projections are not supported on stream based sources'); }
    if (reorderEvents) {
      if (everything) { throw new Error('Event reordering cannot be used with fromAll()'); }
      if (streams.length < 2) { throw new Error('Event reordering is only available in fromStreams([]) projections with at least two streams'); }
      if (processingLag < 50) { throw new Error('Event reordering requires processing lag at least of 50ms'); }
    }
    if (special.$deleted && made.biState) { throw new Error('Cannot handle deletes in bi-state projections'); }
    if (special.$deleted && !byStream) { throw new Error('Deleted stream notifications are only supported with foreachStream()'); }
    made.partitionBy = partitionBy !== null;
    made.transforms = transforms.length;
    made.created = !!special.$created;
    made.deleted = !!special.$deleted;
    return host.write(made);
  };

  // --- One event: the callbacks one by one, so that each has its own allowance.
  return {
    begin, end, makeEvent,
    key(event) {
      const key = partitionBy(event);
      if (typeof key === 'number') { return is(key, -0) ? '0' : text(key); }
      return typeof key === 'string' ? key : undefined;
    },
    init() { return special.$init ? (0, special.$init)() : {}; },
    initShared() { return special.$initShared ? (0, special.$initShared)() : {}; },
    created(state, event) { (0, special.$created)(state, event); },
    deleted(state, partition) { (0, special.$deleted)(state, null, partition, false); },
    // undefined: the old state stays.
    handle(state, event) {
      const type = event.eventType;
      if (has(handlers, type)) { const handler = handlers[type]; return handler(state, event); }
      if (special.$any && made.allEvents) { const handler = special.$any; return handler(state, event); }
      return event.isJson ? event.body : event.bodyRaw;
    },
    isPair(value) { return isArray(value); },
    pair(one, other) { return [one, other]; },
    transform(state, index) {
      const { filter, by } = transforms[index];
      if (filter) { return by(state) === true ? state : null; }
      return by(state);
    },
    changedGlobal,
  };
})
