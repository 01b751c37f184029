//! Names of files: shown to people and given back to them, never used as a path.

use minqing_platform::status::Violation;

use super::kind::Kind;

/// The most characters of a name.
pub const CHARACTERS_MAX: usize = 200;
/// The name of a file that came without one.
const UNNAMED: &str = "attachment";
/// An ending longer than this is none.
const EXTENSION_MAX: usize = 8;

/// Endings of files that are not taken, whatever is in them: a desktop would run or show them by their name.
const REFUSED: [&str; 34] = [
    "exe", "com", "bat", "cmd", "scr", "pif", "msi", "dll", "ps1", "vbs", "vbe", "js", "jse", "mjs", "wsf",
    "wsh", "hta", "lnk", "jar", "apk", "sh", "bash", "py", "php", "html", "htm", "xhtml", "shtml", "mht",
    "svg", "svgz", "xml", "docm", "xlsm",
];

/// Reads a name, which may be left out.
///
/// # Errors
/// It has folders in it, control characters or marks that turn the direction of text, begins with a dot, or is too long.
pub fn read(field: &str, name: &str) -> Result<String, Violation> {
    let name = name.trim();
    let fault = |text: &str| Err(Violation::new(field, "INVALID_FILE_NAME", text));
    if name.is_empty() {
        return Ok(UNNAMED.to_owned());
    }
    if name.chars().count() > CHARACTERS_MAX {
        return Err(Violation::new(field, "TOO_LONG", format!("at most {CHARACTERS_MAX} characters")));
    }
    if name.contains(['/', '\\']) {
        return fault("must be the name alone, without folders");
    }
    if name.starts_with('.') {
        return fault("must not begin with a dot");
    }
    if name.chars().any(is_hidden) {
        return fault("must not hold control characters or marks of direction");
    }
    Ok(name.to_owned())
}

/// What is not seen in a name but changes how it is read: `photo\u{202E}gpj.exe` is shown as `photoexe.jpg`.
fn is_hidden(character: char) -> bool {
    let direction = matches!(character,
        '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    character.is_control() || direction
}

/// The ending of a name, in lower case: a few letters and digits behind the last dot.
fn extension(name: &str) -> Option<String> {
    let (_, ending) = name.rsplit_once('.')?;
    let plain = (1..=EXTENSION_MAX).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| ending.to_ascii_lowercase())
}

/// The name of a file of a kind: an ending that says nothing of the type gets the kind's own behind it.
///
/// # Errors
/// The ending, which is given back, is that of another type.
pub fn suited(name: &str, kind: Kind) -> Result<String, String> {
    match extension(name) {
        Some(ending) if kind.has_extension(&ending) => Ok(name.to_owned()),
        Some(ending) if Kind::of_extension(&ending).is_some() || REFUSED.contains(&ending.as_str()) => {
            Err(ending)
        }
        Some(_) | None => Ok(format!("{name}.{}", kind.extension())),
    }
}
