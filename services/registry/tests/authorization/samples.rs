//! A well-formed request for each RPC, on the fixture's records. Those that end a record come last.

/// Where the target of a sample lies.
pub enum Reach {
    /// Nowhere in particular: every appointment reaches it.
    Nowhere,
    /// In the fixture's town.
    Here,
    /// The whole: only an appointment for everywhere reaches it.
    Everywhere,
}

/// A request.
pub struct Sample {
    pub rpc: &'static str,
    pub reach: Reach,
    /// The target is the caller's own by its nature.
    pub own: bool,
    /// As JSON; names of records stand in braces.
    pub request: &'static str,
}

const fn here(rpc: &'static str, request: &'static str) -> Sample {
    Sample { rpc, reach: Reach::Here, own: false, request }
}

const fn nowhere(rpc: &'static str, request: &'static str) -> Sample {
    Sample { rpc, reach: Reach::Nowhere, own: false, request }
}

const fn everywhere(rpc: &'static str, request: &'static str) -> Sample {
    Sample { rpc, reach: Reach::Everywhere, own: false, request }
}

pub const SAMPLES: &[Sample] = &[
    here("GetDivision", r#"{"name": "divisions/321181100"}"#),
    here("BatchGetDivisions", r#"{"names": ["divisions/321181100"]}"#),
    nowhere("ListDivisions", "{}"),
    here("GetGrid", r#"{"name": "grids/321181100201001"}"#),
    nowhere("ListGrids", r#"{"division": "divisions/321181100"}"#),
    nowhere("LocateGrid", r#"{"latitude": 31.9, "longitude": 119.5, "datum": "DATUM_WGS_84"}"#),
    here("GetOrganization", r#"{"name": "organizations/office"}"#),
    nowhere("ListOrganizations", "{}"),
    nowhere("FindResponsible", r#"{"divisionCode": "321181100"}"#),
    nowhere("GetPerson", r#"{"name": "people/member"}"#),
    nowhere("ListPeople", r#"{"divisionCode": "321181100"}"#),
    nowhere("GetAppointment", r#"{"name": "{appointment}"}"#),
    nowhere("ListAppointments", r#"{"parent": "people/member"}"#),
    here("ListAccessRecords", r#"{"parent": "people/member"}"#),
    here("RevealPerson", r#"{"name": "people/member", "purpose": "核对信息"}"#),
    here("GetHousehold", r#"{"name": "{household}"}"#),
    here("ListHouseholds", r#"{"parent": "grids/321181100201001"}"#),
    Sample { rpc: "ListOwnHouseholds", reach: Reach::Nowhere, own: true, request: "{}" },
    here("GetResident", r#"{"name": "{resident}"}"#),
    here("ListResidents", r#"{"parent": "{household}"}"#),
    here(
        "RevealResident",
        r#"{"name": "{resident}", "reading": {"purpose": "READING_PURPOSE_CASE_HANDLING"}}"#,
    ),
    here(
        "FindResident",
        r#"{"division": "divisions/321181100", "identityNumber": "11010519491231002X",
            "reading": {"purpose": "READING_PURPOSE_CASE_HANDLING"}}"#,
    ),
    here(
        "GetHouseholdSection",
        r#"{"name": "{household}/sections/medical", "reading": {"purpose": "READING_PURPOSE_MEDICAL_HELP"}}"#,
    ),
    here("ListConsents", r#"{"parent": "{household}"}"#),
    here("ListHouseholdAccessRecords", r#"{"parent": "{household}"}"#),
    nowhere("ResolveContacts", r#"{"grid": "grids/321181100201001"}"#),
    here("GetContactLink", r#"{"name": "{link}"}"#),
    here("ListContactLinks", r#"{"scope": "grids/321181100201001"}"#),
    here("GetContactCoverage", r#"{"scope": "grids/321181100201001"}"#),
    here("WatchEvents", r#"{"divisionCode": "321181100"}"#),
    // Writes.
    here("CreateDivision", r#"{"division": {"code": "321181100202", "displayName": "新村"}}"#),
    here("UpdateDivision", r#"{"division": {"name": "divisions/321181100201", "displayName": "村"}}"#),
    everywhere("ImportDivisions", r#"{"files": [{"fileName": "f", "content": "Y29kZSxuYW1lCg=="}]}"#),
    here("CreateGrid", r#"{"grid": {"code": "321181100201002", "displayName": "第2网格"}}"#),
    here("UpdateGrid", r#"{"grid": {"name": "grids/321181100201001", "displayName": "第一网格"}}"#),
    here(
        "CreateOrganization",
        r#"{"organization": {"displayName": "x", "kind": "ORGANIZATION_KIND_STUDIO", "divisionCode": "321181100"}}"#,
    ),
    here(
        "BatchCreateOrganizations",
        r#"{"requests": [{"organization":
            {"displayName": "y", "kind": "ORGANIZATION_KIND_STUDIO", "divisionCode": "321181100"}}]}"#,
    ),
    here(
        "UpdateOrganization",
        r#"{"organization": {"name": "organizations/office", "phone": "0511-86520001"},
        "updateMask": "phone"}"#,
    ),
    here("CreatePerson", r#"{"person": {"displayName": "王五", "divisionCode": "321181100"}}"#),
    here(
        "BatchCreatePeople",
        r#"{"requests": [{"person": {"displayName": "王六", "divisionCode": "321181100"}}]}"#,
    ),
    here(
        "UpdatePerson",
        r#"{"person": {"name": "people/member", "workPhone": "0511-86520001"},
        "updateMask": "workPhone"}"#,
    ),
    here(
        "CreateAppointment",
        r#"{"parent": "people/member", "appointment":
        {"role": "ROLE_MEDIATOR", "divisionCode": "321181100201"}}"#,
    ),
    nowhere("FindPerson", r#"{"phone": "13812345678", "purpose": "来电"}"#),
    everywhere("ResolveSubject", r#"{"subject": {"issuer": "https://id.example", "subject": "x"}}"#),
    here("CreateHousehold", r#"{"household": {"grid": "grids/321181100201001", "address": "2号"}}"#),
    here(
        "UpdateHousehold",
        r#"{"household": {"name": "{household}", "address": "1号甲"}, "updateMask": "address"}"#,
    ),
    here(
        "CreateResident",
        r#"{"parent": "{household}", "resident":
        {"displayName": "赵六", "relation": "HOUSEHOLD_RELATION_CHILD"}}"#,
    ),
    here(
        "UpdateResident",
        r#"{"resident": {"name": "{resident}", "displayName": "李四"}, "updateMask": "displayName"}"#,
    ),
    // Each record is asked for its own grid; a header alone lies nowhere.
    nowhere("ImportHouseholds", r#"{"header": {"source": "test"}}"#),
    here("UpdateHouseholdSection", r#"{"section": {"name": "{household}/sections/medical", "entries": []}}"#),
    here(
        "RecordConsent",
        r#"{"parent": "{household}", "consent": {"resident": "{resident}", "sections": ["SECTION_KIND_RIGHTS"],
            "purposes": ["READING_PURPOSE_RIGHTS_PROTECTION"], "until": "2026-12-31", "evidence": "签字"}}"#,
    ),
    here("AssignContacts", r#"{"grid": "grids/321181100201001"}"#),
    here("CreateContactLink", r#"{"contactLink": {"subject": "{household}", "contact": "people/member"}}"#),
    // A GeoJSON file of one grid, 321181100201005: the smallest division that holds all of a file is its target.
    here(
        "ImportGrids",
        r#"{"files": [{"fileName": "f", "content": "eyJ0eXBlIjoiRmVhdHVyZUNvbGxlY3Rpb24iLCJmZWF0dXJlcyI6W3sidHlwZSI6IkZlYXR1cmUiLCJwcm9wZXJ0aWVzIjp7ImNvZGUiOiIzMjExODExMDAyMDEwMDUiLCJuYW1lIjoieCJ9LCJnZW9tZXRyeSI6bnVsbH1dfQ=="}]}"#,
    ),
    // Ends.
    here("WithdrawConsent", r#"{"name": "{consent}"}"#),
    here("EndContactLink", r#"{"name": "{link}"}"#),
    here("EndResident", r#"{"name": "{resident}"}"#),
    here("MoveHousehold", r#"{"name": "{household}", "grid": "grids/321181100201002", "address": "3号"}"#),
    here("EndHousehold", r#"{"name": "{household}"}"#),
    here("EndAppointment", r#"{"name": "{appointment}"}"#),
    here("EndPerson", r#"{"name": "people/member"}"#),
    here("EndOrganization", r#"{"name": "organizations/office"}"#),
    here(
        "SplitGrid",
        r#"{"name": "grids/321181100201001", "successors": [
            {"code": "321181100201011", "displayName": "a"}, {"code": "321181100201012", "displayName": "b"}]}"#,
    ),
    here(
        "MergeGrids",
        r#"{"names": ["grids/321181100201011", "grids/321181100201012"],
            "successor": {"code": "321181100201013", "displayName": "c"}}"#,
    ),
    here("EndGrid", r#"{"name": "grids/321181100201013"}"#),
    here(
        "SplitDivision",
        r#"{"name": "divisions/321181100202", "successors": [
            {"code": "321181100203", "displayName": "a"}, {"code": "321181100204", "displayName": "b"}]}"#,
    ),
    here(
        "MergeDivisions",
        r#"{"names": ["divisions/321181100203", "divisions/321181100204"],
            "successor": {"code": "321181100205", "displayName": "c"}}"#,
    ),
    here("EndDivision", r#"{"name": "divisions/321181100205"}"#),
];
