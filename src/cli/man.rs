//! `man`: one manual page with every command and every option, made from the same definition as the parser.

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::arguments::Arguments;
use super::output::{Answer, Ending, Halt, Output};

/// What `man` shows at the top of the page, over its name.
const MANUAL: &str = "User Commands";

/// Sections that no parser knows: a heading, and what is told in it, each with its name where it has one.
const SECTIONS: &[(&str, &[(&str, &str)])] = &[
    (
        "EXIT STATUS",
        &[
            ("0", "fine"),
            ("1", "the answer is no: nothing found, drift, findings"),
            ("2", "usage, or malformed input"),
            ("3", "the log cannot be opened, or there is no display"),
            ("4", "the expected version does not hold: nothing was appended"),
            ("5", "other failure"),
        ],
    ),
    (
        "ENVIRONMENT",
        &[
            (
                "EVENTSCOPE_CACHE_DIR",
                "the folder for checkpoints and the demo's log, in place of the user's cache folder",
            ),
            ("EVENTSCOPE_CONFIG_DIR", "the folder for settings, in place of the user's configuration folder"),
            (
                "EVENTSCOPE_DATA_DIR",
                "the folder for snapshots of logs that are not ours, in place of the user's data folder",
            ),
            (
                "EVENTSCOPE_KEY, EVENTSCOPE_KEY_FILE",
                "the key of encrypted payloads, in base64, or a file that holds it",
            ),
            ("DISPLAY, WAYLAND_DISPLAY", "the display to open the window on"),
        ],
    ),
    (
        "FILES",
        &[(
            "eventscope.toml",
            "beside the log: what a team agrees on for it, such as the columns of a table of its own and the reducers of its streams",
        )],
    ),
];

/// Prints the page.
pub fn run(output: &mut Output) -> Ending {
    let page = page().map_err(Halt::from)?;
    output.line(page.trim_end())?;
    Ok(Answer::Yes)
}

fn page() -> std::io::Result<String> {
    let mut program = Arguments::command();
    program.build();
    // Written by hand: an empty date has to be quoted, else the version is taken for it.
    let title = format!(".TH EVENTSCOPE 1 \"\" \"Eventscope {}\" \"{MANUAL}\"\n", env!("CARGO_PKG_VERSION"));
    let mut page = title.into_bytes();
    let man = Man::new(program.clone());
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    heading("COMMANDS").to_writer(&mut page)?;
    for command in program.get_subcommands().filter(|command| !command.is_hide_set()) {
        command_section(command, &mut page)?;
    }
    for (title, entries) in SECTIONS {
        let mut section = heading(title);
        for (name, text) in *entries {
            section.control("TP", []).text([bold(*name)]).text([roman(*text)]);
        }
        section.to_writer(&mut page)?;
    }
    Ok(with_one_preamble(&String::from_utf8_lossy(&page)))
}

/// Each part of a page says how quotes are to be set; it is needed once, and before all else.
fn with_one_preamble(page: &str) -> String {
    let (preamble, text): (Vec<&str>, Vec<&str>) =
        page.lines().partition(|line| line.starts_with(".ie ") || line.starts_with(".el "));
    preamble.iter().take(2).chain(&text).flat_map(|line| [*line, "\n"]).collect()
}

/// One command: how it is typed, what it does, its options.
fn command_section(command: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    Roff::new().control("SS", [command.get_name()]).to_writer(page)?;
    let man = Man::new(command.clone());
    for part in [Man::render_synopsis_section, Man::render_description_section, Man::render_options_section] {
        let mut text = Vec::new();
        part(&man, &mut text)?;
        // Inside of a section the headings would begin new ones: a paragraph does.
        for line in String::from_utf8_lossy(&text).lines() {
            let line = if line.starts_with(".SH ") { ".PP" } else { line };
            page.extend_from_slice(line.as_bytes());
            page.push(b'\n');
        }
    }
    Ok(())
}

fn heading(title: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    roff
}
