//! `--webhook URL`, and `[[webhook]]` in the configuration file, which can also say what the target wants.

use longshore_webhook::Target;
use serde::Deserialize;

/// A webhook as one source gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Webhook {
    #[serde(deserialize_with = "url_in_file")]
    url: String,
    /// Only events with one of these detail-types.
    #[serde(default)]
    detail_type: Vec<String>,
    /// Only events whose job has one of these statuses.
    #[serde(default)]
    status: Vec<String>,
}

impl Webhook {
    pub(super) fn target(self) -> Target {
        Target { url: self.url, detail_types: self.detail_type, statuses: self.status }
    }
}

/// A webhook that wants everything.
pub(super) fn of_url(text: &str) -> Result<Webhook, String> {
    Ok(Webhook { url: url(text)?, detail_type: Vec::new(), status: Vec::new() })
}

fn url(text: &str) -> Result<String, String> {
    let known =
        ["http://", "https://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    if known { Ok(text.to_owned()) } else { Err("write it as http://HOST:PORT/PATH".to_owned()) }
}

fn url_in_file<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    url(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}
