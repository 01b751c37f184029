//! That messages and domain have the same members: an enumeration of one side is read as one of the other by its place.

use minqing_platform::named::{Named, member, number, optional_member};
use minqing_proto::volunteers::v1 as proto;

use crate::domain::{need, post, team, volunteer};

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
        need::Risk, Risk, "RISK";
        post::Category, PostCategory, "POST_CATEGORY";
        post::Strain, Strain, "STRAIN";
        team::MembershipState, MembershipState, "MEMBERSHIP_STATE";
        volunteer::RealName, RealNameState, "REAL_NAME_STATE";
        volunteer::State, VolunteerState, "VOLUNTEER_STATE";
    }
}
