//! What is taken, what is refused, and what is taken out.

mod chunked;
mod intake;
mod jpeg;
mod kind;
mod names;
mod rights;
