//! `minqing token`: a token of the built-in issuer.

use std::fs;

use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use minqing_platform::clock::{Clock as _, System};
use minqing_platform::code::Code;
use minqing_platform::identity::issuer::BuiltIn;
use minqing_platform::identity::{Appointment, Role};

use crate::cli::Token;
use crate::console;
use crate::settings::Settings;

/// The audience of tokens of the built-in issuer.
pub(crate) const AUDIENCE: &str = "minqing";

/// Prints a token.
pub fn run(settings: Settings, options: Token) -> anyhow::Result<()> {
    let data = options.data.unwrap_or(settings.data);
    fs::create_dir_all(&data)
        .with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    let issuer = BuiltIn::open(&data).context("the key of the built-in issuer cannot be used")?;
    let division = options.division.map(|code| code.parse::<Code>()).transpose().context("--division")?;
    let appointments = match options.role {
        Role::Anonymous => bail!("--role: whoever is anonymous has no token"),
        Role::Citizen => Vec::new(),
        role => vec![Appointment {
            role,
            organization: options.organization.map(|name| named("organizations", &name)),
            division: division.map(String::from).unwrap_or_default(),
        }],
    };
    let person = options.person.map(|name| named("people", &name));
    let subject = options.subject.unwrap_or_else(|| options.role.to_string());
    let lifetime = TimeDelta::hours(i64::from(options.hours));
    console::say(&issuer.mint_for(
        person.as_deref(),
        &subject,
        &appointments,
        lifetime,
        System.now(),
        AUDIENCE,
    ));
    Ok(())
}

/// A resource name, whether it was given whole or as the id alone.
fn named(collection: &str, name: &str) -> String {
    if name.starts_with(&format!("{collection}/")) { name.to_owned() } else { format!("{collection}/{name}") }
}
