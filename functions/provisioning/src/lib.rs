//! A site for a CRM record: press, verify, build, tell
