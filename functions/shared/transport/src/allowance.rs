//! What services say, beside their answers, of how many calls are left.

use http::HeaderMap;
use jiff::SignedDuration;

use crate::retry_after::LONGEST;

/// After the last request that Dataverse allows. Its windows slide (6,000 requests and 20 minutes of work in 5 minutes,
/// <https://learn.microsoft.com/power-apps/developer/data-platform/api-limits>), so that a part is free again soon; a
/// call that is too early is answered 429 with the true time.
const SLIDE: SignedDuration = SignedDuration::from_secs(10);

/// How long to wait because nothing is left. None: something is left, or the service does not say.
///
/// SharePoint Online and Graph send `RateLimit-Remaining`, and `RateLimit-Reset` in seconds
/// (<https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online>).
/// Dataverse sends how many requests and how many seconds of work are left of its window.
pub(crate) fn wait(headers: &HeaderMap) -> Option<SignedDuration> {
    let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let is_used_up = |name| number(name).is_some_and(|left| left <= 0.0);
    let reset = is_used_up("ratelimit-remaining")
        .then(|| number("ratelimit-reset").and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok()))
        .flatten();
    let slide = ["x-ms-ratelimit-burst-remaining-xrm-requests", "x-ms-ratelimit-time-remaining-xrm-requests"]
        .into_iter()
        .any(is_used_up)
        .then_some(SLIDE);
    reset.max(slide).map(|wait| wait.clamp(SignedDuration::ZERO, LONGEST))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn told(headers: &[(&'static str, &'static str)]) -> Option<SignedDuration> {
        let pair = |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        wait(&headers.iter().map(pair).collect())
    }

    /// P6: a service that says that nothing is left is not asked until something is.
    #[test]
    fn nothing_left_is_a_wait_and_anything_else_is_none() {
        let seconds = |seconds| Some(SignedDuration::from_secs(seconds));
        assert_eq!(told(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "42")]), seconds(42));
        assert_eq!(told(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "9999999")]), Some(LONGEST));
        assert_eq!(told(&[("ratelimit-remaining", "7"), ("ratelimit-reset", "42")]), None);
        assert_eq!(told(&[("x-ms-ratelimit-burst-remaining-xrm-requests", "0")]), Some(SLIDE));
        assert_eq!(told(&[("x-ms-ratelimit-time-remaining-xrm-requests", "-0.2")]), Some(SLIDE));
        let left = [
            ("x-ms-ratelimit-burst-remaining-xrm-requests", "5999"),
            ("x-ms-ratelimit-time-remaining-xrm-requests", "1,199.4"),
        ];
        assert_eq!(told(&left), None);
        for odd in ["", "soon", "NaN", "inf", "-1e400"] {
            assert_eq!(told(&[("ratelimit-remaining", "0"), ("ratelimit-reset", odd)]), None, "{odd:?}");
        }
        assert_eq!(told(&[]), None);
    }
}
