//! The example file, made of the table of settings.

use super::settings::{Also, DefaultValue, SETTINGS};

const HEAD: &str = "\
# The configuration of keydesk. Copy it to ~/.config/keydesk/config.toml (or name it with --config or
# $KEYDESK_CONFIG), then run `keydesk config check`.
#
# A line that begins with \"# \" and a key has no default; every other line shows its default and may be left out.
# Environment variables of Seam's tools win over this file, flags of the command line win over both.
";

/// What `config.example.toml` holds: every setting with its meaning, and its default or an example.
pub fn example() -> String {
    let mut out = HEAD.to_owned();
    let mut section = "";
    for setting in SETTINGS {
        out.push('\n');
        if setting.section() != section {
            section = setting.section();
            out.extend(["[", section, "]\n"]);
        }
        let names = setting.also.iter().map(|also| match also {
            Also::Variable(name) => format!("${name}"),
            Also::Flag(name, _) => (*name).to_owned(),
        });
        let also = names.reduce(|names, name| format!("{names} and {name}"));
        let also = also.map(|names| format!("Also {names}."));
        for line in setting.doc.lines().chain(also.as_deref()) {
            out.extend(["# ", line, "\n"]);
        }
        if matches!(setting.default, DefaultValue::Computed(_) | DefaultValue::Nothing(_)) {
            out.push_str("# ");
        }
        out.extend([&setting.line(), "\n"]);
    }
    out
}
