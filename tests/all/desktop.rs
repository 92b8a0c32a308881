//! What a desktop, a package and a shell know of the program agrees: with each other, and with the program.

use std::path::Path;

use clap::CommandFactory as _;
use eventscope::cli::arguments::Arguments;
use eventscope::gui::APP_ID;

use super::cli::Folder;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const MIME_TYPE: &str = "application/vnd.eventscope.log";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn bytes(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn manifest() -> toml::Table {
    read("Cargo.toml").parse().unwrap()
}

/// What stands between `<name …>` and `</name>`, for each of them.
fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    xml.split(&format!("<{name}"))
        .skip(1)
        .filter_map(|rest| rest.split_once('>')?.1.split_once(&format!("</{name}>")).map(|(text, _)| text.trim()))
        .collect()
}

/// The value of a key of the `.desktop` file, in its first group.
fn entry(key: &str) -> String {
    let file = read(&format!("assets/linux/{APP_ID}.desktop"));
    let value = file.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned);
    value.unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn the_desktop_file_is_known_by_the_id_of_the_window() {
    assert_eq!((entry("StartupWMClass"), entry("Icon")), (APP_ID.to_owned(), APP_ID.to_owned()));
    assert_eq!(entry("Exec"), format!("{} %f", env!("CARGO_PKG_NAME")));
    assert!(entry("MimeType").split(';').any(|kind| kind == MIME_TYPE));
}

#[test]
fn the_metadata_speaks_of_this_program_and_version() {
    let metainfo = read(&format!("assets/linux/{APP_ID}.metainfo.xml"));
    assert_eq!(elements(&metainfo, "id"), [APP_ID]);
    assert_eq!(elements(&metainfo, "launchable"), [format!("{APP_ID}.desktop")]);
    assert_eq!(elements(&metainfo, "binary"), [env!("CARGO_PKG_NAME")]);
    assert_eq!(elements(&metainfo, "mediatype"), [MIME_TYPE]);
    assert_eq!(elements(&metainfo, "project_license"), [env!("CARGO_PKG_LICENSE")]);
    assert_eq!(elements(&metainfo, "name")[0], entry("Name"));
    for category in elements(&metainfo, "category") {
        assert!(entry("Categories").split(';').any(|listed| listed == category), "{category}");
    }
    assert!(metainfo.contains(&format!("<release version=\"{VERSION}\"")), "no release {VERSION}");
    assert!(read("assets/linux/changelog").starts_with(&format!("eventscope ({VERSION}-")), "no entry for {VERSION}");
}

#[test]
fn the_system_knows_a_native_log_by_what_stands_in_it() {
    let mime = read(&format!("assets/linux/{APP_ID}.mime.xml"));
    assert!(mime.contains(&format!("<mime-type type=\"{MIME_TYPE}\">")));
    let folder = Folder::new();
    folder.run(&["append", "a.db", "--stream", "s-1", "--type", "T", "--data", "{}"]);
    let log = std::fs::read(folder.path("a.db")).unwrap();
    let matches: Vec<(usize, String)> = mime
        .split("<match ")
        .skip(1)
        .map(|rest| {
            let attribute = |name: &str| {
                let (_, value) = rest.split_once(&format!("{name}=\"")).unwrap();
                value.split_once('"').unwrap().0.to_owned()
            };
            (attribute("offset").parse().unwrap(), attribute("value"))
        })
        .collect();
    assert_eq!(matches.len(), 2);
    for (offset, value) in matches {
        let expected = match value.strip_prefix("0x") {
            Some(number) => u32::from_str_radix(number, 16).unwrap().to_be_bytes().to_vec(),
            None => value.replace("\\0", "\0").into_bytes(),
        };
        assert_eq!(&log[offset..offset + expected.len()], expected, "at {offset}");
    }
}

#[test]
fn every_icon_has_the_size_that_its_name_says() {
    let mut sizes = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/icons")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(size) = name.strip_prefix("eventscope-").and_then(|rest| rest.strip_suffix(".png")) else { continue };
        let size: u32 = size.parse().unwrap();
        let picture = bytes(&format!("assets/icons/{name}"));
        let reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (size, size), "{name}");
        sizes.push(size);
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [16, 24, 32, 48, 64, 128, 256, 512]);
    assert_eq!(bytes("assets/windows/eventscope.ico")[..4], [0, 0, 1, 0]);
    assert_eq!(bytes("assets/macos/eventscope.icns")[..4], *b"icns");
}

