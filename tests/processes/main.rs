//! Stories about the program as a process: starts, ends, deaths, and parts that run apart.
#![cfg(test)]

mod cluster;
mod http;
mod program;

mod apart;
mod commands;
mod ending;
mod kills;
mod tracing;
