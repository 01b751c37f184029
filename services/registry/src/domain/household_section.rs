//! Sections of a household's file (医疗、就学、就业、家庭服务、权益), consents, and the rule by which one is read.
//!
//! The rule follows the Personal Information Protection Law of the People's Republic of China, Arts. 13 to 15 and 29:
//! a purpose, and for it a consent that is in force or a legal basis; a consent can be withdrawn at any time.

use chrono::{DateTime, Days, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use serde::{Deserialize, Serialize};

/// The most entries of a section.
pub const ENTRIES_MAX: usize = 200;
/// The most characters of an entry's title.
pub const TITLE_MAX: usize = 100;
/// The most characters of an entry's text.
pub const TEXT_MAX: usize = 4_000;
/// The most characters of a reference and of the evidence of a consent.
pub const REFERENCE_MAX: usize = 200;
/// How far ahead a consent may reach, days: five years.
pub const CONSENT_DAYS_MAX: u64 = 5 * 366;

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Medical (医疗).
    Medical,
    /// Schooling (就学).
    Schooling,
    /// Employment (就业).
    Employment,
    /// Family services (家庭服务).
    FamilyServices,
    /// Rights (权益).
    Rights,
}

impl Kind {
    /// Every kind, in the order of its number, which begins at 1.
    pub const ALL: [Self; 5] =
        [Self::Medical, Self::Schooling, Self::Employment, Self::FamilyServices, Self::Rights];

    /// The id in names, and the text by which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Medical => "medical",
            Self::Schooling => "schooling",
            Self::Employment => "employment",
            Self::FamilyServices => "family-services",
            Self::Rights => "rights",
        }
    }

    /// The number by which it is sent.
    pub const fn number(self) -> i32 {
        self as i32 + 1
    }

    /// The kind of an id.
    pub fn of_str(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == id)
    }
}

/// What a reading is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// Handling a case of the household.
    CaseHandling,
    /// Deciding an application for aid (救助).
    AidAssessment,
    /// Medical help (就医帮助).
    MedicalHelp,
    /// Help with schooling (助学).
    SchoolingHelp,
    /// Help with finding work (就业帮扶).
    EmploymentHelp,
    /// A service to the family.
    FamilyService,
    /// Protecting a resident's rights.
    RightsProtection,
    /// Keeping the record right.
    RecordKeeping,
    /// A resident reads their own household's file.
    OwnFile,
}

impl Purpose {
    /// Every purpose, in the order of its number, which begins at 1.
    pub const ALL: [Self; 9] = [
        Self::CaseHandling,
        Self::AidAssessment,
        Self::MedicalHelp,
        Self::SchoolingHelp,
        Self::EmploymentHelp,
        Self::FamilyService,
        Self::RightsProtection,
        Self::RecordKeeping,
        Self::OwnFile,
    ];

    /// The text by which it is stored and recorded.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CaseHandling => "case-handling",
            Self::AidAssessment => "aid-assessment",
            Self::MedicalHelp => "medical-help",
            Self::SchoolingHelp => "schooling-help",
            Self::EmploymentHelp => "employment-help",
            Self::FamilyService => "family-service",
            Self::RightsProtection => "rights-protection",
            Self::RecordKeeping => "record-keeping",
            Self::OwnFile => "own-file",
        }
    }

    /// The number by which it is sent.
    pub const fn number(self) -> i32 {
        self as i32 + 1
    }

    /// The purpose of a text that was stored.
    pub fn of_str(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// By which law a section may be read without a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegalBasis {
    /// An emergency that threatens life, health or property (Art. 13 (4)).
    Emergency,
    /// A duty set by a statute (Art. 13 (3)).
    StatutoryDuty,
}

/// Why something is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What for.
    pub purpose: Purpose,
    /// The case, application, service or statute.
    pub reference: String,
    /// The law that stands for a consent.
    pub basis: Option<LegalBasis>,
}

impl Reading {
    /// A resident reads their own household's file.
    pub fn own() -> Self {
        Self { purpose: Purpose::OwnFile, reference: "own file".to_owned(), basis: None }
    }

