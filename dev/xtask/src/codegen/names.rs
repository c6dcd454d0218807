//! Rust names for wire names.

/// The field for a member: snake case, with the few names that this would tear apart spelled out.
pub(super) fn field(wire: &str) -> String {
    match wire {
        "type" => "kind".into(),
        "minvCpus" => "min_vcpus".into(),
        "maxvCpus" => "max_vcpus".into(),
        "desiredvCpus" => "desired_vcpus".into(),
        "unmanagedvCpus" => "unmanaged_vcpus".into(),
        "containerID" => "container_id".into(),
        other => snake(other),
    }
}

/// `SubmitJob` and `submitJob` become `submit_job`; runs of capitals and digits stay together.
pub(super) fn snake(name: &str) -> String {
    let mut result = String::new();
    let mut previous_lower = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && previous_lower {
            result.push('_');
        }
        previous_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
        result.push(character.to_ascii_lowercase());
    }
    result
}

/// The variant for an enum value: `N_TO_N` becomes `NToN`, `json-file` becomes `JsonFile`.
pub(super) fn variant(value: &str) -> String {
    let all_upper = !value.chars().any(|character| character.is_ascii_lowercase());
    let words = value.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        let rest = if all_upper { rest.to_ascii_lowercase() } else { rest.to_owned() };
        first.to_ascii_uppercase() + &rest
    };
    words.map(capital).collect()
}

/// What `#[serde(rename_all = "camelCase")]` makes of a field.
pub(super) fn camel(field: &str) -> String {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |result, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        result + &head.to_ascii_uppercase() + tail
    })
}

#[cfg(test)]
mod tests;
