//! Which back the environment asks for.

use std::{collections::BTreeMap, env, ffi::OsString, sync::Arc};

use domain::SystemClock;

use crate::{
    Error, Platform,
    aws::{self, Settings},
    memory::Memory,
};

impl Platform {
    /// The platform that `TIELINE_BACK` names.
    ///
    /// `memory` is a world of its own in this process, lost with it. `aws` is AWS, where [`Settings`] say; nothing
    /// there is called before it is used.
    pub async fn from_env() -> Result<Self, Error> {
        // What is not text is not for us.
        let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        Self::from_vars(env::vars_os().filter_map(text).collect()).await
    }

    async fn from_vars(vars: BTreeMap<String, String>) -> Result<Self, Error> {
        match vars.get("TIELINE_BACK").map(String::as_str) {
            Some("aws") => Ok(aws::platform(Settings::from_vars(vars)?).await),
            Some("memory") => Ok(Memory::new(Arc::new(SystemClock), 0).platform()),
            Some(other) => Err(Error::Back { found: format!("is {other:?}") }),
            None => Err(Error::Back { found: "is not set".to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn outcome(vars: &[(&str, &str)]) -> Result<(), String> {
        let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Platform::from_vars(vars.collect()).await.map(drop).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn an_unknown_or_absent_back_is_an_error_that_says_which_there_are() {
        assert_eq!(outcome(&[("TIELINE_BACK", "memory")]).await, Ok(()));
        let message = "TIELINE_BACK is not set; this build has: aws, memory";
        assert_eq!(outcome(&[]).await, Err(message.to_owned()));
        let message = "TIELINE_BACK is \"mars\"; this build has: aws, memory";
        assert_eq!(outcome(&[("TIELINE_BACK", "mars")]).await, Err(message.to_owned()));
    }

    #[tokio::test]
    async fn the_aws_back_says_what_it_lacks() {
        let message = "the environment lacks AWS_REGION, TIELINE_LEDGER, TIELINE_STAGING";
        assert_eq!(outcome(&[("TIELINE_BACK", "aws")]).await, Err(message.to_owned()));
        let vars = [("TIELINE_BACK", "aws"), ("AWS_REGION", "r"), ("TIELINE_LEDGER", "l"), ("TIELINE_STAGING", "s")];
        assert_eq!(outcome(&vars).await, Ok(()));
    }
}
