//! The command line.

use crate::commands::Command;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER_HELP: &str = "\
Exit status:
  0  done; nothing that needs attention
  1  failed; the reason and the remedy are on standard error
  2  invalid arguments
  3  done, and something needs attention: such as feedback that GuardDuty did not accept
  4  AWS refused the credentials or a permission

The permissions that each command needs are listed in docs/OPERATIONS.md.";

/// Lists, shows and rates the cases of a stack of Gumshoe, and downloads their evidence and reports.
///
/// Credentials, Region and profile are those of the AWS CLI: environment variables, ~/.aws/config, single sign-on.
#[derive(Debug, Parser)]
#[command(name = "gumshoe", version, styles = STYLES, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: GlobalOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct GlobalOptions {
    /// The name of the case stack.
    #[arg(long, global = true, env = "GUMSHOE_STACK", default_value = "gumshoe", value_name = "NAME")]
    pub(crate) stack: String,
    /// The Region of the stack; otherwise that of the environment or of the profile.
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The profile in ~/.aws/config; otherwise AWS_PROFILE, or credentials from the environment.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Print JSON for programs instead of text for people.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
