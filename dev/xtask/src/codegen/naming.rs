//! Names of the model as names of Rust.

/// `minvCpus` → `min_vcpus`, `sizeInGiB` → `size_in_gib`, `SubmitJob` → `submit_job`.
pub(super) fn snake(name: &str) -> String {
    let name = name.replace("vCpus", "Vcpus").replace("GiB", "Gib");
    let mut snake = String::with_capacity(name.len() + 8);
    let mut before = '_';
    for character in name.chars() {
        if character.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
        before = character;
    }
    snake
}

/// The name of a field: `type` is a word of Rust.
pub(super) fn field(name: &str) -> String {
    match snake(name).as_str() {
        "type" => "kind".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests;
