//! Which back the environment asks for.

use std::{env, sync::Arc};

use domain::SystemClock;

use crate::{Error, Platform, memory::Memory};

impl Platform {
    /// The platform that `TIELINE_BACK` names.
    ///
    /// `memory` is a world of its own in this process, lost with it.
    // Async, because finding credentials for a remote back is.
    #[allow(clippy::unused_async)]
    pub async fn from_env() -> Result<Self, Error> {
        Self::named(env::var("TIELINE_BACK").ok().as_deref())
    }

    fn named(back: Option<&str>) -> Result<Self, Error> {
        match back {
            Some("memory") => Ok(Memory::new(Arc::new(SystemClock), 0).platform()),
            Some(other) => Err(Error::Back { found: format!("is {other:?}") }),
            None => Err(Error::Back { found: "is not set".to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_or_absent_back_is_an_error_that_says_which_there_are() {
        assert!(Platform::named(Some("memory")).is_ok());
        for (back, message) in [
            (None, "TIELINE_BACK is not set; this build has: memory"),
            (Some("mars"), "TIELINE_BACK is \"mars\"; this build has: memory"),
        ] {
            let error = Platform::named(back).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), Some(message));
        }
    }
}
