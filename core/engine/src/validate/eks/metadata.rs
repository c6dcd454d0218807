//! Labels, annotations and namespace of a pod (`EKS-5`, `EKS-7`). Keys and values keep to Kubernetes' own grammar.

use super::namespace;
use crate::error::Error;
use crate::validate::require;
use serde_json::Value;

/// Most characters of a key's name and of a label's value.
const NAME_CHARS: usize = 63;
/// Most characters of a key's prefix.
const PREFIX_CHARS: usize = 253;
/// Most characters of an annotation's value.
const ANNOTATION_CHARS: usize = 255;
/// Domains that belong to Kubernetes and to AWS Batch.
const RESERVED: [&str; 3] = ["kubernetes.io", "k8s.io", "batch.amazonaws.com"];

pub(super) fn metadata(metadata: &Value) -> Result<(), Error> {
    for (key, value) in metadata["labels"].as_object().into_iter().flatten() {
        self::key("label", key)?;
        let text = value.as_str().unwrap_or_default();
        // AWS's text for values is not known.
        let valid = text.is_empty() || is_name(text);
        require(valid, format!("The value {text} of the pod label {key} does not match a valid pattern."))?;
    }
    for (key, value) in metadata["annotations"].as_object().into_iter().flatten() {
        self::key("annotation", key)?;
        let fits = value.as_str().unwrap_or_default().chars().count() <= ANNOTATION_CHARS;
        let text = format!("The value of the pod annotation {key} can have at most {ANNOTATION_CHARS} characters.");
        require(fits, text)?;
    }
    namespace(metadata["namespace"].as_str())
}

/// `[prefix/]name`.
fn key(kind: &str, key: &str) -> Result<(), Error> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    require(is_name(name), format!("The name {name} of the pod {kind} key does not match a valid pattern."))?;
    let Some(prefix) = prefix else { return Ok(()) };
    let reserved = RESERVED.iter().any(|domain| {
        let sub = prefix.strip_suffix(domain);
        sub.is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
    });
    let text = format!(
        "The prefix {prefix} of the pod {kind} key cannot contain terms from the Kubernetes reserved namespaces."
    );
    require(!reserved, text)?;
    let valid = prefix.len() <= PREFIX_CHARS && prefix.split('.').all(is_domain_label);
    require(valid, format!("The prefix {prefix} of the pod {kind} key does not match a valid pattern."))
}

/// At most 63 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit.
fn is_name(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.len() <= NAME_CHARS && ends(text.bytes().next()) && ends(text.bytes().last()) && text.bytes().all(inner)
}

/// A part of a DNS name: lower-case letters, digits and `-` inside.
fn is_domain_label(text: &str) -> bool {
    let end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    end(text.bytes().next()) && end(text.bytes().last()) && text.bytes().all(inner)
}
