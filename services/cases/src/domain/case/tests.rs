//! Behaviour of cases: what commands lead to, seen from outside.
