//! Commands and flags.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Flags;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "keydesk",
    version,
    about = "Makes key cards at the front desk, through Seam and Salto ProAccess Space"
)]
#[command(
    long_about = "keydesk turns this terminal into a workstation for the encoder desk of a hotel: it finds guests, \
    puts them into their rooms' access groups and writes their key cards, through Seam's API for Salto ProAccess \
    Space.\n\nWithout a command it starts the desk. Try `keydesk demo` first: it needs no account and no hardware."
)]
#[command(
    after_help = "The API key is read from $SEAM_API_KEY (or $SEAM_PERSONAL_ACCESS_TOKEN with $SEAM_WORKSPACE_ID), or \
    from the config file. `keydesk config check` shows what is in effect."
)]
pub struct Cli {
    /// The desk's own flags.
    #[command(flatten)]
    pub desk: DeskFlags,
    /// What to do instead of starting the desk.
    #[command(subcommand)]
    pub command: Option<CliCommand>,
}

/// What keydesk can do besides the desk itself.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Show the desk with a made-up hotel: no account, no key, no hardware
    ///
    /// Starts the simulator inside the program and the desk against it. Nothing leaves this machine and nothing is
    /// kept. Your config file and your API key are not used.
    Demo(DemoFlags),
    /// Run the simulated access system alone, for integrators and tests
    ///
    /// Answers Seam's HTTP API for a made-up hotel on an address of this machine. Prints one line with its URL when it
    /// is ready and runs until Ctrl-C or SIGTERM. Point a desk at it with
    /// `SEAM_API_KEY=seam_simulator_key keydesk --endpoint URL`.
    Simulator(SimulatorFlags),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show every setting in effect and where it came from, or what is wrong (exit code 2)
    Check(DeskFlags),
}

/// The flags that change the configuration.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskFlags {
    /// The config file.
    #[arg(
        long,
        value_name = "FILE",
        help = "Read this config file [default: $KEYDESK_CONFIG, else ~/.config/keydesk/config.toml]"
    )]
    pub config: Option<PathBuf>,
    /// Use the API at this address, such as a simulator's
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// Work with this access system, by name or id; needed only where there are several
    #[arg(long, value_name = "NAME")]
    pub system: Option<String>,
    /// The encoder that stands at this desk, by name or id
    #[arg(long, value_name = "NAME")]
    pub encoder: Option<String>,
    /// Draw with ASCII only, for terminals that show boxes or question marks
    #[arg(long)]
    pub ascii: bool,
}

impl DeskFlags {
    /// These flags, with those of `before` (given ahead of the command) where they are missing here.
    pub fn or(self, before: DeskFlags) -> Flags {
        Flags {
            config: self.config.or(before.config),
            endpoint: self.endpoint.or(before.endpoint),
            system: self.system.or(before.system),
            encoder: self.encoder.or(before.encoder),
            ascii: self.ascii || before.ascii,
        }
    }

    /// The first flag that was given and says which real access system to use: it has no meaning for a simulated one.
    pub fn real_system(&self) -> Option<&'static str> {
        let given = [
            ("--config", self.config.is_some()),
            ("--endpoint", self.endpoint.is_some()),
            ("--system", self.system.is_some()),
            ("--encoder", self.encoder.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}

/// The flags of the demo.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct DemoFlags {
    /// What the made-up hotel is like.
    #[command(flatten)]
    pub world: WorldFlags,
    /// Draw with ASCII only, for terminals that show boxes or question marks
    #[arg(long)]
    pub ascii: bool,
}

/// The flags of the simulator.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct SimulatorFlags {
    /// Listen here; only addresses of this machine itself are taken, port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:4010", value_parser = loopback)]
    pub listen: SocketAddr,
    /// The API key that clients must show
    #[arg(long, value_name = "KEY", default_value = "seam_simulator_key")]
    pub api_key: String,
    /// What the made-up hotel is like.
    #[command(flatten)]
    pub world: WorldFlags,
}

/// How the made-up hotel is built and how fast it is; what is not given is the simulator's own default.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct WorldFlags {
    /// Add generated guests, rooms and cards up to so many guests [default: the small Hotel Aurora]
    #[arg(long, value_name = "N")]
    pub users: Option<usize>,
    /// How long until someone places a card on an encoder that waits, in milliseconds
    #[arg(long, value_name = "MS")]
    pub card_delay: Option<u64>,
    /// How long an encoder writes a card, in milliseconds
    #[arg(long, value_name = "MS")]
    pub write_time: Option<u64>,
    /// How long a change is on its way to the key system, in milliseconds
    #[arg(long, value_name = "MS")]
    pub sync_delay: Option<u64>,
    /// Generate another hotel; the same number gives the same hotel
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Let calls go wrong as this fault script (JSON) says
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
}

/// An address of this machine with a port; the simulator holds no real secret and is not for other machines.
fn loopback(given: &str) -> Result<SocketAddr, String> {
    let address = given.replacen("localhost:", "127.0.0.1:", 1);
    let address: SocketAddr =
        address.parse().map_err(|_| "write it as an address and a port, such as 127.0.0.1:4010".to_owned())?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err("the simulator listens on this machine only: use 127.0.0.1 or [::1]".to_owned())
}
