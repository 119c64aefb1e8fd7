//! Answers that come in pages.

use crate::error::CallFailed;

/// One page of an answer.
pub struct Page<T, K = String> {
    /// What is on the page.
    pub items: Vec<T>,
    /// Where the next page begins; nothing after the last one.
    pub next: Option<K>,
}

/// Where reading ends although more pages are promised, so that a service that never ends holds up nothing.
#[derive(Clone, Copy)]
pub struct Bound {
    /// The operation's name, as in the service's API reference.
    pub operation: &'static str,
    /// How many pages are read at most.
    pub pages: usize,
    /// What an answer of more pages lacks, such as `an end after 10,000 members`.
    pub lacks: &'static str,
}

/// Everything, page by page to the end. `read` makes the call for the page that begins there; the first begins nowhere.
///
/// # Errors
///
/// What `read` fails with, or more pages than the bound allows.
pub async fn read_all<T, K, E, F>(bound: Bound, read: impl FnMut(Option<K>) -> F) -> Result<Vec<T>, E>
where
    E: From<CallFailed>,
    F: Future<Output = Result<Page<T, K>, E>>,
{
    read_first(usize::MAX, bound, read).await
}

/// The same, for so many items at most: no page is read that they do not need.
///
/// # Errors
///
/// What `read` fails with, or more pages than the bound allows.
pub async fn read_first<T, K, E, F>(
    most: usize,
    bound: Bound,
    mut read: impl FnMut(Option<K>) -> F,
) -> Result<Vec<T>, E>
where
    E: From<CallFailed>,
    F: Future<Output = Result<Page<T, K>, E>>,
{
    let mut all = Vec::new();
    let mut start = None;
    for _ in 0..bound.pages {
        let page = read(start).await?;
        all.extend(page.items);
        start = page.next;
        if start.is_none() || all.len() >= most {
            all.truncate(most);
            return Ok(all);
        }
    }
    Err(CallFailed::incomplete(bound.operation, bound.lacks).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Bound = Bound { operation: "ListMembers", pages: 3, lacks: "an end after 6 members" };

    /// An answer of so many pages, of two items each: the number of the page, twice.
    async fn read(most: usize, pages: u8) -> (Result<Vec<u8>, CallFailed>, u8) {
        let mut calls = 0;
        let all = read_first(most, BOUND, |start: Option<u8>| {
            calls += 1;
            let page = start.unwrap_or(1);
            std::future::ready(Ok(Page { items: vec![page; 2], next: (page < pages).then_some(page + 1) }))
        });
        (all.await, calls)
    }

    #[tokio::test]
    async fn all_pages_are_read_in_their_order() {
        let (all, calls) = read(usize::MAX, 3).await;
        assert_eq!((all.unwrap(), calls), (vec![1, 1, 2, 2, 3, 3], 3));
    }

    #[tokio::test]
    async fn no_page_is_read_that_is_not_needed() {
        let (first, calls) = read(3, 3).await;
        assert_eq!((first.unwrap(), calls), (vec![1, 1, 2], 2));
        assert_eq!(read(2, 3).await.1, 1);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_an_error() {
        let (all, calls) = read(usize::MAX, 200).await;
        let error = all.unwrap_err();
        assert_eq!((error.to_string().as_str(), calls), ("ListMembers failed or got no answer", 3));
    }
}
