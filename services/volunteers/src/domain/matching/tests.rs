mod brute_force;
mod facts;
mod made;
mod proofs;
