//! The command `keydesk`: parses the command line, installs the hooks and dispatches.

use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use keydesk::cli::{Cli, CliCommand, ConfigCommand, DemoFlags, DeskFlags, SimulatorFlags, WorldFlags};
use keydesk::config::{self, ConfigRefusal, Env, Resolved};
use keydesk::simulator::{CallFault, Options, Simulator, faults_from_json};
use keydesk::terminal::desk::DeskOptions;
use keydesk::terminal::full_screen::require_terminal;
use keydesk::{files, log, terminal};

/// The exit code for a wrong command line, configuration or surrounding; clap uses it too.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version are no errors, but they may not get out.
        Err(said) if !said.use_stderr() => {
            return printed(said.print().and_then(|()| std::io::stdout().flush()), ExitCode::SUCCESS);
        }
        Err(error) => error.exit(),
    };
    let done = color_eyre::install().and_then(|()| match cli.command {
        None => desk(cli.desk),
        Some(CliCommand::Demo(flags)) => simulated(&cli.desk, "demo", || demo(&flags)),
        Some(CliCommand::Simulator(flags)) => simulated(&cli.desk, "simulator", || simulator(flags)),
        Some(CliCommand::Config(ConfigCommand::Check(flags))) => Ok(check(&flags.or(cli.desk))),
    });
    done.unwrap_or_else(|report| {
        eprintln!("keydesk: {report:#}.");
        ExitCode::FAILURE
    })
}

/// The desk against the configured access system.
fn desk(flags: DeskFlags) -> color_eyre::Result<ExitCode> {
    let env = Env::of_process();
    let flags = DeskFlags::default().or(flags);
    let resolved = config::load(&flags, &env);
    let config = match resolved.outcome {
        Ok(config) => config,
        Err(refusal) => return Ok(refuse(&refusal, &env)),
    };
    if let Some(code) = no_terminal() {
        return Ok(code);
    }
    start_log(&env, config.log.level);
    for warning in &resolved.warnings {
        tracing::warn!("{warning}");
    }
    let read_key = move || {
        config::reload(&flags, &Env::of_process()).map(|config| (config.seam.api_key, config.seam.workspace_id))
    };
    let options =
        DeskOptions { warnings: resolved.warnings, read_key: Some(Arc::new(read_key)), ..DeskOptions::default() };
    Ok(ExitCode::from(terminal::desk::run(config, options)?))
}

