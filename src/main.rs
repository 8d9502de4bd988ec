//! The command `keydesk`: parses the command line and dispatches.

fn main() {}
