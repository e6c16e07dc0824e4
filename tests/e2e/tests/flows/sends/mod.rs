//! Sends: from a send record in CRM to mails, each person once (EX-01, EX-04 to EX-14, FX-03).

mod exclusions;
mod histories;
mod life;
mod lost;
mod parts;
mod refusals;
mod world;
