//! Nouns, states and rules of the registry. Pure: no async, no SQL, no transport, no clock.

pub mod access;
pub mod address;
pub mod appointment;
pub mod contact;
pub mod contact_link;
pub mod division;
pub mod division_file;
pub mod division_import;
pub mod geo;
pub mod grid;
pub mod grid_file;
pub mod grid_import;
pub mod household;
pub mod household_file;
pub mod household_import;
pub mod household_section;
pub mod known;
pub mod organization;
pub mod person;
pub mod resident;
