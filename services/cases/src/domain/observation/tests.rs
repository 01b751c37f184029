mod batch;
mod handling;
