//! Reading a log stream of CloudWatch Logs from its head, page by page, for as long as the caller likes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Body, Client, Error, Request};

/// Where AWS Batch puts the output of jobs.
pub(crate) const LOG_GROUP: &str = "/aws/batch/job";

/// One line of output, with its time in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct LogEvent {
    #[serde(default)]
    pub(crate) timestamp: i64,
    #[serde(default)]
    pub(crate) message: String,
}

/// How far a stream has been read.
#[derive(Clone, Debug)]
pub(crate) struct LogCursor {
    stream: String,
    token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    events: Vec<LogEvent>,
    next_forward_token: Option<String>,
}

impl LogCursor {
    /// The head of a stream.
    pub(crate) fn new(stream: &str) -> Self {
        Self { stream: stream.to_owned(), token: None }
    }

    pub(crate) fn stream(&self) -> &str {
        &self.stream
    }
}

impl Client {
    /// The next page of a stream; nothing when the reader has caught up with the writer. The forward token repeats
    /// there. A stream that does not exist yet is empty: it comes with the first output.
    pub(crate) fn next_log_events(&self, cursor: &mut LogCursor) -> Result<Vec<LogEvent>, Error> {
        loop {
            let mut request =
                json!({ "logGroupName": LOG_GROUP, "logStreamName": cursor.stream, "startFromHead": true });
            if let Some(token) = &cursor.token {
                request["nextToken"] = json!(token);
            }
            let page = match self.logs("GetLogEvents", &request) {
                Err(Error::Refused { code, .. }) if code == "ResourceNotFoundException" => return Ok(Vec::new()),
                other => other?,
            };
            let text = page.to_string();
            let page: Page =
                serde_json::from_value(page).map_err(|_| self.not_understood("GetLogEvents", 200, &text))?;
            let at_end = page.next_forward_token.is_none() || page.next_forward_token == cursor.token;
            cursor.token = page.next_forward_token.or(cursor.token.take());
            // An empty page is the end only when the token says so.
            if at_end || !page.events.is_empty() {
                return Ok(page.events);
            }
        }
    }

    /// Calls an operation of CloudWatch Logs.
    fn logs(&self, operation: &str, request: &Value) -> Result<Value, Error> {
        let body = request.to_string();
        self.call_json(&Request {
            operation,
            service: "logs",
            method: "POST",
            path: "/",
            query: "",
            headers: &[
                ("content-type", "application/x-amz-json-1.1"),
                ("x-amz-target", &format!("Logs_20140328.{operation}")),
            ],
            body: Body::Bytes(body.as_bytes()),
        })
    }
}
