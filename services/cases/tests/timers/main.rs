//! What falls due by itself: each rung once, to the right person, in working hours; whatever crashes, races or is late.
#![cfg(test)]

#[path = "../room/matter.rs"]
mod matter;
mod people;
mod races;
#[path = "../room/mod.rs"]
mod room;
mod rules;
