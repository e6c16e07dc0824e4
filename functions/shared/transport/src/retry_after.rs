//! The `Retry-After` header.

use std::time::SystemTime;

use http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};

/// The longest wait that is believed. A service that asks for more is asked again after an hour.
pub(crate) const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// Reads how long to wait, from seconds or an HTTP date. What cannot be read is ignored, a date gone by is zero.
pub(crate) fn read(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().map_or(LONGEST, SignedDuration::from_secs)
    } else {
        let until: SystemTime = httpdate::parse_http_date(text).ok()?;
        Timestamp::try_from(until).ok()?.duration_since(now)
    };
    Some(wait.clamp(SignedDuration::ZERO, LONGEST))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn wait(value: &str) -> Option<SignedDuration> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        read(&headers, "2026-03-01T12:00:00Z".parse().unwrap())
    }

    /// P6: seconds and dates are understood, more than an hour is cut to an hour, the rest is ignored.
    #[test]
    fn a_wait_is_read_from_seconds_or_a_date_and_is_at_most_an_hour() {
        assert_eq!(wait("0"), Some(SignedDuration::ZERO));
        assert_eq!(wait(" 120 "), Some(SignedDuration::from_secs(120)));
        assert_eq!(wait("86400"), Some(LONGEST));
        assert_eq!(wait("99999999999999999999999999"), Some(LONGEST));
        assert_eq!(wait("Sun, 01 Mar 2026 12:00:30 GMT"), Some(SignedDuration::from_secs(30)));
        assert_eq!(wait("Sunday, 01-Mar-26 12:00:30 GMT"), Some(SignedDuration::from_secs(30)));
        assert_eq!(wait("Sun, 01 Mar 2026 11:00:00 GMT"), Some(SignedDuration::ZERO));
        assert_eq!(wait("Wed, 01 Mar 2028 12:00:00 GMT"), Some(LONGEST));
        for garbage in ["", "-5", "1.5", "soon", "12 s", "+3", "0x10", "2026-03-01T12:00:30Z"] {
            assert_eq!(wait(garbage), None, "{garbage:?}");
        }
        assert_eq!(read(&HeaderMap::new(), Timestamp::UNIX_EPOCH), None);
    }

    proptest! {
        /// P6: whatever the header says, the wait is between nothing and an hour.
        #[test]
        fn a_wait_is_never_negative_and_never_more_than_an_hour(value in "[ -~]{0,40}") {
            if let Some(wait) = wait(&value) {
                prop_assert!(wait >= SignedDuration::ZERO && wait <= LONGEST);
            }
        }
    }
}