    /// The text for the access record; with what permitted it, where that was asked for.
    pub fn told(&self, ground: Option<Ground>) -> String {
        let base = format!("{}: {}", self.purpose.as_str(), self.reference);
        match ground {
            None | Some(Ground::Own) => base,
            Some(Ground::Consent(number)) => format!("{base} (consent {number})"),
            Some(Ground::Law(LegalBasis::Emergency)) => format!("{base} (emergency)"),
            Some(Ground::Law(LegalBasis::StatutoryDuty)) => format!("{base} (statutory duty)"),
        }
    }
}

/// What permits a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// It is the reader's own household.
    Own,
    /// The consent of this number.
    Consent(i32),
    /// A law.
    Law(LegalBasis),
}

/// One entry of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is.
    pub title: String,
    /// What there is to say.
    pub text: String,
    /// The day it is about.
    pub date: Option<NaiveDate>,
}

/// A section as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The id of the household.
    pub household: String,
    /// What it is about.
    pub kind: Kind,
    /// Its entries, sealed; `None` while nothing was written.
    pub sealed: Option<Vec<u8>>,
    /// When it last changed.
    pub update_time: Option<DateTime<Utc>>,
    /// Grows by one with each change; 0 while nothing was written.
    pub version: i64,
    /// The purposes for which consents in force let it be read.
    pub purposes: Vec<Purpose>,
}

/// A consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The id of the household.
    pub household: String,
    /// The number within the household.
    pub number: i32,
    /// The number of the resident who consented.
    pub resident: i32,
    /// What may be read.
    pub sections: Vec<Kind>,
    /// What for.
    pub purposes: Vec<Purpose>,
    /// The first day on which it no longer holds.
    pub until: NaiveDate,
    /// How it was given.
    pub evidence: String,
    /// When it was recorded.
    pub create_time: DateTime<Utc>,
    /// When it was withdrawn.
    pub withdraw_time: Option<DateTime<Utc>>,
}

impl Consent {
    /// Whether it lets a section be read for a purpose on a day.
    pub fn covers(&self, kind: Kind, purpose: Purpose, day: NaiveDate) -> bool {
        self.holds(day) && self.sections.contains(&kind) && self.purposes.contains(&purpose)
    }

    fn holds(&self, day: NaiveDate) -> bool {
        self.withdraw_time.is_none() && day < self.until
    }
}

/// A consent that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent {
    /// The number of the resident who consents.
    pub resident: i32,
    /// What may be read.
    pub sections: Vec<Kind>,
    /// What for.
    pub purposes: Vec<Purpose>,
    /// The first day on which it no longer holds.
    pub until: NaiveDate,
    /// How it was given.
    pub evidence: String,
}

/// A section is read by a resident of the household, or under a consent that covers section and purpose, or by a law: in
/// an emergency what is medical or of the family's care; under a statutory duty any.
///
/// # Errors
/// `NO_CONSENT`, which says what would do.
pub fn may_read(
    kind: Kind,
    reading: &Reading,
    own: bool,
    consents: &[Consent],
    day: NaiveDate,
) -> Result<Ground, Refusal> {
    if own && reading.purpose == Purpose::OwnFile {
        return Ok(Ground::Own);
    }
    if let Some(consent) = consents.iter().find(|consent| consent.covers(kind, reading.purpose, day)) {
        return Ok(Ground::Consent(consent.number));
    }
    match (reading.basis, kind) {
        (Some(basis @ LegalBasis::StatutoryDuty), _)
        | (Some(basis @ LegalBasis::Emergency), Kind::Medical | Kind::FamilyServices) => {
            Ok(Ground::Law(basis))
        }
        (Some(LegalBasis::Emergency) | None, _) => Err(Refusal::rule(
            "NO_CONSENT",
            format!(
                "no consent in force lets the section {} be read for {}, and no legal basis stands for one",
                kind.as_str(),
                reading.purpose.as_str()
            ),
        )),
    }
}

/// The purposes for which a section can be read under consents on a day.
pub fn purposes(kind: Kind, consents: &[Consent], day: NaiveDate) -> Vec<Purpose> {
    let covered = |purpose: &Purpose| consents.iter().any(|consent| consent.covers(kind, *purpose, day));
    Purpose::ALL.into_iter().filter(covered).collect()
}