#[test]
fn the_debian_package_holds_files_that_exist_under_the_names_that_count() {
    let manifest = manifest();
    let deb = manifest["package"]["metadata"]["deb"].as_table().unwrap();
    let mut placed = Vec::new();
    for asset in deb["assets"].as_array().unwrap() {
        let [source, target, mode] = [0, 1, 2].map(|index| asset[index].as_str().unwrap());
        let is_program = source.starts_with("target/");
        assert_eq!(mode, if is_program { "755" } else { "644" }, "{source}");
        let name = source.rsplit('/').next().unwrap();
        let target = if target.ends_with('/') { format!("{target}{name}") } else { target.to_owned() };
        if !is_program && name != "*" {
            assert!(!bytes(source).is_empty(), "{source}");
        }
        placed.push(target);
    }
    for expected in [
        "usr/bin/eventscope".to_owned(),
        "usr/share/man/man1/eventscope.1".to_owned(),
        "usr/share/bash-completion/completions/eventscope".to_owned(),
        "usr/share/zsh/vendor-completions/_eventscope".to_owned(),
        "usr/share/fish/vendor_completions.d/eventscope.fish".to_owned(),
        format!("usr/share/applications/{APP_ID}.desktop"),
        format!("usr/share/metainfo/{APP_ID}.metainfo.xml"),
        format!("usr/share/mime/packages/{APP_ID}.xml"),
        format!("usr/share/icons/hicolor/scalable/apps/{APP_ID}.svg"),
        format!("usr/share/icons/hicolor/48x48/apps/{APP_ID}.png"),
    ] {
        assert!(placed.contains(&expected), "{expected} is not in the package");
    }
    for file in ["changelog", "license-file"] {
        let path = deb[file].as_str().or_else(|| deb[file][0].as_str()).unwrap();
        assert!(!read(path).is_empty());
    }
    // Opened at run time, so that no tool would notice one that is missing here.
    for library in
        ["libgl1", "libegl1", "libx11-xcb1", "libxcursor1", "libxi6", "libxkbcommon-x11-0", "libwayland-client0"]
    {
        assert!(deb["depends"].as_array().unwrap().iter().any(|name| name.as_str() == Some(library)), "{library}");
    }
}

#[test]
fn bundles_and_resources_have_the_same_name_and_version() {
    let manifest = manifest();
    let bundle = manifest["package"]["metadata"]["bundle"].as_table().unwrap();
    assert_eq!((bundle["identifier"].as_str(), bundle["version"].as_str()), (Some(APP_ID), Some(VERSION)));
    for picture in bundle["icon"].as_array().unwrap() {
        assert!(!bytes(picture.as_str().unwrap()).is_empty());
    }
    let property = |name: &str| {
        let plist = read("assets/macos/Info.plist");
        let rest = plist.split_once(&format!("<key>{name}</key>")).unwrap().1.to_owned();
        elements(&rest, "string")[0].to_owned()
    };
    assert_eq!((property("CFBundleIdentifier"), property("CFBundleVersion")), (APP_ID.to_owned(), VERSION.to_owned()));
    let documents = read(bundle["osx_info_plist_exts"][0].as_str().unwrap());
    let indented = |text: &str| text.split_whitespace().collect::<String>();
    let list = documents.split_once("</array>\n<key>NS").unwrap().0;
    assert!(indented(&read("assets/macos/Info.plist")).contains(&indented(list)), "the two lists of documents differ");
    let resource = read("assets/windows/eventscope.rc");
    let numbers = format!("{},0", VERSION.replace('.', ","));
    assert!(resource.contains(&format!("FILEVERSION {numbers}")) && resource.contains(&format!("\"{VERSION}\"")));
    assert!(read("assets/windows/eventscope.manifest").contains(&format!("version=\"{VERSION}.0\"")));
}

/// Every command with the long names of its options.
fn commands() -> Vec<(String, Vec<String>)> {
    let mut program = Arguments::command();
    program.build();
    program
        .get_subcommands()
        .filter(|command| command.get_name() != "help" && !command.is_hide_set())
        .map(|command| {
            let options = command.get_arguments().filter_map(|argument| argument.get_long());
            (command.get_name().to_owned(), options.map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn every_shell_completes_every_command_and_option() {
    let folder = Folder::new();
    for (shell, dash) in [("bash", "--"), ("zsh", "--"), ("fish", "-l "), ("elvish", "--"), ("powershell", "--")] {
        let script = folder.run(&["completions", shell]).out;
        for (command, options) in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
            for option in options {
                assert!(script.contains(&format!("{dash}{option}")), "{shell}: {command} --{option}");
            }
        }
    }
    folder.run(&["completions", "tcsh"]).failed(2, "tcsh");
}

#[test]
fn the_manual_page_tells_every_command_and_option() {
    let page = Folder::new().run(&["man"]).out;
    assert!(page.lines().any(|line| line.starts_with(&format!(".TH EVENTSCOPE 1 \"\" \"Eventscope {VERSION}\""))));
    for (command, options) in commands() {
        let (_, rest) = page.split_once(&format!("\n.SS {command}\n")).unwrap_or_else(|| panic!("no {command}"));
        let section = rest.split("\n.SS ").next().unwrap();
        for option in options {
            let name = format!("\\-\\-{}", option.replace('-', "\\-"));
            assert!(section.contains(&name), "{command} --{option}");
        }
    }
    for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "\"EXIT STATUS\"", "ENVIRONMENT", "FILES"]
    {
        assert_eq!(page.matches(&format!("\n.SH {section}\n")).count(), 1, "{section}");
    }
}
