//! The form digest: a page that was not asked for recently by this person on this web is not accepted.
//!
//! Shape: `0x` and 128 hexadecimal digits, a comma, and the time of issue in UTC (forms/README.md; MS-SITESS R332,
//! R368). Lifetime 30 minutes (MS-SITESS R537).

use domain::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha512};

/// How long a digest is accepted.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// What the page says when it is not.
pub const REFUSAL: &str = "The security validation for this page is invalid. Click Back in your Web browser, refresh \
                           the page, and try your operation again.";

const FORMAT: &str = "%d %b %Y %H:%M:%S -0000";

/// A digest for this person on this web, issued now.
pub(crate) fn issue(secret: &str, login: &str, web: &str, now: Timestamp) -> String {
    let issued = now.strftime(FORMAT).to_string();
    let seal = seal(secret, login, web, &issued);
    format!("{seal},{issued}")
}

/// Whether the digest was issued for this person on this web, not more than half an hour ago.
pub(crate) fn is_valid(secret: &str, login: &str, web: &str, now: Timestamp, digest: &str) -> bool {
    let Some((sealed, issued)) = digest.split_once(',') else { return false };
    if !sealed.eq_ignore_ascii_case(&seal(secret, login, web, issued)) {
        return false;
    }
    let Some(issued) = read_time(issued) else { return false };
    let age = now.duration_since(issued);
    // Seconds only are carried, so a digest may look up to a second older than it is.
    age >= SignedDuration::ZERO && age <= LIFETIME
}

fn read_time(issued: &str) -> Option<Timestamp> {
    let plain = issued.strip_suffix(" -0000")?;
    let time = jiff::civil::DateTime::strptime("%d %b %Y %H:%M:%S", plain).ok()?;
    time.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn seal(secret: &str, login: &str, web: &str, issued: &str) -> String {
    let text = [secret, &login.to_lowercase(), &web.to_lowercase(), issued].join("\n");
    let hash = Sha512::digest(text.as_bytes());
    hash.iter().fold("0x".to_owned(), |seal, byte| seal + &format!("{byte:02X}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_digest_has_the_shape_of_the_page() {
        let digest = issue("s", "HARBOUR\\anna", "/sites/harbour", at("2010-06-15T18:38:46Z"));
        let (seal, time) = digest.split_once(',').expect("two parts");
        assert_eq!(time, "15 Jun 2010 18:38:46 -0000");
        assert!(seal.starts_with("0x") && seal.len() == 130, "{seal}");
    }

    #[test]
    fn a_digest_is_bound_to_person_web_and_half_an_hour() {
        let digest = issue("s", "HARBOUR\\anna", "/sites/harbour", at("2010-06-15T18:00:00Z"));
        let valid = |login, web, now| is_valid("s", login, web, at(now), &digest);
        assert!(valid("harbour\\ANNA", "/sites/harbour", "2010-06-15T18:30:00Z"));
        assert!(!valid("HARBOUR\\anna", "/sites/harbour", "2010-06-15T18:30:01Z"));
        assert!(!valid("HARBOUR\\anna", "/sites/harbour", "2010-06-15T17:59:59Z"));
        assert!(!valid("HARBOUR\\bea", "/sites/harbour", "2010-06-15T18:00:01Z"));
        assert!(!valid("HARBOUR\\anna", "/sites/northwind", "2010-06-15T18:00:01Z"));
    }
}
