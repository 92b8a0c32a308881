//! Every bound in the program, each with the reason for its value.
//!
//! A queue, cache, loop or buffer without a limit here is a bug. Relations between limits are checked at compile time
//! at the end of this file.

/// Events between two states that the replayer keeps in memory. A step back folds at most this many events.
pub const STATE_EVERY_EVENTS: u64 = 64;
/// Events between two checkpoints, at least. Folding this many takes a few milliseconds, so a seek is never slower.
pub const CHECKPOINT_EVERY_EVENTS: u64 = 4_096;
/// Event bytes between two checkpoints, as a multiple of the state's size: the cache stays under a quarter of the log.
pub const CHECKPOINT_EVERY_STATE_SIZES: u64 = 4;
/// Bytes of states that the replayer keeps in memory.
pub const STATES_KEPT_BYTES_MAX: usize = 64 << 20;
/// Events that a fold takes before it looks whether somebody has asked something newer.
pub const FOLD_LOOK_UP_EVERY_EVENTS: u64 = 1_024;
/// Faults that are kept with their text for one replay; all are counted.
pub const FAULTS_KEPT_MAX: usize = 1_000;

/// Bytes of the values that one blame holds: some hundred thousand numbers or names, or a hundred states of a megabyte.
/// Older ones are counted, and read by asking again up to an earlier version.
pub const BLAME_BYTES_MAX: usize = 128 << 20;

/// Events of one fixture, test or bundle: a file that people look at.
pub const ARTEFACT_EVENTS_MAX: u64 = 10_000;
/// Bytes of one bundle: it is read whole.
pub const BUNDLE_BYTES_MAX: u64 = 256 << 20;
/// Edits of one what-if: each keeps its event in memory.
pub const EDITS_MAX: usize = 10_000;
/// Breakpoints that are looked at together: each may cost a script's call an event.
pub const BREAKPOINTS_MAX: usize = 64;

/// Writes of one value that the window lists: a few megabytes of short texts.
pub const BLAME_ROWS_MAX: usize = 20_000;
/// Events that are folded to measure what folding costs: some ten milliseconds of them.
pub const COST_EVENTS_MAX: u64 = 20_000;
/// Fewer events than this measure nothing: what is around the fold weighs more than it.
pub const COST_EVENTS_MIN: u64 = 256;
/// Microseconds that a snapshot has to save a load to be advised.
pub const COST_SAVED_US_MIN: u64 = 1_000;
/// Streams that are looked through for the one whose next snapshot pays most: a second of them.
pub const COST_STREAMS_MAX: usize = 50_000;
/// Microseconds that a fold may take before somebody who waits for a load notices: what advice on snapshots aims at.
pub const COST_FOLD_US: u64 = 10_000;

/// Positions of a sandbox of which the window knows how far they are from the real line: some megabytes of numbers.
pub const SANDBOX_SLOTS_MAX: usize = 100_000;
/// Events before the first change of a sandbox that its chart shows.
pub const SANDBOX_EVENTS_BEFORE: u64 = 16;
/// Events between two places that are compared, up to which it is told which of them set what, and how many of each type
/// there are: a few hundred milliseconds of folding.
pub const DIFF_EVENTS_MAX: u64 = 100_000;
/// Values of which that is told.
pub const DIFF_SET_AT_MAX: usize = 200;
/// Bytes of a difference as RFC 6902 that the window holds, to be copied.
pub const DIFF_PATCH_BYTES_MAX: usize = 4 << 20;
/// Bytes of the states that a search keeps, one for each stream that it comes by: as values they take some times that.
pub const SEARCH_STATES_BYTES_MAX: usize = 16 << 20;
/// Events that the preview of a mapping shows.
pub const MAPPING_PREVIEW_EVENTS: u32 = 100;
/// Hits that the window lists of one search; all are counted.
pub const SEARCH_HITS_MAX: u64 = 50_000;
/// Hits of a search that are looked at to choose what its events are counted by.
pub const FACET_SAMPLE_EVENTS: usize = 200;
/// Paths that the window counts the hits of a search by.
pub const FACET_PATHS_MAX: usize = 4;
/// Values of a facet that the window lists.
pub const FACET_VALUES_SHOWN: usize = 40;
/// Different values that one facet counts; what comes beyond is counted together. Some megabytes of short texts.
pub const FACET_VALUES_KEPT_MAX: usize = 50_000;
/// Characters of a value that a facet counts apart: a longer text is no kind of anything.
pub const FACET_VALUE_CHARS_MAX: usize = 256;
/// Events over which a text that is being edited is compared with the saved one: under a second of folding.
pub const TRIAL_EVENTS_MAX: u64 = 100_000;
/// Faults and printed lines of a trial that the window lists; all are counted.
pub const TRIAL_LISTED_MAX: usize = 200;
/// Intervals that the window lists of one search; all are counted.
pub const FIND_ROWS_MAX: usize = 10_000;
/// Milliseconds between two words of a search or a run that is on its way.
pub const TASK_TELLS_EVERY_MS: u64 = 100;
/// Events that the small chart of a pinned path looks back: one for each point that it is wide.
pub const PIN_EVENTS: u64 = 64;
/// Paths that can be pinned.
pub const PINS_MAX: usize = 16;

