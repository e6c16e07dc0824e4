//! Promises of the simulated SharePoint 2007, made through its front door.

mod host;
mod items;
mod lists;
mod pages;
mod people;
mod samples;
mod services;
mod sign_in;
mod webs;
