//! Every flow through the front door
