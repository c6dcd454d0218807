//! DescribeLogGroups (`CWL-4`).

use super::{group, invalid, limit};
use crate::context::Context;
use crate::failure::Failure;
use crate::paging::Window;
use crate::services::LogsService;
use longshore_api_logs::types::{DescribeLogGroupsRequest, DescribeLogGroupsResponse, LogGroup};
use longshore_types::Timestamp;

/// The most groups on a page.
const GROUPS_MAX: usize = 50;

pub(super) async fn answer(
    service: &LogsService,
    context: &Context,
    request: DescribeLogGroupsRequest,
) -> Result<DescribeLogGroupsResponse, Failure> {
    let (prefix, pattern) = (request.log_group_name_prefix, request.log_group_name_pattern);
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid("Only one of logGroupNamePrefix and logGroupNamePattern can be given."));
    }
    let asked = limit(request.limit, GROUPS_MAX)?.and_then(|limit| i64::try_from(limit).ok());
    let key = format!("DescribeLogGroups {prefix:?} {pattern:?}");
    let window = Window::new(&key, GROUPS_MAX, (asked, request.next_token.as_deref()));
    let window = window.map_err(|failure| invalid(failure.to_string()))?;
    let after = window.after(|name| Some(name.to_owned())).map_err(|failure| invalid(failure.to_string()))?;
    let prefix = prefix.unwrap_or_default();
    let groups = service.read(move |reader| {
        let mut names = reader.log_groups(&prefix)?;
        if group::DEFAULT.starts_with(&prefix) && !names.iter().any(|name| name == group::DEFAULT) {
            names.push(group::DEFAULT.to_owned());
            names.sort();
        }
        let fits = |name: &String| pattern.as_ref().is_none_or(|pattern| name.contains(pattern.as_str()));
        let later = |name: &String| after.as_ref().is_none_or(|after| name > after);
        let names = names.into_iter().filter(|name| fits(name) && later(name));
        names.map(|name| Ok((reader.log_group_created_at(&name)?, name))).collect::<Result<Vec<_>, _>>()
    });
    let (groups, next_token) = window.close(groups.await?, |(_, name)| name.clone());
    let groups = groups.into_iter().map(|(created_at, name)| rendered(context, name, created_at)).collect();
    Ok(DescribeLogGroupsResponse { log_groups: Some(groups), next_token })
}

fn rendered(context: &Context, name: String, created_at: Option<Timestamp>) -> LogGroup {
    let arn = group::arn(context, &name);
    LogGroup {
        arn: Some(format!("{arn}:*")),
        log_group_arn: Some(arn),
        log_group_class: Some("STANDARD".to_owned()),
        log_group_name: Some(name),
        creation_time: Some(created_at.unwrap_or_default().as_millis()),
        metric_filter_count: Some(0),
        stored_bytes: Some(0),
        ..LogGroup::default()
    }
}
