//! What the simulators answered, for judges that are not written in Rust.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::PathBuf,
};

use bytes::Bytes;
use http::Response;

/// Writes an answer to the folder that `TIELINE_REPLY_BODIES` names, as `{service}-{name}-{hash}.xml`, each once; nothing
/// without it. `tests/strangers` holds what lies there against the vendors' schemas.
pub fn record(service: &str, name: &str, response: &Response<Bytes>) {
    let Some(folder) = env::var_os("TIELINE_REPLY_BODIES").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).expect("the folder for answers can be made");
    let mut hash = DefaultHasher::new();
    response.body().hash(&mut hash);
    let file = format!("{service}-{}-{:016x}.xml", name.replace(['/', ' '], "_"), hash.finish());
    fs::write(folder.join(file), response.body()).expect("an answer can be written");
}
