//! Icons by name: code points of the bundled icon fonts (`icons-regular.ttf`, `icons-bold.ttf`, `icons-fill.ttf`).

/// `arrow-down` (regular).
pub const ARROW_DOWN: char = '\u{e03e}';
/// `arrow-elbow-down-left` (regular).
pub const ARROW_ELBOW_DOWN_LEFT: char = '\u{e044}';
/// `arrow-left` (regular).
pub const ARROW_LEFT: char = '\u{e058}';
/// `arrow-right` (regular).
pub const ARROW_RIGHT: char = '\u{e06c}';
/// `arrow-up` (regular).
pub const ARROW_UP: char = '\u{e08e}';
/// `bookmark-simple` (regular, fill).
pub const BOOKMARK_SIMPLE: char = '\u{e0ea}';
/// `caret-down` (regular, bold).
pub const CARET_DOWN: char = '\u{e136}';
/// `caret-left` (regular, bold, fill).
pub const CARET_LEFT: char = '\u{e138}';
/// `caret-right` (regular, bold, fill).
pub const CARET_RIGHT: char = '\u{e13a}';
/// `caret-up` (regular, bold).
pub const CARET_UP: char = '\u{e13c}';
/// `check` (regular, bold).
pub const CHECK: char = '\u{e182}';
/// `check-circle` (regular, fill).
pub const CHECK_CIRCLE: char = '\u{e184}';
/// `clock-counter-clockwise` (regular).
pub const CLOCK_COUNTER_CLOCKWISE: char = '\u{e1a0}';
/// `copy` (regular).
pub const COPY: char = '\u{e1ca}';
/// `database` (regular).
pub const DATABASE: char = '\u{e1de}';
/// `eye` (regular).
pub const EYE: char = '\u{e220}';
/// `eye-slash` (regular).
pub const EYE_SLASH: char = '\u{e224}';
/// `file` (regular).
pub const FILE: char = '\u{e230}';
/// `flask` (regular).
pub const FLASK: char = '\u{e79e}';
/// `folder-open` (regular).
pub const FOLDER_OPEN: char = '\u{e256}';
/// `funnel` (regular).
pub const FUNNEL: char = '\u{e266}';
/// `key` (regular).
pub const KEY: char = '\u{e2d6}';
/// `link-simple` (regular).
pub const LINK_SIMPLE: char = '\u{e2e6}';
/// `list` (regular).
pub const LIST: char = '\u{e2f0}';
/// `lock-simple` (regular).
pub const LOCK_SIMPLE: char = '\u{e308}';
/// `magnifying-glass` (regular).
pub const MAGNIFYING_GLASS: char = '\u{e30c}';
/// `moon` (regular).
pub const MOON: char = '\u{e330}';
/// `pause` (regular, fill).
pub const PAUSE: char = '\u{e39e}';
/// `play` (regular, fill).
pub const PLAY: char = '\u{e3d0}';
/// `pulse` (regular).
pub const PULSE: char = '\u{e000}';
/// `push-pin` (regular, fill).
pub const PUSH_PIN: char = '\u{e3e2}';
/// `question` (regular).
pub const QUESTION: char = '\u{e3e8}';
/// `radio` (regular).
pub const RADIO: char = '\u{e77e}';
/// `repeat` (regular).
pub const REPEAT: char = '\u{e3f6}';
/// `shield-check` (regular).
pub const SHIELD_CHECK: char = '\u{e40c}';
/// `skip-back` (regular, fill).
pub const SKIP_BACK: char = '\u{e5a4}';
/// `skip-forward` (regular, fill).
pub const SKIP_FORWARD: char = '\u{e5a6}';
/// `stack` (regular).
pub const STACK: char = '\u{e466}';
/// `sun` (regular).
pub const SUN: char = '\u{e472}';
/// `table` (regular).
pub const TABLE: char = '\u{e476}';
/// `terminal-window` (regular).
pub const TERMINAL_WINDOW: char = '\u{eae8}';
/// `tray` (regular).
pub const TRAY: char = '\u{e4aa}';
/// `upload-simple` (regular).
pub const UPLOAD_SIMPLE: char = '\u{e4c0}';
/// `warning` (regular, fill).
pub const WARNING: char = '\u{e4e0}';
/// `warning-circle` (regular, fill).
pub const WARNING_CIRCLE: char = '\u{e4e2}';
/// `x` (regular, bold).
pub const X: char = '\u{e4f6}';
/// `x-circle` (fill).
pub const X_CIRCLE: char = '\u{e4f8}';
