//! The command as a person or a script runs it: what it prints, where, and with which exit code.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use tempfile::TempDir;

const KEY: &str = "seam_abcd1234efgh";

/// keydesk with a home folder of its own and no variable of whoever runs the test.
struct Desk {
    home: TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { home: tempfile::tempdir().unwrap() }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(args).env_clear().env("HOME", self.home.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn run_with_key(&self, args: &[&str]) -> Output {
        self.command(args).env("SEAM_API_KEY", KEY).output().unwrap()
    }

    fn config(&self, text: &str) -> String {
        let path = self.home.path().join("desk.toml");
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn it_tells_its_version_and_what_it_can_do() {
    let desk = Desk::new();
    let version = desk.run(&["--version"]);
    assert_eq!(out(&version), format!("keydesk {}\n", env!("CARGO_PKG_VERSION")));
    let help = desk.run(&["--help"]);
    for word in ["demo", "simulator", "config", "--config", "--endpoint", "--system", "--encoder", "--ascii"] {
        assert!(out(&help).contains(word), "{word}");
    }
    assert_eq!((version.status.code(), help.status.code()), (Some(0), Some(0)));
}

#[test]
fn without_a_key_it_says_what_to_do_and_starts_nothing() {
    let desk = Desk::new();
    let said = desk.run(&[]);
    assert_eq!(said.status.code(), Some(2));
    assert_eq!(out(&said), "");
    let config = desk.home.path().join(".config/keydesk/config.toml");
    for word in ["no API key", "keydesk demo", "SEAM_API_KEY", config.to_str().unwrap(), "keydesk config check"] {
        assert!(err(&said).contains(word), "{word}: {}", err(&said));
    }
}

#[test]
fn a_mistake_in_the_config_is_named_at_the_start_too() {
    let desk = Desk::new();
    let said = desk.run_with_key(&["--config", &desk.config("[desk]\nchekout = '11:00'\n")]);
    assert_eq!((said.status.code(), out(&said)), (Some(2), ""));
    let sentence = "desk.toml, line 2: desk.chekout is not a key that keydesk knows. Did you mean check_out?";
    assert!(err(&said).contains(sentence), "{}", err(&said));
}

#[test]
fn without_a_terminal_it_says_so() {
    let desk = Desk::new();
    for said in [desk.run_with_key(&[]), desk.run(&["demo"])] {
        assert_eq!((said.status.code(), out(&said)), (Some(2), ""));
        assert!(err(&said).contains("needs a terminal, and its input is none"), "{}", err(&said));
    }
}

#[test]
fn config_check_shows_what_is_in_effect_and_where_it_came_from() {
    let desk = Desk::new();
    let path = desk.config("[desk]\ncheck_out = '12:00'\n");
    let said = desk.run_with_key(&["config", "check", "--config", &path, "--encoder", "Front desk 1"]);
    assert_eq!((said.status.code(), err(&said)), (Some(0), ""), "{}", out(&said));
    let line = |name: &str| out(&said).lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("desk.check_out").contains("12:00") && line("desk.check_out").ends_with("file, line 2"));
    assert!(line("desk.encoder").contains("Front desk 1") && line("desk.encoder").ends_with("--encoder"));
    assert!(line("seam.api_key").contains("API key, 17 characters") && line("seam.api_key").ends_with("$SEAM_API_KEY"));
    assert!(line("log.level").ends_with("default"));
    assert!(!out(&said).contains(KEY));
    // The flags may stand ahead of the command as well.
    let before = desk.run_with_key(&["--config", &path, "--encoder", "Front desk 1", "config", "check"]);
    assert_eq!(out(&before), out(&said));
}

#[cfg(target_os = "linux")]
#[test]
fn what_could_not_be_printed_is_no_success() {
    let desk = Desk::new();
    for args in [&["config", "check"][..], &["--help"], &["--version"], &["config", "--help"], &["help", "demo"]] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let said = desk.command(args).env("SEAM_API_KEY", KEY).stdout(full).output().unwrap();
        assert_eq!(said.status.code(), Some(1), "{args:?}");
        assert!(err(&said).starts_with("keydesk: the output could not be written ("), "{args:?}: {}", err(&said));
    }
    // A reader that has gone wants no more.
    for args in [&["config", "check"][..], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let said = desk.command(args).env("SEAM_API_KEY", KEY).stdout(writer).output().unwrap();
        assert_eq!((said.status.code(), err(&said)), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn config_check_shows_what_is_wrong() {
    let desk = Desk::new();
    let said = desk.run(&["config", "check"]);
    assert_eq!(said.status.code(), Some(2));
    assert!(out(&said).contains("There is no API key yet."), "{}", out(&said));
    let said = desk.run_with_key(&["config", "check", "--config", &desk.config("[log]\nlevel = 5\n")]);
    assert_eq!(said.status.code(), Some(2));
    assert!(out(&said).contains("desk.toml, line 2: log.level must be a text, not 5."), "{}", out(&said));
    let said = desk.command(&["config", "check"]).env("SEAM_API_KEY", "seam_pk_1234567").output().unwrap();
    assert_eq!(said.status.code(), Some(2));
    assert!(out(&said).contains("$SEAM_API_KEY: seam.api_key is a publishable key"), "{}", out(&said));
    assert!(!out(&said).contains("1234567"));
}

#[test]
fn a_real_systems_flags_mean_nothing_to_a_simulated_one() {
    let desk = Desk::new();
    for (flag, command) in [("--endpoint", "demo"), ("--config", "simulator"), ("--system", "demo")] {
        let said = desk.run(&[flag, "x", command]);
        assert_eq!((said.status.code(), out(&said)), (Some(2), ""));
        assert!(err(&said).contains(&format!("{flag} is for a real access system")), "{}", err(&said));
    }
}

/// A running `keydesk simulator`; killed if the test fails on the way.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Running {
    fn start(desk: &Desk, args: &[&str]) -> Running {
        let args = [&["simulator", "--listen", "127.0.0.1:0"], args].concat();
        let mut child = desk.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().rsplit_once("http://").unwrap().1.to_owned();
        Running { child, stdout, address }
    }

    /// The status line that `POST /workspaces/get` is answered with.
    fn status(&self, key: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head =
            format!("POST /workspaces/get HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\n", self.address);
        let rest = "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        stream.write_all((head + rest).as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, which is what most tests wait for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
#[test]
fn the_simulator_says_one_line_answers_and_ends_on_a_signal() {
    use rustix::process::{Pid, Signal, kill_process};
    let desk = Desk::new();
    for signal in [Signal::TERM, Signal::INT] {
        let mut running = Running::start(&desk, &["--api-key", "seam_of_the_test", "--users", "30"]);
        assert_eq!(running.status("seam_of_the_test"), "HTTP/1.1 200 OK");
        assert_eq!(running.status("seam_simulator_key"), "HTTP/1.1 401 Unauthorized");
        kill_process(Pid::from_child(&running.child), signal).unwrap();
        assert_eq!(running.child.wait().unwrap().code(), Some(0));
        let (mut more, mut errors) = (String::new(), String::new());
        running.stdout.read_to_string(&mut more).unwrap();
        running.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!((more.as_str(), errors.as_str()), ("", ""));
    }
}

#[test]
fn the_simulators_key_has_a_default() {
    let desk = Desk::new();
    assert_eq!(Running::start(&desk, &[]).status("seam_simulator_key"), "HTTP/1.1 200 OK");
}

#[test]
fn the_simulator_listens_on_a_free_port_of_this_machine_only() {
    let desk = Desk::new();
    let said = desk.run(&["simulator", "--listen", "0.0.0.0:0"]);
    assert_eq!((said.status.code(), out(&said)), (Some(2), ""));
    assert!(err(&said).contains("listens on this machine only"), "{}", err(&said));
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let said = desk.run(&["simulator", "--listen", &holder.local_addr().unwrap().to_string()]);
    assert_eq!((said.status.code(), out(&said)), (Some(1), ""));
    assert!(err(&said).contains("the simulator can't listen on 127.0.0.1:"), "{}", err(&said));
}
