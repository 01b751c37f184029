//! What is said about a case: words with a fixed meaning, and who and where.

use minqing_platform::code::Code;
use serde::{Deserialize, Serialize};

use minqing_platform::named::named;

named! {
    /// What somebody wants (诉求类型).
    CaseType {
        /// To know something (咨询).
        Consultation = "consultation",
        /// Help with something (求助).
        Help = "help",
        /// That something be done otherwise (建议).
        Suggestion = "suggestion",
        /// Redress for what somebody in office did or left undone (投诉).
        Complaint = "complaint",
        /// That wrongdoing be looked into (举报).
        Report = "report",
        /// That somebody be thanked (表扬).
        Praise = "praise",
    }
}

impl CaseType {
    /// How grave it is to leave a matter of this type unanswered. Moving a case to a milder type takes a second person.
    pub const fn gravity(self) -> u8 {
        match self {
            Self::Report => 5,
            Self::Complaint => 4,
            Self::Help => 3,
            Self::Suggestion => 2,
            Self::Consultation => 1,
            Self::Praise => 0,
        }
    }

    /// Whether it is against somebody, whose eyes it must be kept from.
    pub const fn is_against_somebody(self) -> bool {
        matches!(self, Self::Complaint | Self::Report)
    }
}

named! {
    /// The door through which it came in (渠道).
    Door {
        /// The hotline (热线).
        Hotline = "hotline",
        /// A window of a service centre (窗口).
        Window = "window",
        /// A web page or mini-program (网络).
        Web = "web",
        /// A text message (短信).
        Sms = "sms",
        /// A patrol of a grid (巡查).
        Patrol = "patrol",
        /// A visit to a home (走访).
        Visit = "visit",
        /// A civic diary (民情日记).
        Diary = "diary",
        /// A representatives' studio (代表工作室).
        Studio = "studio",
        /// A proxy on somebody's behalf (代办).
        Proxy = "proxy",
        /// Another system.
        System = "system",
    }
}

named! {
    /// How urgent it is.
    Priority {
        /// By the limits of its type or item.
        Ordinary = "ordinary",
        /// Water, power, gas, heating: 24 hours, round the clock.
        Utility = "utility",
        /// Danger to people: 2 hours, round the clock.
        Emergency = "emergency",
    }
}

named! {
    /// How far whoever raised it wants to be known.
    Anonymity {
        /// Known to those who handle it.
        Open = "open",
        /// Known to the supervision centre only (保密).
        Confidential = "confidential",
        /// Known to nobody: no name and no number were taken (匿名).
        Anonymous = "anonymous",
    }
}

named! {
    /// Why a unit gives a case back (退单).
    ReturnReason {
        /// It is another unit's duty.
        NotOurs = "not_ours",
        /// The place is not in the unit's area.
        NotOurArea = "not_our_area",
        /// Whoever raised it cannot be found or did not say enough to act on.
        TooLittleSaid = "too_little_said",
        /// The same matter is with the unit already.
        Duplicate = "duplicate",
        /// Courts, arbitration or a reconsideration have it, so that a unit may not.
        InProceedings = "in_proceedings",
    }
}

named! {
    /// Why a clock stands still.
    PauseReason {
        /// Whoever raised it was asked something.
        AwaitingCitizen = "awaiting_citizen",
        /// Weather or danger keeps work from being done.
        Weather = "weather",
        /// An expert opinion, a test, a permit of others is awaited.
        ThirdParty = "third_party",
        /// Both sides agreed on a later day.
        Agreed = "agreed",
    }
}

named! {
    /// Why a case is not taken up.
    RejectReason {
        /// No public office is competent.
        NotPublicBusiness = "not_public_business",
        /// Courts, arbitration or a reconsideration have it.
        InProceedings = "in_proceedings",
        /// It was answered finally before.
        AnsweredBefore = "answered_before",
        /// It holds nothing that could be acted on.
        NothingToActOn = "nothing_to_act_on",
    }
}

named! {
    /// How satisfied somebody is (满意度).
    Satisfaction {
        /// Very satisfied.
        VerySatisfied = "very_satisfied",
        /// Satisfied.
        Satisfied = "satisfied",
        /// Neither.
        Neutral = "neutral",
        /// Dissatisfied.
        Dissatisfied = "dissatisfied",
        /// Very dissatisfied.
        VeryDissatisfied = "very_dissatisfied",
    }
}

named! {
    /// With whom somebody is satisfied or not: with the answer, with the unit, or with the centre that took the case.
    Handled {
        /// The outcome itself.
        Outcome = "outcome",
        /// The unit that handled it.
        Unit = "unit",
        /// The supervision centre.
        Centre = "centre",
    }
}

named! {
    /// Which resolved cases are called back (回访).
    CallbackMode {
        /// All of them.
        All = "all",
        /// A sample, drawn by the case's number.
        Sample = "sample",
    }
}

/// Who acts: an officer or an account, and the organization they act for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The person (`people/x`), the account, or `citizen` or `system`.
    pub name: String,
    /// The organization (`organizations/x`).
    pub organization: Option<String>,
}

impl Party {
    /// How whoever raised a case is named in its history and in the feed, whoever they are.
    pub const CITIZEN: &'static str = "citizen";

    /// Whoever raised the case, whose name stands elsewhere.
    pub fn citizen() -> Self {
        Self { name: Self::CITIZEN.to_owned(), organization: None }
    }

    /// Whether this is whoever raised the case.
    pub fn is_citizen(&self) -> bool {
        self.name == Self::CITIZEN
    }

    /// The service itself: a timer.
    pub fn system() -> Self {
        Self { name: "system".to_owned(), organization: None }
    }
}

/// Where it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The narrowest division or grid that is known.
    pub code: Code,
    /// Latitude and longitude, WGS-84, where a point was given.
    pub position: Option<(f64, f64)>,
    /// The address as it was said; may be empty.
    pub address: String,
}

/// How whoever raised it is known. Names and numbers are not here: they are sealed, beside the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// How far they want to be known.
    pub anonymity: Anonymity,
    /// The person in the registry, when they were signed in.
    pub person: Option<String>,
    /// Whether somebody else raised it on their behalf.
    pub by_proxy: bool,
}
