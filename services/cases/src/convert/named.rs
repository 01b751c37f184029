//! Enumerations between messages and domain. Both have the same members in the same order; a message has one more before
//! them, which says nothing.

use minqing_platform::status::Violation;

use crate::domain::named::Named;

/// A member as a message has it.
pub fn number<T: Named>(member: T) -> i32 {
    let place = T::MEMBERS.iter().position(|other| *other == member).unwrap_or_default();
    i32::try_from(place + 1).unwrap_or_default()
}

/// A member, which may be left out, as a message has it.
pub fn optional_number<T: Named>(member: Option<T>) -> i32 {
    member.map_or(0, number)
}

/// Reads a member, which may be left out.
///
/// # Errors
/// There is no such member.
pub fn optional_member<T: Named>(field: &str, number: i32) -> Result<Option<T>, Violation> {
    if number == 0 {
        return Ok(None);
    }
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let member = place.and_then(|place| T::MEMBERS.get(place).copied());
    member
        .map(Some)
        .ok_or_else(|| Violation::new(field, "INVALID_ENUM", format!("{number} has no meaning here")))
}

/// Reads a member.
///
/// # Errors
/// It is left out, or there is no such member.
pub fn member<T: Named>(field: &str, number: i32) -> Result<T, Violation> {
    optional_member(field, number)?.ok_or_else(|| Violation::required(field))
}

#[cfg(test)]
mod tests {
    use minqing_proto::cases::v1 as proto;

    use super::*;
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
}
