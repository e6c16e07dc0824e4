//! HTTP to other systems: guarded, timed, honest about failure
