//! Fair-share policies and share identifiers (`FSS-1`, spec section 2).

use super::require;
use crate::command::{CreateSchedulingPolicy, FairShareInput};
use crate::entity::{FairShare, PolicyKind, ShareWeight};
use crate::error::Error;

/// The longest share identifier.
const IDENTIFIER_CHARS: usize = 255;
/// The most entries of `shareDistribution`.
const DISTRIBUTION: usize = 500;
/// The heaviest weight.
const WEIGHT_MAX: u64 = 9_999_999;
/// The longest `shareDecaySeconds`: a week.
const DECAY_MAX_S: u64 = 604_800;
/// AWS's text.
const IDENTIFIER: &str = "ShareIdentifier name should match a valid pattern.";

/// What the policy decides. One that says nothing is a fair-share policy in which every share weighs the same.
pub(crate) fn policy_kind(command: &CreateSchedulingPolicy) -> Result<PolicyKind, Error> {
    match (&command.fair_share, &command.quota_share) {
        (Some(_), Some(_)) => Err(both_kinds()),
        (None, Some(quota)) => Ok(PolicyKind::QuotaShare(quota.clone())),
        (None, None) => Ok(PolicyKind::FairShare(FairShare::default())),
        (Some(input), None) => fair_share(input).map(PolicyKind::FairShare),
    }
}

/// AWS's text is not known (A21).
pub(crate) fn both_kinds() -> Error {
    Error::invalid("Only one of fairsharePolicy and quotaSharePolicy can be specified.")
}

/// `fairsharePolicy`.
pub(crate) fn fair_share(input: &FairShareInput) -> Result<FairShare, Error> {
    let distribution = input.distribution.as_deref().map(distribution).transpose()?;
    // AWS's texts for these two are not known.
    let decay_s = in_range(input.decay_s, DECAY_MAX_S, "shareDecaySeconds should be between 0 and 604800.")?;
    let reservation = in_range(input.reservation, 99, "computeReservation should be between 0 and 99.")?;
    Ok(FairShare { decay_s, reservation, distribution })
}

fn in_range(number: Option<i64>, most: u64, text: &str) -> Result<Option<u64>, Error> {
    let Some(number) = number else { return Ok(None) };
    let found = u64::try_from(number).ok().filter(|number| *number <= most);
    found.map(Some).ok_or_else(|| Error::invalid(text))
}

fn distribution(entries: &[(String, Option<i64>)]) -> Result<Vec<ShareWeight>, Error> {
    require(entries.len() <= DISTRIBUTION, "ShareDistribution size cannot be greater than 500.")?;
    let weights = entries.iter().map(|(identifier, weight)| {
        require(is_identifier(identifier.strip_suffix('*').unwrap_or(identifier)), IDENTIFIER)?;
        let heavy = "Weight factor should be between 0.0001 and 999.9999.";
        let weight = in_range(*weight, WEIGHT_MAX, heavy)?;
        require(weight != Some(0), heavy)?;
        Ok(ShareWeight { identifier: identifier.clone(), weight })
    });
    let weights: Vec<ShareWeight> = weights.collect::<Result<_, Error>>()?;
    for (position, entry) in weights.iter().enumerate() {
        if let Some(other) = weights[..position].iter().find(|other| overlap(entry, other)) {
            let (one, other) = (&entry.identifier, &other.identifier);
            return Err(Error::invalid(format!("Share identifier {one} matches another share identifier {other}")));
        }
    }
    Ok(weights)
}

/// Whether some share is meant by both.
fn overlap(one: &ShareWeight, other: &ShareWeight) -> bool {
    let stem = |entry: &ShareWeight| entry.identifier.trim_end_matches('*').to_owned();
    one.covers(&stem(other)) || other.covers(&stem(one))
}

/// `shareIdentifier` of a submission: no wildcard.
pub(crate) fn share_identifier(share: Option<&str>) -> Result<(), Error> {
    require(share.is_none_or(|share| !share.is_empty() && is_identifier(share)), IDENTIFIER)
}

/// At most 255 letters, digits, hyphens and underscores.
fn is_identifier(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() <= IDENTIFIER_CHARS && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests;