/// The desk against a simulator in this process.
fn demo(flags: &DemoFlags) -> color_eyre::Result<ExitCode> {
    if let Some(code) = no_terminal() {
        return Ok(code);
    }
    let options = match world(&flags.world) {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let env = Env::of_process();
    let api_key = options.api_key.clone();
    // On threads of its own: the desk talks to it over HTTP, as to any server.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let simulator = runtime.block_on(Simulator::start(options))?;
    let mut config = match config::demo(&simulator.url(), &api_key, flags.ascii, &env) {
        Ok(config) => config,
        Err(refusal) => return Ok(refuse(&refusal, &env)),
    };
    // Nobody else has to be spared here.
    config.sync.sweep_per_second = 20;
    config.desk.encoder = Some("Front Desk".to_owned());
    start_log(&env, config.log.level);
    let code = terminal::desk::run(config, DeskOptions { demo: true, ..DeskOptions::default() })?;
    drop(simulator);
    runtime.shutdown_background();
    Ok(ExitCode::from(code))
}

/// The simulator alone, until a signal ends it.
fn simulator(flags: SimulatorFlags) -> color_eyre::Result<ExitCode> {
    let options = match world(&flags.world) {
        Ok(world) => Options { listen: flags.listen, api_key: flags.api_key, ..world },
        Err(code) => return Ok(code),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // Listened for before the line is out: whoever reads it may send one at once.
        let stop = stop_signal()?;
        let simulator = Simulator::start(options).await?;
        // The simulator serves on where nobody reads the line.
        let mut out = std::io::stdout();
        let ready = writeln!(out, "keydesk simulator is ready at {}", simulator.url()).and_then(|()| out.flush());
        let _ = printed(ready, ExitCode::SUCCESS);
        tokio::select! {
            () = stop => {}
            ended = simulator.run() => ended?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The simulated hotel as the flags want it; an exit code when its fault script can't be read, which has been said.
fn world(flags: &WorldFlags) -> Result<Options, ExitCode> {
    let faults = match &flags.faults {
        None => Vec::new(),
        Some(file) => fault_script(file).map_err(|why| {
            eprintln!("keydesk: the fault script {} can't be used: {why}.", file.display());
            ExitCode::from(USAGE)
        })?,
    };
    let usual = Options::default();
    let delay = |given: Option<u64>, usual| given.map_or(usual, Duration::from_millis);
    Ok(Options {
        users: flags.users,
        card_delay: delay(flags.card_delay, usual.card_delay),
        write_time: delay(flags.write_time, usual.write_time),
        sync_delay: delay(flags.sync_delay, usual.sync_delay),
        seed: flags.seed.unwrap_or(usual.seed),
        faults,
        ..usual
    })
}

fn fault_script(file: &Path) -> Result<Vec<CallFault>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    faults_from_json(&text).map_err(|error| error.to_string())
}

/// Ready when Ctrl-C or SIGTERM came; both are heard from this call on.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ready when Ctrl-C came.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

/// Refuses flags that name a real access system before a command that has nothing to do with one.
fn simulated(
    flags: &DeskFlags,
    command: &str,
    run: impl FnOnce() -> color_eyre::Result<ExitCode>,
) -> color_eyre::Result<ExitCode> {
    let Some(flag) = flags.real_system() else { return run() };
    eprintln!("keydesk: {flag} is for a real access system and means nothing to `keydesk {command}`. Leave it out.");
    Ok(ExitCode::from(USAGE))
}

/// Prints the effective settings, or what is wrong.
fn check(flags: &config::Flags) -> ExitCode {
    let resolved: Resolved = config::load(flags, &Env::of_process());
    let mut out = std::io::stdout();
    let code = if resolved.outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(USAGE) };
    printed(out.write_all(config::report(&resolved).as_bytes()).and_then(|()| out.flush()), code)
}

/// The exit code of a command that only prints: its own, unless what it printed was lost.
fn printed(result: std::io::Result<()>, code: ExitCode) -> ExitCode {
    match result {
        // Nobody is left to be told when the reader of a pipe has gone.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("keydesk: the output could not be written ({error}). Send it elsewhere, or make room there.");
            ExitCode::FAILURE
        }
        _ => code,
    }
}

fn refuse(refusal: &ConfigRefusal, env: &Env) -> ExitCode {
    match refusal {
        ConfigRefusal::NoKey => {
            let folder = files::folder(files::Base::Config, |name| env.get(name));
            let file = folder.map_or_else(|| "a file".to_owned(), |f| f.join("config.toml").display().to_string());
            eprint!(
                "keydesk has no API key yet, so it can't reach an access system.\n\n\
                 To see it at work first, without an account and without hardware:\n\n    keydesk demo\n\n\
                 To use it at your desk, do one of these:\n\n  \
                 - set the key of your Seam workspace:  export SEAM_API_KEY=seam_...\n  \
                 - or copy config.example.toml to {file}\n    and name a key file there (api_key_file).\n\n\
                 `keydesk config check` then says whether all is well, `keydesk --help` what else there is.\n"
            );
        }
        ConfigRefusal::Problems(problems) => {
            eprintln!("keydesk can't start with this configuration:\n");
            for problem in problems {
                eprintln!("  {problem}");
            }
        }
    }
    ExitCode::from(USAGE)
}

/// The desk is a full-screen program: without a terminal on both sides it only says so.
fn no_terminal() -> Option<ExitCode> {
    let error = require_terminal().err()?;
    eprintln!("{error}.");
    Some(ExitCode::from(USAGE))
}

/// Sets up the log; a desk without a log is better than none, so that failing is only said.
fn start_log(env: &Env, level: config::LogLevel) {
    match log::start(env, level) {
        Ok(_) => tracing::info!(version = env!("CARGO_PKG_VERSION"), "started"),
        Err(error) => eprintln!("keydesk: {error}."),
    }
}
