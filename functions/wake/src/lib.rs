//! Queues what is due, once a minute
