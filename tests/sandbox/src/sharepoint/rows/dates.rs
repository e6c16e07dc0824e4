//! Dates as list services read and write them.

use domain::{SignedDuration, Timestamp};
use jiff::{civil::DateTime, tz::TimeZone};

/// Minutes that the webs' zone is behind UTC. Not zero, so that a client that mixes the two up is found out;
/// without summer time, so that every instant has one local time.
pub(crate) const BIAS_MINUTES: i64 = 300;

const BIAS: SignedDuration = SignedDuration::from_mins(BIAS_MINUTES);

/// `2010-06-15T09:30:01Z`: with `DateInUtc`.
pub(crate) fn show_utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2010-06-15 04:30:01`: the web's own time, the default.
pub(crate) fn show_local(time: Timestamp) -> String {
    local(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The web's own time, as if it were UTC.
pub(super) fn local(time: Timestamp) -> Timestamp {
    time.checked_sub(BIAS).unwrap_or(Timestamp::MIN)
}

/// Reads a date in ISO 8601, with `T` or a blank. A `Z` says nothing: without `DateInUtc` 2007 takes the digits as the
/// web's own time.
pub(crate) fn read_date(text: &str, in_utc: bool) -> Option<Timestamp> {
    let text = text.trim();
    let plain = text.strip_suffix(['Z', 'z']).unwrap_or(text).replace(' ', "T");
    let civil: DateTime = plain.parse().ok()?;
    let time = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    if in_utc { Some(time) } else { time.checked_add(BIAS).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_in_the_webs_zone_unless_utc_is_asked_for() {
        let noon = read_date("2010-06-15T12:00:00Z", true).expect("a date");
        assert_eq!(show_utc(noon), "2010-06-15T12:00:00Z");
        assert_eq!(show_local(noon), "2010-06-15 07:00:00");
        assert_eq!(read_date("2010-06-15 07:00:00", false), Some(noon));
        assert_eq!(read_date("2010-06-15T07:00:00Z", false), Some(noon));
        assert_eq!(read_date("2010-06-15", false).map(show_local).as_deref(), Some("2010-06-15 00:00:00"));
        assert_eq!(read_date("tomorrow", true), None);
    }
}
