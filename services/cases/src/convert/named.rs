//! That messages and domain have the same members: an enumeration of one side is read as one of the other by its place.

use minqing_platform::named::{Named, member, number, optional_member};
use minqing_proto::cases::v1 as proto;

use crate::domain::{case, figures, observation};

/// Every member has the same name on both sides.
fn agree<T: Named>(prefix: &str, name: impl Fn(i32) -> Option<&'static str>) {
    for member in T::MEMBERS {
        let text = format!("{prefix}_{}", member.text().to_uppercase());
        assert_eq!(name(number(*member)), Some(text.as_str()));
        assert!(optional_member::<T>("f", number(*member)).unwrap() == Some(*member));
    }
    let after = i32::try_from(T::MEMBERS.len()).unwrap() + 1;
    assert_eq!(name(after), None, "a member of the message that the domain does not have");
    assert_eq!(optional_member::<T>("f", after).err().unwrap().reason, "INVALID_ENUM");
    assert_eq!(member::<T>("f", 0).err().unwrap().reason, "REQUIRED_FIELD");
}

macro_rules! agree {
    ($($domain:path, $proto:ident, $prefix:literal;)+) => {
        $(agree::<$domain>($prefix, |number| proto::$proto::try_from(number).ok().map(|member| member.as_str_name()));)+
    };
}

#[test]
fn messages_and_domain_have_the_same_members_in_the_same_order() {
    agree! {
        case::CaseType, CaseType, "CASE_TYPE";
        case::Door, Door, "DOOR";
        case::Priority, Priority, "PRIORITY";
        case::Anonymity, Anonymity, "ANONYMITY";
        case::Status, CaseStatus, "CASE_STATUS";
        case::Clock, Clock, "CLOCK";
        case::RejectReason, RejectReason, "REJECT_REASON";
        case::Satisfaction, Satisfaction, "SATISFACTION";
        case::Handled, Handled, "HANDLED";
        case::AssignmentStatus, AssignmentStatus, "ASSIGNMENT_STATUS";
        case::PauseReason, PauseReason, "PAUSE_REASON";
        case::ReturnReason, ReturnReason, "RETURN_REASON";
        case::ToldKind, SupervisionKind, "SUPERVISION_KIND";
        case::Orphan, OrphanReason, "ORPHAN_REASON";
        figures::Axis, FigureAxis, "FIGURE_AXIS";
        figures::Grouping, FigureGrouping, "FIGURE_GROUPING";
        figures::Rate, FigureRate, "FIGURE_RATE";
        figures::Part, FigurePart, "FIGURE_PART";
        figures::LeftOut, LeftOutReason, "LEFT_OUT_REASON";
        observation::Kind, ObservationKind, "OBSERVATION_KIND";
        observation::Class, ObservationClass, "OBSERVATION_CLASS";
        observation::State, ObservationState, "OBSERVATION_STATE";
    }
}