/// Events in one page that is read from a log.
pub const PAGE_EVENTS_MAX: u32 = 1_024;
/// Payload bytes after which a page ends early (it always holds at least one event).
pub const PAGE_BYTES_MAX: usize = 8 << 20;
/// Rows in one page of the event list.
pub const ROWS_PAGE: u64 = 128;
/// Pages of rows kept by the session: 64 × 128 rows, some megabytes at most.
pub const ROWS_PAGES_MAX: usize = 64;
/// Streams that one request lists.
pub const STREAMS_PAGE: u32 = 200;
/// Rows between two milestones (position → seq) of a log whose ordering key has gaps.
pub const MILESTONE_EVERY_EVENTS: u64 = 1_024;

/// Bytes of one payload, decoded: larger ones are shown as undecoded.
pub const PAYLOAD_BYTES_MAX: usize = 64 << 20;
/// Nesting of a payload that is still parsed.
pub const PAYLOAD_DEPTH_MAX: usize = 1_000;
/// The same for MessagePack, CBOR and `JSONB`, whose depth shows only while they are read: a level takes some KB of stack.
pub const PAYLOAD_BINARY_DEPTH_MAX: usize = 128;
/// Characters of one line of a payload or state that is drawn: a longer line costs hundreds of milliseconds to lay out.
pub const LINE_CHARS_MAX: usize = 2_000;
/// Characters of a text of several lines that is drawn, such as a tooltip: some twenty lines of it.
pub const PARAGRAPH_CHARS_MAX: usize = 1_000;
/// Characters of one part of a sentence that a screen reader is told: a name, a path, a value.
pub const SPOKEN_CHARS_MAX: usize = 400;
/// Characters of a payload in one row of the event list.
pub const ROW_PAYLOAD_CHARS_MAX: usize = 240;
/// Lines of a state that are sent to the window.
pub const STATE_LINES_MAX: usize = 200_000;

/// Events up to which a scope is read whole for its density; more are sampled.
pub const DENSITY_READ_WHOLE_EVENTS: u64 = 60_000;
/// Places at which a longer scope is sampled: some hundred page reads, tens of milliseconds.
pub const DENSITY_SAMPLES: u64 = 512;
/// Buckets of a density; the widest strip draws one for each 4 points.
pub const DENSITY_BUCKETS: usize = 480;

/// Bytes of a reducer's text.
pub const SCRIPT_BYTES_MAX: usize = 4 << 20;
/// Bytes that one JavaScript runtime may hold: a state of 16 MiB, several times over.
pub const SCRIPT_MEMORY_BYTES_MAX: usize = 256 << 20;
/// Bytes of stack for scripts: half of what the smallest thread has.
pub const SCRIPT_STACK_BYTES_MAX: usize = 1 << 20;
/// Ticks that one callback of a script may take: a tick is some 10,000 steps of the engine, so this is a second or two.
pub const SCRIPT_TICKS_MAX: u64 = 10_000;
/// Ticks after which a callback is warned of: about the 250 ms that `KurrentDB` allows by default.
pub const SCRIPT_TICKS_SLOW: u64 = 1_500;
/// Values of a projection's state from which on its size is looked at: fewer are no megabytes, unless of long texts.
pub const STATE_LARGE_NODES: usize = 20_000;
/// Bytes of a projection's state from which on it is warned of: `KurrentDB` refuses twice as much.
pub const STATE_LARGE_BYTES: usize = 8 << 20;
/// Nesting of a state that a script builds. The engine of KurrentDB allows 64 levels.
pub const SCRIPT_STATE_DEPTH_MAX: usize = 256;
/// Nesting of a state and of a payload in KurrentDB's projections.
pub const PROJECTION_DEPTH_MAX: usize = 64;
/// Lines that a script may print for one event.
pub const CONSOLE_LINES_MAX: usize = 1_000;
/// Characters of one such line.
pub const CONSOLE_LINE_CHARS_MAX: usize = 16_384;
/// Events and links that a projection may emit for one event.
pub const EMITTED_PER_EVENT_MAX: usize = 10_000;
/// Values of a projection's state for each event that need not write it: writing them takes about as long as the event.
pub const DEFERRED_NODES: usize = 64;
/// Events that a projection folds before it writes its state, however large that is.
pub const DEFERRED_EVENTS_MAX: usize = 1_024;
/// Bytes of their payloads.
pub const DEFERRED_BYTES_MAX: usize = 16 << 20;
/// Faults, lines or emitted events that the answer of one projection lists; all are counted.
pub const PROJECTION_LISTED_MAX: usize = 100_000;

