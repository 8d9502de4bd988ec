//! The fault script on the command line.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::json;

use super::caller::{KEY, client};

/// A running `keydesk simulator`; it ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(script: &str) -> (tempfile::TempDir, Command) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faults.json");
    std::fs::write(&file, script).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
    command.env_clear().env("HOME", folder.path()).args(["simulator", "--listen", "127.0.0.1:0", "--faults"]).arg(file);
    (folder, command)
}

fn refused(script: &str) -> String {
    let (_folder, mut command) = command(script);
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert_eq!((status.code(), stdout.len()), (Some(2), 0));
    String::from_utf8(stderr).unwrap()
}

#[tokio::test]
async fn a_simulator_follows_its_script() {
    let script = json!([
        { "fault": "rate_limit", "path": "/workspaces/get", "nth": 2, "retry_after": 3 },
        { "fault": "bad_gateway", "path": "/acs/systems/list", "every": true },
    ]);
    let (_folder, mut command) = command(&script.to_string());
    let mut running = Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = format!("http://{}", line.trim_end().rsplit_once("http://").unwrap().1);
    let http = client();
    let mut seen = Vec::new();
    for path in ["/workspaces/get", "/acs/systems/list", "/workspaces/get", "/acs/systems/list", "/workspaces/get"] {
        seen.push(http.post(format!("{url}{path}")).bearer_auth(KEY).send().await.unwrap().status().as_u16());
    }
    assert_eq!(seen, [200, 502, 429, 502, 200]);
}

#[test]
fn a_script_with_a_mistake_is_refused_with_its_place() {
    let said = refused(r#"[{ "fault": "reset" }, { "fault": "reset", "paht": "/acs/users/create" }]"#);
    assert!(said.contains("faults.json can't be used: fault 2: paht is not one of fault, path,"), "{said}");
    let said = refused("fault = reset");
    assert!(said.contains("faults.json can't be used: this is not JSON"), "{said}");
    let (folder, mut command) = command("[]");
    std::fs::remove_file(folder.path().join("faults.json")).unwrap();
    let said = command.output().unwrap();
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8(said.stderr).unwrap().contains("faults.json can't be used: No such file"));
}
