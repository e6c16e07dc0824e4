//! The server's time: UTC-6 all year, without daylight saving (contract §4, Dates).

use domain::Timestamp;
use jiff::{civil::DateTime, tz::Offset};
use soap::Error;

/// Hours that the server's clocks are behind UTC.
const BEHIND: Offset = Offset::constant(-6);

/// How long a date is, in bytes.
const DATE: usize = "2014-03-26".len();

/// A time as the platform writes it: without an offset, with 0 to 3 digits of a second, in the server's time. A time that
/// carries an offset or `Z`, as an echo of what was sent may, is taken at its word.
pub fn from_server(text: &str) -> Result<Timestamp, Error> {
    let text = text.trim();
    let unlike = || Error::unexpected("a time", text);
    // Behind the date, which has hyphens of its own. A date alone is a day, not an instant.
    let time = text.get(DATE..).filter(|time| !time.is_empty()).ok_or_else(unlike)?;
    if time.bytes().any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-')) {
        return text.parse().map_err(|_| unlike());
    }
    let civil: DateTime = text.parse().map_err(|_| unlike())?;
    BEHIND.to_timestamp(civil).map_err(|_| unlike())
}

/// A time as it is sent: in UTC, with `Z`, in whole seconds, because filters lose the rest (contract §4). The part of a
/// second that is cut off is the caller's to round.
pub fn to_server(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The first is recorded (contract §4), the second an echo of a request, the others invented around the nights on
    /// which clocks change elsewhere.
    #[test]
    fn what_has_no_offset_is_six_hours_behind() {
        for (written, meant) in [
            ("2014-03-26T10:02:01.987", "2014-03-26T16:02:01.987Z"),
            ("2014-03-26T10:02:01.9870000-06:00", "2014-03-26T16:02:01.987Z"),
            ("2026-07-01T00:00:00", "2026-07-01T06:00:00Z"),
            ("2026-03-08T02:30:00.5", "2026-03-08T08:30:00.5Z"),
            ("2026-11-01T01:30:00", "2026-11-01T07:30:00Z"),
            ("2026-01-15T16:00:00Z", "2026-01-15T16:00:00Z"),
            (" 2026-01-15T16:00:00+01:00 ", "2026-01-15T15:00:00Z"),
        ] {
            assert_eq!(from_server(written), Ok(meant.parse().expect("an instant")), "{written}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for bad in ["", "2026-01-15", "10:02:01", "2026-02-30T00:00:00", "yesterday", "2026-01-15T25:00:00"] {
            assert!(from_server(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        /// What is sent is read as the same second.
        #[test]
        fn a_second_survives_the_way_there_and_back(second in 0_i64..4_000_000_000) {
            let instant = Timestamp::from_second(second).expect("in range");
            prop_assert_eq!(from_server(&to_server(instant)), Ok(instant));
        }

        /// The server's own way of writing, too: no offset, trailing zeros dropped.
        #[test]
        fn a_millisecond_of_the_server_is_read_to_the_letter(millisecond in 0_i64..4_000_000_000_000) {
            let instant = Timestamp::from_millisecond(millisecond).expect("in range");
            let written = BEHIND.to_datetime(instant).to_string();
            prop_assert_eq!(from_server(&written), Ok(instant));
        }
    }
}