/// Milliseconds that a reducer's process may take for one event, where its file says nothing: the start of a runtime.
pub const PROCESS_TIMEOUT_MS: u64 = 10_000;
/// The most that its file may say.
pub const PROCESS_TIMEOUT_MS_MAX: u64 = 600_000;
/// Times that a reducer's process is started again after it crashed, for one replay.
pub const PROCESS_RESTARTS_MAX: u64 = 20;

/// Requests that wait for one worker.
pub const REQUESTS_MAX: usize = 64;
/// Replies that wait for the window.
pub const REPLIES_MAX: usize = 256;
/// Milliseconds between two looks at the head of the log: a write is seen in under 100 ms.
pub const HEAD_POLL_MS: u64 = 50;
/// Milliseconds between two looks whether a reducer's file or the workspace file was saved: a few calls that take some
/// microseconds each.
pub const FILES_POLL_MS: u64 = 200;
/// Milliseconds that one throughput sample covers.
pub const SAMPLE_MS: u64 = 250;
/// Samples kept: an hour at 250 ms, and a minute more so that a window of an hour is full.
pub const SAMPLES_MAX: usize = 14_640;
/// Milliseconds of one step in which older samples are kept.
pub const LIVE_STEP_MS: i64 = 10_000;
/// Steps kept: a day of them, and a few more.
pub const LIVE_STEPS_MAX: usize = 8_700;
/// Types and streams that one moment of the live throughput tells apart: more lines nobody can tell apart on screen.
pub const LIVE_NAMES_MAX: usize = 32;
/// Streams that one sample names, the busiest first.
pub const GROWTH_STREAMS_MAX: usize = 16;
/// Events that the growth of one sample reads for its types before it only counts them.
pub const GROWTH_EVENTS_MAX: u64 = 200_000;

/// Milliseconds that a statement waits for another connection's lock before it reports busy.
pub const BUSY_MS: u64 = 5_000;
/// Pages (of 4 KiB) that a writer lets its `-wal` grow by before it moves them into the log: 16 MiB. From 2,000 to 16,000
/// pages appends are equally fast, as the thread beside the writer does it; 1,000 cost some of the gain at batches of 100
/// and more, and a longer `-wal` takes longer to read after a crash.
///
/// Pages have 4 KiB, as `SQLite` makes them: of 8 KiB, batches of 1,000 and more would be a few to fifty percent faster,
/// and a batch of one slower by a tenth, of 16 KiB by more. Caches of 2 to 256 MiB and `mmap` change no append, and what
/// they do to reading is less than the noise.
pub const WAL_CHECKPOINT_PAGES: u32 = 4_000;
/// Bytes that a `-wal` keeps on disk after a checkpoint: what one large append grew it to is given back.
pub const WAL_KEPT_BYTES_MAX: i64 = 64 << 20;
/// KiB of pages that a writer keeps in memory: the index of ids of a log with a million events stays in it.
pub const WRITER_CACHE_KIB: u32 = 64 << 10;
/// Statements that a connection keeps prepared.
pub const STATEMENTS_KEPT_MAX: usize = 32;
/// Events that one seal covers, at most: 4 KiB of marks, and a hash that takes some microseconds. A log has at most so
/// many events that no seal covers yet, and one whose writer has closed it has none.
pub const SEAL_EVENTS: usize = 1_024;
/// Pages that a `-wal` may hold before the writer itself moves them into the log, between two of its transactions:
/// 64 MiB. Up to there a thread beside it does so.
pub const WAL_FIRM_PAGES: u32 = 16_000;
/// Pages of a `-wal` from which on appends are refused: 1 GiB, which only a reader that never ends its transaction can
/// bring about.
pub const WAL_HARD_PAGES: u32 = 262_144;
/// Pages of zeros by which a `-wal` is made longer for small commits, ahead of them: a MiB, for some hundred commits.
pub const WAL_AHEAD_PAGES: u32 = 256;
/// Small commits in a row after which that pays.
pub const WAL_AHEAD_AFTER_COMMITS: u32 = 16;
/// Appends that wait for the writer of a shared store, and so go into one transaction; who comes then waits for room.
pub const WAITING_APPENDS_MAX: usize = 1_024;
/// Bytes from which on the state of a snapshot is compressed: below, the header of zlib eats what it saves.
pub const SNAPSHOT_COMPRESS_BYTES: usize = 1_024;
/// Bytes of payloads in one row group of a Parquet file: what is held while one is written, some times over.
pub const PARQUET_GROUP_BYTES: usize = 16 << 20;
/// Rows in one row group of a Parquet file.
pub const PARQUET_GROUP_ROWS: usize = 100_000;
/// Events in one append.
pub const APPEND_EVENTS_MAX: usize = 1_000_000;
/// Events in one transaction of the generator: its commit is then a few percent of its work, and its memory some
/// megabytes.
pub const GENERATE_BATCH_EVENTS: usize = 10_000;
/// Event ids that one pass of verify holds: hashes of 16 bytes in a table of 4 Mi places, which is 71 MB. Where a log
/// has more, it is read again for each further part of them.
pub const VERIFY_IDS_KEPT_MAX: u64 = 3_600_000;
/// Streams with doubtful versions that verify looks at again one by one; of the rest it reports what showed first.
pub const VERIFY_DOUBTS_KEPT_MAX: usize = 100_000;
/// Bytes of a stream name, an event type, or an event id.
pub const NAME_BYTES_MAX: usize = 4_096;
/// Values in one payload in Protobuf or Avro: a few bytes may stand for many of them.
pub const PAYLOAD_VALUES_MAX: usize = 1_000_000;
/// Events of one tree of causes and effects that are listed; the rest is counted by type.
pub const TRACE_EVENTS_MAX: usize = 10_000;
/// Siblings of one type without effects that are one row of the tree, until it is opened.
pub const SIBLINGS_FOLDED_FROM: usize = 5;
/// Passes over a log for causes that belong to another whole: each finds those of the pass before.
pub const TRACE_PASSES_MAX: usize = 8;
/// Entries of `[mask]` in a workspace file: each is looked for in every payload that is shown or folded.
pub const MASKS_MAX: usize = 200;
/// Entries of `[[decode]]` and of `[[upcast]]` in a workspace file: each is tried on every event.
pub const SETTINGS_MAX: usize = 1_000;
/// Bytes of a descriptor set or a schema that a workspace file names.
pub const SCHEMA_BYTES_MAX: usize = 16 << 20;
/// Bytes of one line of JSON on standard input: one payload and its envelope.
pub const INPUT_LINE_BYTES_MAX: usize = PAYLOAD_BYTES_MAX + (1 << 20);

