//! Customers after deployment (ST-39, ST-40, EX-46, EX-48).

mod addresses;
mod checks;
mod email;
mod life;
mod orders;
