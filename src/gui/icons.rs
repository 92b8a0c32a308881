//! Icons by name: code points of the bundled icon fonts (`icons-regular.ttf`, `icons-bold.ttf`, `icons-fill.ttf`).

/// `arrow-elbow-down-left` (regular).
pub const ARROW_ELBOW_DOWN_LEFT: char = '\u{e044}';
/// `caret-down` (regular, bold).
pub const CARET_DOWN: char = '\u{e136}';
/// `caret-left` (regular, bold, fill).
pub const CARET_LEFT: char = '\u{e138}';
/// `caret-right` (regular, bold, fill).
pub const CARET_RIGHT: char = '\u{e13a}';
/// `check` (regular, bold).
pub const CHECK: char = '\u{e182}';
/// `check-circle` (regular, fill).
pub const CHECK_CIRCLE: char = '\u{e184}';
/// `copy` (regular).
pub const COPY: char = '\u{e1ca}';
/// `database` (regular).
pub const DATABASE: char = '\u{e1de}';
/// `file` (regular).
pub const FILE: char = '\u{e230}';
/// `flask` (regular).
pub const FLASK: char = '\u{e79e}';
/// `folder-open` (regular).
pub const FOLDER_OPEN: char = '\u{e256}';
/// `funnel` (regular).
pub const FUNNEL: char = '\u{e266}';
/// `list` (regular).
pub const LIST: char = '\u{e2f0}';
/// `lock-simple` (regular).
pub const LOCK_SIMPLE: char = '\u{e308}';
/// `magnifying-glass` (regular).
pub const MAGNIFYING_GLASS: char = '\u{e30c}';
/// `minus` (regular).
pub const MINUS: char = '\u{e32a}';
/// `moon` (regular).
pub const MOON: char = '\u{e330}';
/// `pause` (regular, fill).
pub const PAUSE: char = '\u{e39e}';
/// `play` (regular, fill).
pub const PLAY: char = '\u{e3d0}';
/// `plus` (regular).
pub const PLUS: char = '\u{e3d4}';
/// `pulse` (regular).
pub const PULSE: char = '\u{e000}';
/// `question` (regular).
pub const QUESTION: char = '\u{e3e8}';
/// `rows` (regular).
pub const ROWS: char = '\u{e5a2}';
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
/// `tray` (regular).
pub const TRAY: char = '\u{e4aa}';
/// `upload-simple` (regular).
pub const UPLOAD_SIMPLE: char = '\u{e4c0}';
/// `warning` (regular, fill).
pub const WARNING: char = '\u{e4e0}';
/// `warning-circle` (regular, fill).
pub const WARNING_CIRCLE: char = '\u{e4e2}';