/// Milliseconds in which nobody closes a dialog by hand: one that ended sooner never opened.
pub const DIALOG_CLOSED_BY_HAND_MS: u64 = 200;
/// Recent logs that the welcome page lists.
pub const RECENT_LOGS_MAX: usize = 8;
/// Notices that the window shows at once.
pub const NOTICES_MAX: usize = 4;
/// Frames that a picture without a display waits for the window to come to rest: a second of them.
pub const FRAMES_TO_SETTLE_MAX: u32 = 60;
/// Seconds that a picture waits for its log: counting a large foreign log may take some.
pub const SCREENSHOT_WAIT_SECONDS: u64 = 60;
/// Pixels of a picture without a display: 256 MiB of them.
pub const SCREENSHOT_PIXELS_MAX: usize = 64 << 20;
/// Samples that one plot of the window draws; more are folded into their highest and lowest.
pub const PLOT_POINTS_MAX: usize = 600;
/// Microseconds that the time strip shows at least: two milliseconds.
pub const STRIP_SPAN_US_MIN: i64 = 2_000;
/// Bookmarks of one log: more than a person can tell apart, and a list that opens at once.
pub const BOOKMARKS_MAX: usize = 10_000;
/// Categories that are opened again with a log.
pub const STREAMS_KEPT_OPEN_MAX: usize = 50;
/// Logs whose view is kept; the oldest is forgotten.
pub const VIEWS_KEPT_MAX: usize = 500;
/// Places that back and forward remember.
pub const HISTORY_MAX: usize = 200;

const _: () = assert!(CHECKPOINT_EVERY_EVENTS.is_multiple_of(STATE_EVERY_EVENTS));
const _: () = assert!(HEAD_POLL_MS < SAMPLE_MS);
const _: () = assert!(ROWS_PAGE <= PAGE_EVENTS_MAX as u64);
const _: () = assert!(PAGE_BYTES_MAX <= PAYLOAD_BYTES_MAX);
const _: () = assert!(WAL_CHECKPOINT_PAGES < WAL_FIRM_PAGES && WAL_FIRM_PAGES < WAL_HARD_PAGES);
const _: () = assert!(WAL_CHECKPOINT_PAGES as i64 * 4_096 <= WAL_KEPT_BYTES_MAX);
const _: () = assert!(PROJECTION_DEPTH_MAX <= SCRIPT_STATE_DEPTH_MAX);
