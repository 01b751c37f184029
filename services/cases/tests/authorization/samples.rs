//! A well-formed request for each RPC, on the fixture's records, in files by noun. To add an RPC, add it to the file of its
//! noun; to add a noun, add its file here. Requests that end a record come last in theirs.

mod assignments;
mod cases;
mod catalogue;
mod figures;
mod observations;
mod others;

/// Where the target of a sample lies.
pub enum Reach {
    /// Nowhere in particular: every appointment reaches it.
    Nowhere,
    /// In the fixture's town.
    Here,
    /// The whole: only an appointment for everywhere reaches it.
    Everywhere,
}

/// Whose the target of a sample is.
#[derive(Clone, Copy)]
pub enum Own {
    /// Nobody's of those who call.
    Never,
    /// Of those who work for the fixture's unit.
    OfTheUnit,
    /// Of everybody: what is asked for is the caller's own by its nature.
    Always,
}

/// A request.
pub struct Sample {
    pub rpc: &'static str,
    pub reach: Reach,
    pub own: Own,
    /// As JSON; names of records stand in braces.
    pub request: &'static str,
}

impl Sample {
    /// The same, of the unit.
    const fn of_the_unit(self) -> Self {
        Self { own: Own::OfTheUnit, ..self }
    }

    /// The same, the caller's own by its nature.
    const fn always_own(self) -> Self {
        Self { own: Own::Always, ..self }
    }
}

const fn here(rpc: &'static str, request: &'static str) -> Sample {
    Sample { rpc, reach: Reach::Here, own: Own::Never, request }
}

const fn nowhere(rpc: &'static str, request: &'static str) -> Sample {
    Sample { rpc, reach: Reach::Nowhere, own: Own::Never, request }
}

const fn everywhere(rpc: &'static str, request: &'static str) -> Sample {
    Sample { rpc, reach: Reach::Everywhere, own: Own::Never, request }
}

/// Every sample. Parts of cases come before what ends them.
pub fn all() -> impl Iterator<Item = &'static Sample> {
    let nouns = [
        others::SAMPLES,
        catalogue::SAMPLES,
        figures::SAMPLES,
        observations::SAMPLES,
        assignments::SAMPLES,
        cases::SAMPLES,
    ];
    nouns.into_iter().flatten()
}
