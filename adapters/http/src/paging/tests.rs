//! Pages join up to the whole list, and tokens fit nothing but their own query.

use super::Window;

fn window(query: &str, max: Option<i64>, token: Option<&str>) -> Result<Window, String> {
    Window::new(query, 100, (max, token)).map_err(|failure| failure.to_string())
}

/// A listing of 0 to 4: up to `limit` entries after this one.
fn listing(after: Option<u32>, limit: usize) -> Vec<u32> {
    (0..5).filter(|entry| Some(*entry) > after).take(limit).collect()
}

fn page(window: &Window) -> (Vec<u32>, Option<String>) {
    let after = window.after(|key| key.parse().ok()).unwrap();
    window.close(listing(after, window.probe()), ToString::to_string)
}

#[test]
fn page_1_pages_join_up_to_the_whole_list() {
    for size in [1, 2, 3, 10] {
        let (mut token, mut all) = (None, Vec::new());
        loop {
            let (entries, next) = page(&window("q", Some(size), token.as_deref()).unwrap());
            all.extend(entries);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(all, listing(None, 5), "{size}");
    }
}

#[test]
fn page_1_token_is_only_given_when_more_follow() {
    assert_eq!(page(&window("q", Some(5), None).unwrap()).1, None);
    assert!(page(&window("q", Some(4), Some("")).unwrap()).1.is_some());
}

#[test]
fn page_1_size_outside_1_to_100_is_refused() {
    for size in [0, 101, -1] {
        assert_eq!(window("q", Some(size), None), Err("maxResults must be between 1 and 100.".into()));
    }
}

#[test]
fn page_2_token_of_another_query_or_garbage_is_refused() {
    let token = window("one", None, None).unwrap().token_after("x");
    let refused = "nextToken is not valid for this request. Repeat the request without it.";
    for (query, token) in [("two", token.as_str()), ("one", "garbage"), ("one", "é")] {
        assert_eq!(window(query, None, Some(token)), Err(refused.into()));
    }
    let not_a_number = window("one", None, Some(&token)).unwrap().after(|key| key.parse::<u32>().ok());
    assert_eq!(not_a_number.unwrap_err().to_string(), refused);
}
