//! The catalogue, and the rules of dispatch.

use super::{Sample, here, nowhere};

pub const SAMPLES: &[Sample] = &[
    here(
        "CreateItem",
        r#"{"itemId": "lamp", "item": {"displayName": "路灯维修", "divisionCode": "321181100",
            "department": "organizations/water", "levels": ["ITEM_LEVEL_TOWN"], "promisedLimit": {"workingDays": 3}}}"#,
    ),
    nowhere("GetItem", r#"{"name": "items/lamp"}"#),
    nowhere("ListItems", "{}"),
    nowhere("ExportItems", "{}"),
    here(
        "UpdateItem",
        r#"{"item": {"name": "items/lamp", "displayName": "路灯"}, "updateMask": "displayName"}"#,
    ),
    // Each row is asked for its own area; a file without rows lies nowhere.
    nowhere("ImportItems", "{}"),
    here(
        "CreateDispatchRule",
        r#"{"dispatchRuleId": "lamp", "dispatchRule": {"displayName": "路灯", "divisionCode": "321181100",
            "caseTypes": ["CASE_TYPE_HELP"], "organization": "organizations/water"}}"#,
    ),
    nowhere("GetDispatchRule", r#"{"name": "dispatchRules/lamp"}"#),
    nowhere("ListDispatchRules", "{}"),
    here(
        "UpdateDispatchRule",
        r#"{"dispatchRule": {"name": "dispatchRules/lamp", "displayName": "灯"}, "updateMask": "displayName"}"#,
    ),
    here("SuggestDispatch", r#"{"text": "路灯不亮", "divisionCode": "321181100"}"#),
    // Ends.
    here("DeleteDispatchRule", r#"{"name": "dispatchRules/lamp"}"#),
    here("EndItem", r#"{"name": "items/lamp"}"#),
];
