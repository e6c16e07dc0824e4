//! Scripts, styles and the icon that browsers load from the engine.

use std::sync::OnceLock;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use sha2::{Digest, Sha256};

use super::error;
use crate::status::{PAGE_ICON, PAGE_SCRIPT, PAGE_STYLE};

/// The script behind the button in CRM: `tieline.press(…)` (ST-24). The packaged button loads it from here, so that
/// it changes with the engine and not with the package.
const PRESS_SCRIPT: &str = include_str!("press.js");

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Serves an asset under its plain name, asked for anew each time, or under its versioned name
/// (`press-1a2b3c4d.js`), kept for a year.
pub(super) fn serve(name: &str) -> Response<Bytes> {
    let assets = [
        ("press.js", SCRIPT, PRESS_SCRIPT),
        ("status.js", SCRIPT, PAGE_SCRIPT),
        ("status.css", STYLE, PAGE_STYLE),
        ("icon.svg", "image/svg+xml", PAGE_ICON),
    ];
    for (plain, content_type, text) in assets {
        let versioned = versioned(plain, text);
        let cache = if name == plain {
            "no-cache"
        } else if name == versioned {
            "public, max-age=31536000, immutable"
        } else {
            continue;
        };
        let mut response = Response::new(Bytes::from_static(text.as_bytes()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // A page of CRM loads the script from another origin; it holds nothing that is anybody's.
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
        return response;
    }
    error(StatusCode::NOT_FOUND, "no-such-asset", "there is no such file")
}

/// `press.js` and its content give `press-1a2b3c4d.js`.
fn versioned(plain: &str, text: &str) -> String {
    let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text));
    let (stem, extension) = plain.split_once('.').unwrap_or((plain, ""));
    format!("{stem}-{}.{extension}", &digest[..8])
}

/// The versioned name of the script behind the button.
pub fn press_script() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| versioned("press.js", PRESS_SCRIPT))
}
