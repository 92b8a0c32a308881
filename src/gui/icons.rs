//! Icons by name: code points of the bundled icon fonts (`icons-regular.ttf`, `icons-bold.ttf`, `icons-fill.ttf`).

/// `arrows-down-up` (regular).
pub const ARROWS_DOWN_UP: char = '\u{e098}';
/// `arrows-in` (regular).
pub const ARROWS_IN: char = '\u{e09a}';
/// `arrows-out` (regular).
pub const ARROWS_OUT: char = '\u{e0a2}';
/// `arrow-counter-clockwise` (regular).
pub const ARROW_COUNTER_CLOCKWISE: char = '\u{e038}';
/// `arrow-elbow-down-left` (regular).
pub const ARROW_ELBOW_DOWN_LEFT: char = '\u{e044}';
/// `arrow-left` (regular).
pub const ARROW_LEFT: char = '\u{e058}';
/// `arrow-right` (regular).
pub const ARROW_RIGHT: char = '\u{e06c}';
/// `arrow-u-up-left` (regular).
pub const ARROW_U_UP_LEFT: char = '\u{e08a}';
/// `bookmark-simple` (regular, fill).
pub const BOOKMARK_SIMPLE: char = '\u{e0ea}';
/// `brackets-curly` (regular).
pub const BRACKETS_CURLY: char = '\u{e860}';
/// `bug` (regular).
pub const BUG: char = '\u{e5f4}';
/// `calendar-blank` (regular).
pub const CALENDAR_BLANK: char = '\u{e10a}';
/// `caret-double-down` (regular, bold).
pub const CARET_DOUBLE_DOWN: char = '\u{e126}';
/// `caret-down` (regular, bold).
pub const CARET_DOWN: char = '\u{e136}';
/// `caret-left` (regular, bold, fill).
pub const CARET_LEFT: char = '\u{e138}';
/// `caret-right` (regular, bold, fill).
pub const CARET_RIGHT: char = '\u{e13a}';
/// `caret-up` (regular, bold).
pub const CARET_UP: char = '\u{e13c}';
/// `chart-line` (regular).
pub const CHART_LINE: char = '\u{e154}';
/// `check` (regular, bold).
pub const CHECK: char = '\u{e182}';
/// `check-circle` (regular, fill).
pub const CHECK_CIRCLE: char = '\u{e184}';
/// `check-square` (regular).
pub const CHECK_SQUARE: char = '\u{e186}';
/// `clock-counter-clockwise` (regular).
pub const CLOCK_COUNTER_CLOCKWISE: char = '\u{e1a0}';
/// `code` (regular).
pub const CODE: char = '\u{e1bc}';
/// `columns` (regular).
pub const COLUMNS: char = '\u{e546}';
/// `copy` (regular).
pub const COPY: char = '\u{e1ca}';
/// `crosshair` (regular).
pub const CROSSHAIR: char = '\u{e1d6}';
/// `database` (regular).
pub const DATABASE: char = '\u{e1de}';
/// `dots-three` (regular, bold).
pub const DOTS_THREE: char = '\u{e1fe}';
/// `eye` (regular).
pub const EYE: char = '\u{e220}';
/// `eye-slash` (regular).
pub const EYE_SLASH: char = '\u{e224}';
/// `file` (regular).
pub const FILE: char = '\u{e230}';
/// `flag` (regular, fill).
pub const FLAG: char = '\u{e244}';
/// `flask` (regular).
pub const FLASK: char = '\u{e79e}';
/// `floppy-disk` (regular).
pub const FLOPPY_DISK: char = '\u{e248}';
/// `folder-open` (regular).
pub const FOLDER_OPEN: char = '\u{e256}';
/// `funnel` (regular).
pub const FUNNEL: char = '\u{e266}';
/// `gear-six` (regular).
pub const GEAR_SIX: char = '\u{e272}';
/// `git-diff` (regular).
pub const GIT_DIFF: char = '\u{e27c}';
/// `hash` (regular).
pub const HASH: char = '\u{e2a2}';
/// `info` (regular).
pub const INFO: char = '\u{e2ce}';
/// `key` (regular).
pub const KEY: char = '\u{e2d6}';
/// `keyboard` (regular).
pub const KEYBOARD: char = '\u{e2d8}';
/// `link-simple` (regular).
pub const LINK_SIMPLE: char = '\u{e2e6}';
/// `list` (regular).
pub const LIST: char = '\u{e2f0}';
/// `list-bullets` (regular).
pub const LIST_BULLETS: char = '\u{e2f2}';
/// `lock-simple` (regular).
pub const LOCK_SIMPLE: char = '\u{e308}';
/// `magnifying-glass` (regular, fill).
pub const MAGNIFYING_GLASS: char = '\u{e30c}';
/// `minus` (regular).
pub const MINUS: char = '\u{e32a}';
/// `moon` (regular).
pub const MOON: char = '\u{e330}';
/// `note-pencil` (regular).
pub const NOTE_PENCIL: char = '\u{e34c}';
/// `path` (regular).
pub const PATH: char = '\u{e39c}';
/// `pause` (regular, fill).
pub const PAUSE: char = '\u{e39e}';
/// `pencil-simple` (regular).
pub const PENCIL_SIMPLE: char = '\u{e3b4}';
/// `play` (regular, fill).
pub const PLAY: char = '\u{e3d0}';
/// `plus` (regular).
pub const PLUS: char = '\u{e3d4}';
/// `plus-minus` (regular).
pub const PLUS_MINUS: char = '\u{e3d8}';
/// `pulse` (regular).
pub const PULSE: char = '\u{e000}';
/// `push-pin` (regular, fill).
pub const PUSH_PIN: char = '\u{e3e2}';
/// `question` (regular).
pub const QUESTION: char = '\u{e3e8}';
/// `repeat` (regular).
pub const REPEAT: char = '\u{e3f6}';
/// `rows` (regular).
pub const ROWS: char = '\u{e5a2}';
/// `shield-check` (regular).
pub const SHIELD_CHECK: char = '\u{e40c}';
/// `sidebar-simple` (regular).
pub const SIDEBAR_SIMPLE: char = '\u{ec24}';
/// `skip-back` (regular, fill).
pub const SKIP_BACK: char = '\u{e5a4}';
/// `skip-forward` (regular, fill).
pub const SKIP_FORWARD: char = '\u{e5a6}';
/// `spinner-gap` (regular).
pub const SPINNER_GAP: char = '\u{e66c}';
/// `square` (regular).
pub const SQUARE: char = '\u{e45e}';
/// `stack` (regular).
pub const STACK: char = '\u{e466}';
/// `stop` (regular, fill).
pub const STOP: char = '\u{e46c}';
/// `sun` (regular).
pub const SUN: char = '\u{e472}';
/// `swap` (regular).
pub const SWAP: char = '\u{e83c}';
/// `table` (regular).
pub const TABLE: char = '\u{e476}';
/// `target` (regular).
pub const TARGET: char = '\u{e47c}';
/// `terminal-window` (regular).
pub const TERMINAL_WINDOW: char = '\u{eae8}';
/// `text-aa` (regular).
pub const TEXT_AA: char = '\u{e6ee}';
/// `trash` (regular).
pub const TRASH: char = '\u{e4a6}';
/// `tray` (regular).
pub const TRAY: char = '\u{e4aa}';
/// `tree-structure` (regular).
pub const TREE_STRUCTURE: char = '\u{e67c}';
/// `upload-simple` (regular).
pub const UPLOAD_SIMPLE: char = '\u{e4c0}';
/// `warning` (regular, fill).
pub const WARNING: char = '\u{e4e0}';
/// `warning-circle` (regular, fill).
pub const WARNING_CIRCLE: char = '\u{e4e2}';
/// `x` (regular, bold).
pub const X: char = '\u{e4f6}';
