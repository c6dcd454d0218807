//! STS: who am I (`STS-1`). The query protocol, in XML.

use crate::body::Body;
use crate::context::Context;
use crate::failure::Failure;
use crate::reply::{self, Media};
use http::{Response, StatusCode};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Answers a request in the form of the query protocol.
pub(crate) fn answer(context: &Context, form: &[u8]) -> Result<Response<Body>, Failure> {
    let form = String::from_utf8_lossy(form);
    match form.split('&').find_map(|pair| pair.strip_prefix("Action=")) {
        Some("GetCallerIdentity") => Ok(identity(context)),
        Some(action) => Err(Failure::NotBuilt { operation: format!("sts:{action}") }),
        None => Err(Failure::UnknownOperation { request: "a form without Action".into() }),
    }
}

fn identity(context: &Context) -> Response<Body> {
    let (arn, id) = (escape(&context.caller_arn()), escape(context.caller_id()));
    let xml = format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>{id}</UserId>\
         <Account>{account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>{request}</RequestId>\
         </ResponseMetadata></GetCallerIdentityResponse>",
        account = context.account,
        request = context.request_id,
    );
    reply::respond(context, StatusCode::OK, Media::Xml, xml.into_bytes())
}

/// An error in the query protocol.
pub(crate) fn error(context: &Context, failure: &Failure) -> Response<Body> {
    reply::report(context, failure);
    let fault = if failure.status().is_server_error() { "Receiver" } else { "Sender" };
    let xml = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error><RequestId>{request}</RequestId></ErrorResponse>",
        code = code(failure),
        message = escape(&failure.message(context)),
        request = context.request_id,
    );
    reply::respond(context, failure.status(), Media::Xml, xml.into_bytes())
}

/// The query protocol has names of its own for the errors that every API shares.
fn code(failure: &Failure) -> &'static str {
    match failure.kind() {
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
        "IncompleteSignatureException" => "IncompleteSignature",
        "ServerException" => "InternalFailure",
        "UnknownOperationException" | "ClientException" => "InvalidAction",
        other => other,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