/// A consent ends after the day on which it is given, and within five years: nobody consents for ever.
///
/// # Errors
/// It ends at once, or reaches too far.
pub fn may_consent(new: &NewConsent, day: NaiveDate) -> Result<(), Refusal> {
    let latest = day.checked_add_days(Days::new(CONSENT_DAYS_MAX)).unwrap_or(NaiveDate::MAX);
    if new.until <= day {
        return Err(Refusal::rule(
            "ENDS_BEFORE_IT_BEGINS",
            format!("a consent of {day} ends after that day"),
        ));
    }
    if new.until > latest {
        return Err(Refusal::rule("CONSENT_TOO_LONG", format!("a consent of {day} ends by {latest}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(number: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(number)
    }

    fn consent(sections: &[Kind], purposes: &[Purpose], until: u64, withdrawn: bool) -> Consent {
        let time = day(0).and_hms_opt(0, 0, 0).unwrap().and_utc();
        Consent {
            household: "h".into(),
            number: 1,
            resident: 1,
            sections: sections.to_vec(),
            purposes: purposes.to_vec(),
            until: day(until),
            evidence: "form 12".into(),
            create_time: time,
            withdraw_time: withdrawn.then_some(time),
        }
    }

    fn reading(purpose: Purpose, basis: Option<LegalBasis>) -> Reading {
        Reading { purpose, reference: "cases/1".into(), basis }
    }

    fn any<T: Clone + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
        prop::sample::select(all)
    }

    proptest! {
        #[test]
        fn without_a_law_a_stranger_reads_what_a_consent_in_force_names_and_nothing_else(
            kind in any(&Kind::ALL), named in prop::sample::subsequence(&Kind::ALL[..], 0..5),
            purpose in any(&Purpose::ALL), stated in prop::sample::subsequence(&Purpose::ALL[..], 0..9),
            until in 0..20_u64, on in 0..20_u64, withdrawn: bool,
        ) {
            let given = consent(&named, &stated, until, withdrawn);
            let may = may_read(kind, &reading(purpose, None), false, &[given], day(on)).is_ok();
            let should = !withdrawn && on < until && named.contains(&kind) && stated.contains(&purpose);
            prop_assert_eq!(may, should);
        }

        #[test]
        fn residents_read_their_own_file_and_strangers_do_not_by_calling_it_theirs(kind in any(&Kind::ALL)) {
            prop_assert_eq!(may_read(kind, &Reading::own(), true, &[], day(0)), Ok(Ground::Own));
            prop_assert_eq!(may_read(kind, &Reading::own(), false, &[], day(0)).unwrap_err().reason, "NO_CONSENT");
        }
    }

    #[test]
    fn an_emergency_opens_what_is_medical_and_not_what_is_about_work() {
        let emergency = reading(Purpose::CaseHandling, Some(LegalBasis::Emergency));
        let may = |kind| may_read(kind, &emergency, false, &[], day(0));
        assert_eq!(may(Kind::Medical), Ok(Ground::Law(LegalBasis::Emergency)));
        assert!(
            may(Kind::FamilyServices).is_ok() && may(Kind::Employment).is_err() && may(Kind::Rights).is_err()
        );
        let duty = reading(Purpose::CaseHandling, Some(LegalBasis::StatutoryDuty));
        assert!(Kind::ALL.into_iter().all(|kind| may_read(kind, &duty, false, &[], day(0)).is_ok()));
    }

    #[test]
    fn the_record_says_why_and_by_what_right() {
        let told = reading(Purpose::MedicalHelp, None).told(Some(Ground::Consent(3)));
        assert_eq!(told, "medical-help: cases/1 (consent 3)");
    }

    #[test]
    fn nobody_consents_for_ever() {
        let new = |until| NewConsent {
            resident: 1,
            sections: vec![Kind::Medical],
            purposes: vec![Purpose::MedicalHelp],
            until: day(until),
            evidence: "form".into(),
        };
        assert!(may_consent(&new(1), day(0)).is_ok());
        assert_eq!(may_consent(&new(0), day(0)).unwrap_err().reason, "ENDS_BEFORE_IT_BEGINS");
        assert_eq!(may_consent(&new(6 * 366), day(0)).unwrap_err().reason, "CONSENT_TOO_LONG");
    }
}
