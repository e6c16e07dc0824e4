//! What the environment says about the platform on AWS.

use std::collections::BTreeMap;

use crate::Error;

/// What the platform on AWS has to know. Credentials are found by the SDK, at the first call.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `AWS_REGION` (Lambda sets it) or `AWS_DEFAULT_REGION`.
    pub region: String,
    /// `TIELINE_LEDGER`: the table's name.
    pub ledger: String,
    /// `TIELINE_STAGING`: the bucket's name.
    pub staging: String,
    /// `TIELINE_QUEUE_<NAME>`, name in capitals with `_` for `-`: the queues' addresses. SQS is asked for any other.
    pub queues: BTreeMap<String, String>,
    /// `TIELINE_STAGE`: secrets are below `tieline/<stage>/`, so that stages of one account have their own. None: below
    /// `tieline/`.
    pub stage: Option<String>,
    /// `AWS_LAMBDA_FUNCTION_NAME`: told to AWS with every request, so that its logs say which function called.
    pub function: Option<String>,
    /// `TIELINE_AWS_ENDPOINT`: an address in place of AWS, for functions that run on somebody's machine. None: where the
    /// SDK's own variables say (`AWS_ENDPOINT_URL` and its like).
    pub endpoint: Option<String>,
    /// An emulator in place of AWS.
    pub emulator: Option<Emulator>,
}

/// An emulator of AWS.
#[derive(Clone, Debug)]
pub struct Emulator {
    /// Its address.
    pub endpoint: String,
    /// An account of one's own in it: 12 digits, sent as the access key.
    pub account: String,
}

impl Settings {
    /// Reads the settings from variables, or names all that are missing.
    pub fn from_vars(vars: impl IntoIterator<Item = (String, String)>) -> Result<Self, Error> {
        let mut vars: BTreeMap<String, String> = vars.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let region = vars.remove("AWS_REGION").or_else(|| vars.remove("AWS_DEFAULT_REGION"));
        let function = vars.remove("AWS_LAMBDA_FUNCTION_NAME");
        let stage = vars.remove("TIELINE_STAGE");
        let endpoint = vars.remove("TIELINE_AWS_ENDPOINT");
        let (ledger, staging) = (vars.remove("TIELINE_LEDGER"), vars.remove("TIELINE_STAGING"));
        let (Some(region), Some(ledger), Some(staging)) = (&region, &ledger, &staging) else {
            let wanted = [("AWS_REGION", region), ("TIELINE_LEDGER", ledger), ("TIELINE_STAGING", staging)];
            return Err(Error::Unset(wanted.iter().filter(|(_, it)| it.is_none()).map(|(name, _)| *name).collect()));
        };
        let queue =
            |(name, url): (&String, &String)| Some((name.strip_prefix("TIELINE_QUEUE_")?.to_owned(), url.clone()));
        Ok(Self {
            region: region.clone(),
            ledger: ledger.clone(),
            staging: staging.clone(),
            queues: vars.iter().filter_map(queue).collect(),
            stage,
            function,
            endpoint,
            emulator: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Settings, Error> {
        Settings::from_vars(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn all_that_is_missing_is_named_together() {
        let message = |vars| read(vars).expect_err("something is missing").to_string();
        assert_eq!(message(&[]), "the environment lacks AWS_REGION, TIELINE_LEDGER, TIELINE_STAGING");
        let empty = [("AWS_REGION", "eu-central-1"), ("TIELINE_LEDGER", ""), ("TIELINE_STAGING", "staging")];
        assert_eq!(message(&empty), "the environment lacks TIELINE_LEDGER");
    }

    #[test]
    fn queues_are_read_by_the_prefix_of_their_variables() {
        let settings = read(&[
            ("AWS_DEFAULT_REGION", "eu-central-1"),
            ("TIELINE_LEDGER", "ledger"),
            ("TIELINE_STAGING", "staging"),
            ("TIELINE_QUEUE_BUILD_SITE", "https://queue.example/build-site"),
            ("TIELINE_URL", "https://engine.example"),
            ("AWS_LAMBDA_FUNCTION_NAME", "wake"),
        ]);
        let settings = settings.expect("nothing is missing");
        assert_eq!((&*settings.region, settings.function.as_deref()), ("eu-central-1", Some("wake")));
        let queues: Vec<(&str, &str)> = settings.queues.iter().map(|(name, url)| (&**name, &**url)).collect();
        assert_eq!(queues, [("BUILD_SITE", "https://queue.example/build-site")]);
    }
}
