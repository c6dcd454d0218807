//! Serves one store on a free loopback port and prints its URL: for trying the endpoint alone with any S3 client.
//!
//! `cargo run -p longshore-s3 --example serve -- DIRECTORY [PORT [ACCESS_KEY SECRET_KEY]]`

use std::io::Write as _;
use std::path::PathBuf;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use longshore_s3::{Backend, Credentials, service};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = PathBuf::from(arguments.next().ok_or("name a directory for the store")?);
    let port: u16 = arguments.next().map_or(Ok(0), |port| port.parse())?;
    let credentials = match (arguments.next(), arguments.next()) {
        (Some(access_key), Some(secret_key)) => Credentials::Keys([(access_key, secret_key)].into()),
        _ => Credentials::AcceptAny,
    };
    let endpoint = service(Backend::open(&root)?, credentials);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let endpoint = endpoint.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let endpoint = endpoint.clone();
                async move { Ok::<_, std::convert::Infallible>(endpoint.call(request).await) }
            });
            // A client that hangs up is no concern of the server's.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), answer).await;
        });
    }
}
