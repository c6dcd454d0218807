//! Webhooks: each configured target fed from the outbox. What is sent where, and how far it has got, is theirs.

use super::data_dir::DataDir;
use crate::cli::ServeOptions;
use longshore_http::Envelopes;
use longshore_store::{EventQuery, Reader};
use longshore_webhook::{BoxError, Delivery, Page, Source};

/// Serves every target until the value is dropped.
pub(super) fn start(options: &ServeOptions, data_dir: &DataDir, reader: &Reader) -> anyhow::Result<Vec<Delivery>> {
    let envelopes = Envelopes::of(reader.clone(), &options.region, &options.account.as_str().into());
    let newest = envelopes.last()?;
    let start = |target: &longshore_webhook::Target| {
        let source = Box::new(Outbox(envelopes.clone()));
        Ok(Delivery::start(target.clone(), source, &data_dir.webhooks(), newest)?)
    };
    options.webhooks.iter().map(start).collect()
}

struct Outbox(Envelopes);

impl Source for Outbox {
    fn read(&self, after: u64, limit: usize) -> Result<Page, BoxError> {
        let page = self.0.page(&EventQuery { after, limit, ..EventQuery::default() })?;
        Ok(Page { events: page.events, next: page.next, last: page.last })
    }
}
