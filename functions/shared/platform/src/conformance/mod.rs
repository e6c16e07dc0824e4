//! What every back promises, as checks.
