//! Pagination of list operations.

use crate::error::ApiCallError;

/// One page of a listing.
pub struct Page<T, K = String> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The token of the next page; `None` on the last page.
    pub next: Option<K>,
}

/// The largest number of pages that is read, so that a service that always returns another token cannot block a function.
#[derive(Clone, Copy)]
pub struct PageLimit {
    /// The operation's name, as in the service's API reference.
    pub operation: &'static str,
    /// The largest number of pages.
    pub max_pages: usize,
    /// What the error states if there are more pages, such as `more than 10,000 members`.
    pub exceeded: &'static str,
}

/// Reads all pages. `read` calls the operation with the token of a page; the first page has none.
///
/// # Errors
///
/// The error of `read`, or [`ApiCallError`] with [`Fault::Unavailable`](gumshoe_domain::Fault) if there are more pages than the limit.
pub async fn collect_pages<T, K, E, F>(page_limit: PageLimit, read: impl FnMut(Option<K>) -> F) -> Result<Vec<T>, E>
where
    E: From<ApiCallError>,
    F: Future<Output = Result<Page<T, K>, E>>,
{
    collect_first(usize::MAX, page_limit, read).await
}

/// Reads pages until `limit` items are read, or until the last page.
///
/// # Errors
///
/// As of [`collect_pages`].
pub async fn collect_first<T, K, E, F>(
    limit: usize,
    page_limit: PageLimit,
    mut read: impl FnMut(Option<K>) -> F,
) -> Result<Vec<T>, E>
where
    E: From<ApiCallError>,
    F: Future<Output = Result<Page<T, K>, E>>,
{
    let mut all = Vec::new();
    let mut start = None;
    for _ in 0..page_limit.max_pages {
        let page = read(start).await?;
        all.extend(page.items);
        start = page.next;
        if start.is_none() || all.len() >= limit {
            all.truncate(limit);
            return Ok(all);
        }
    }
    Err(ApiCallError::too_many_pages(page_limit.operation, page_limit.exceeded).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE_LIMIT: PageLimit = PageLimit { operation: "ListMembers", max_pages: 3, exceeded: "more than 6 members" };

    /// Reads a listing of `pages` pages. Each page has two items: its number, twice. Also returns the number of calls.
    async fn read(limit: usize, pages: u8) -> (Result<Vec<u8>, ApiCallError>, u8) {
        let mut calls = 0;
        let all = collect_first(limit, PAGE_LIMIT, |start: Option<u8>| {
            calls += 1;
            let page = start.unwrap_or(1);
            std::future::ready(Ok(Page { items: vec![page; 2], next: (page < pages).then_some(page + 1) }))
        });
        (all.await, calls)
    }

    #[tokio::test]
    async fn all_pages_are_read_in_order() {
        let (all, calls) = read(usize::MAX, 3).await;
        assert_eq!((all.unwrap(), calls), (vec![1, 1, 2, 2, 3, 3], 3));
    }

    #[tokio::test]
    async fn reading_stops_at_the_item_limit() {
        let (first, calls) = read(3, 3).await;
        assert_eq!((first.unwrap(), calls), (vec![1, 1, 2], 2));
        assert_eq!(read(2, 3).await.1, 1);
    }

    #[tokio::test]
    async fn a_listing_with_too_many_pages_is_an_error() {
        let (all, calls) = read(usize::MAX, 200).await;
        let error = all.unwrap_err();
        assert_eq!((error.to_string().as_str(), calls), ("ListMembers failed or got no answer", 3));
    }
}
