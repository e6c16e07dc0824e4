//! Who may operate, and that nobody else does (A2, A14).

mod keys;
mod matrix;
mod routes;
mod tokens;
