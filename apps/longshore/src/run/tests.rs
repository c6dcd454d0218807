//! The private server's life, with a script in place of the server.

use std::path::Path;

use super::private_server::Error;
use super::*;

/// Starts `script` as the server of the data directory; it gets the ready file's path as `$READY`.
fn start(data_dir: &Path, script: &str) -> Result<PrivateServer, Error> {
    std::fs::write(data_dir.join("script"), script).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/run/tests/server.sh");
    PrivateServer::start(&PrivateSettings { program, data_dir: data_dir.to_owned() }, &Interrupt::install().unwrap())
}

#[test]
fn server_that_gets_ready_gives_its_endpoint_and_ends_when_its_input_closes() {
    let directory = tempfile::tempdir().unwrap();
    let script = r#"echo '{"endpoint":"http://127.0.0.1:1","data_dir":"d","pid":1}' > $READY.new; mv $READY.new $READY
        cat > /dev/null; touch ${READY%/*}/ended"#;
    let server = start(directory.path(), script).unwrap();
    assert_eq!(server.endpoint, "http://127.0.0.1:1");
    server.stop();
    assert!(directory.path().join("ended").exists());
}

#[test]
fn server_that_dies_shows_the_end_of_its_log() {
    let directory = tempfile::tempdir().unwrap();
    let error = start(directory.path(), "echo the port is in use >&2; exit 1").unwrap_err().to_string();
    assert!(error.contains("exit status: 1") && error.contains("\n  the port is in use\n"), "{error}");
}

#[test]
fn ready_file_of_an_earlier_run_is_not_believed() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("ready.json"), r#"{"endpoint":"http://old"}"#).unwrap();
    assert!(matches!(start(directory.path(), "exit 1"), Err(Error::NotReady { .. })));
}
