//! Promises of the simulated SharePoint, made through its front door.

mod attachments;
mod generation_rows;
mod generations;
mod host;
mod items;
mod lists;
mod online;
mod pages;
mod people;
mod samples;
mod services;
mod sign_in;
mod webs;
