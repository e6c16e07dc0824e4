//! Queue, table, bucket, secrets, clock, and how a function is served
