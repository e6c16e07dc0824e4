//! What the simulators answered, for judges that are not written in Rust.

use std::{env, fs, path::PathBuf};

use bytes::Bytes;
use http::Response;

/// Writes an answer to the folder that `TIELINE_REPLY_BODIES` names, as `{service}-{name}.xml`; nothing without it.
/// `tests/strangers` holds what lies there against the vendors' schemas.
pub fn record(service: &str, name: &str, response: &Response<Bytes>) {
    let Some(folder) = env::var_os("TIELINE_REPLY_BODIES").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).expect("the folder for answers can be made");
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    fs::write(folder.join(format!("{service}-{name}.xml")), response.body()).expect("an answer can be written");
}
