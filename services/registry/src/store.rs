//! The port to what is stored: one trait, made of a part for each noun. Each method is one transaction.

pub mod access;
pub mod contact;
pub mod division;
pub mod grid;
pub mod household;
pub mod household_import;
pub mod household_section;
pub mod organization;
pub mod person;
pub mod resident;
pub mod sealed;
pub mod sql;

use std::sync::Arc;

use minqing_platform::feed::Source;

pub use access::AccessStore;
pub use contact::ContactStore;
pub use division::DivisionStore;
pub use grid::GridStore;
pub use household::HouseholdStore;
pub use household_import::HouseholdImportStore;
pub use household_section::SectionStore;
pub use organization::OrganizationStore;
pub use person::PersonStore;
pub use resident::ResidentStore;

/// Everything the registry stores.
pub trait Store:
    DivisionStore + GridStore + AccessStore + ContactStore + OrganizationStore + PersonStore + Households + Source
{
}

impl<
    T: DivisionStore
        + GridStore
        + AccessStore
        + ContactStore
        + OrganizationStore
        + PersonStore
        + Households
        + Source,
> Store for T
{
}

/// What is stored of households, of all their parts.
pub trait Households: HouseholdStore + ResidentStore + SectionStore + HouseholdImportStore {}

impl<T: HouseholdStore + ResidentStore + SectionStore + HouseholdImportStore> Households for T {}

/// A store that is shared.
pub type Shared = Arc<dyn Store>;
