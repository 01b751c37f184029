//! Finding cases, the same on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_cases::domain::calendar::{CHINA, Calendar};
use minqing_cases::domain::case::{
    Anonymity, Case, CaseType, Command, Door, Identity, Party, Place, Priority, RejectReason, Submission,
};
use minqing_cases::domain::search;
use minqing_cases::store::Shared;
use minqing_cases::store::case::{Act, NewCase, Reporter};
use minqing_cases::store::search::Search;
use minqing_platform::journal::Change;
use minqing_testkit::{Database, on_both_databases};

on_both_databases! {
    a_case_is_found_by_every_word_of_it_and_by_its_number;
    all_words_must_be_there_and_the_newest_comes_first;
    pages_hold_every_case_once;
    each_filter_leaves_out_what_is_not_so;
    a_case_that_moved_is_found_where_it_stands_now;
    a_period_is_kept_to_the_instant;
    what_is_against_somebody_is_left_out_and_does_not_shorten_a_page;
    areas_are_taken_together_whatever_their_level;
    rare_characters_and_long_texts_are_found;
    a_search_that_finds_little_goes_on_where_it_broke_off;
}

/// No case.
pub const NOTHING: [u32; 0] = [];

/// What raises cases, each an hour after the one before.
pub struct Raiser {
    pub store: Shared,
    calendar: Calendar,
    pub raised: u32,
}

pub fn start() -> DateTime<Utc> {
    "2026-01-05T02:00:00Z".parse().unwrap()
}

fn clerk() -> Party {
    Party { name: "people/clerk".into(), organization: Some("organizations/centre".into()) }
}

/// A case as it may be changed before it is raised.
pub fn new(title: &str) -> Submission {
    Submission {
        number: String::new(),
        kind: CaseType::Help,
        door: Door::Hotline,
        priority: Priority::Ordinary,
        title: title.into(),
        content: String::new(),
        place: Place { code: "321181001001005".parse().unwrap(), position: None, address: String::new() },
        item: None,
        identity: Identity { anonymity: Anonymity::Open, person: None, by_proxy: false },
        against: Vec::new(),
        origin: None,
        first_asked: clerk(),
        calendar: minqing_cases::domain::calendar::Ref { id: CHINA.into(), version: 1 },
    }
}

impl Raiser {
    pub async fn open(database: &Database) -> Self {
        Self::with(super::open(database).await).await
    }

    pub async fn with(store: Shared) -> Self {
        let founding = Change::by_system(start());
        store.found_calendars(&founding, minqing_cases::domain::calendar::national::carried()).await.unwrap();
        let record = store.calendar(CHINA, None).await.unwrap().unwrap();
        let national = store.national(record.edition.unwrap()).await.unwrap();
        let calendar = Calendar::new(record.reference.clone(), record.facts.rules, national.into());
        Self { store, calendar, raised: 0 }
    }

    fn time(&self) -> DateTime<Utc> {
        start() + TimeDelta::hours(self.raised.into())
    }

    pub async fn raise(&mut self, submission: Submission) -> Case {
        self.raised += 1;
        let change = Change::by_system(self.time());
        let number = format!("20260105{:09}", self.raised);
        let new = NewCase {
            submission: Submission { number, ..submission },
            reporter: Reporter::default(),
            claims: Vec::new(),
        };
        self.store.submit_case(&change, new, clerk(), &self.calendar).await.unwrap()
    }

    pub async fn reject(&self, number: &str) -> Case {
        let command = Command::Reject(RejectReason::AnsweredBefore, "已答复".into());
        let act = Act { number, version: None, command, by: clerk(), calendar: &self.calendar };
        self.store.act(&Change::by_system(self.time() + TimeDelta::hours(1)), act).await.unwrap()
    }

    /// The last digits of the numbers of the cases that are found, the newest first.
    async fn found(&self, search: &Search) -> Vec<u32> {
        let found = self.store.search_cases(search, None, 100).await.unwrap();
        assert_eq!(found.rest, None);
        places(found.cases.iter().map(|(_, case)| case))
    }

    async fn find(&self, query: &str) -> Vec<u32> {
        self.found(&looking_for(query)).await
    }
}

pub fn places<'a>(cases: impl Iterator<Item = &'a Case>) -> Vec<u32> {
    cases.map(|case| case.number[8..].parse().unwrap()).collect()
}

/// Everywhere.
fn looking_for(query: &str) -> Search {
    Search { terms: search::query(query).unwrap(), areas: vec![vec![String::new()]], ..Search::default() }
}

async fn a_case_is_found_by_every_word_of_it_and_by_its_number(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    let place = Place { address: "云阳街道大定村3组".into(), ..new("").place };
    let content = "自来水管漏了三天，𠮷先生的WiFi也坏了".to_owned();
    let case = raiser.raise(Submission { content, place, ..new("小区水管破裂") }).await;
    for query in ["小区", "水管", "破裂", "自来水", "ＷＩＦＩ", "大定村", "定", "𠮷", "水", &case.number]
    {
        assert_eq!(raiser.find(query).await, [1], "{query}");
    }
    for query in ["路灯", "水管 路灯", "20260105000000002", "status=submitted", "centre", "organizations"]
    {
        assert_eq!(raiser.find(query).await, NOTHING, "{query}");
    }
    let found = raiser.store.search_cases(&looking_for("水管"), None, 100).await.unwrap();
    assert_eq!(found.cases[0].1, case);
}

async fn all_words_must_be_there_and_the_newest_comes_first(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    for title in ["水管破裂", "路灯不亮", "水管旁路灯不亮", "路灯下水管破裂"] {
        raiser.raise(new(title)).await;
    }
    assert_eq!(raiser.find("水管").await, [4, 3, 1]);
    assert_eq!(raiser.find("路灯").await, [4, 3, 2]);
    assert_eq!(raiser.find("路灯 水管").await, [4, 3]);
    assert_eq!(raiser.find("水管 路灯 破裂").await, [4]);
    assert_eq!(raiser.find("的水管，破裂了😡").await, [4, 1]);
}

async fn pages_hold_every_case_once(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    for number in 1..=10 {
        raiser.raise(new(if number % 3 == 0 { "路灯" } else { "水管" })).await;
    }
    let search = looking_for("水管");
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let page = raiser.store.search_cases(&search, before, 3).await.unwrap();
        seen.extend(places(page.cases.iter().map(|(_, case)| case)));
        match page.cases.last() {
            Some((seq, _)) => before = Some(*seq),
            None => break,
        }
        // What comes in while somebody turns pages is on none of the later ones.
        raiser.raise(new("水管")).await;
    }
    assert_eq!(seen, [10, 8, 7, 5, 4, 2, 1]);
}

async fn each_filter_leaves_out_what_is_not_so(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    let mut other = new("水管");
    other.kind = CaseType::Complaint;
    other.door = Door::Window;
    other.place.code = "321181002".parse().unwrap();
    other.item = Some(minqing_cases::domain::case::ItemRef { name: "items/water".into(), version: 0 });
    other.first_asked.organization = Some("organizations/window".into());
    raiser.raise(new("水管")).await;
    raiser.raise(other).await;
    raiser.raise(new("路灯")).await;
    let with = |fact: String| {
        let mut search = looking_for("水管");
        search.terms.insert(fact);
        search
    };
    assert_eq!(raiser.found(&with(search::kind(CaseType::Help))).await, [1]);
    assert_eq!(raiser.found(&with(search::kind(CaseType::Complaint))).await, [2]);
    assert_eq!(raiser.found(&with(search::door(Door::Window))).await, [2]);
    assert_eq!(raiser.found(&with(search::item("items/water"))).await, [2]);
    assert_eq!(raiser.found(&with(search::item("items/wat"))).await, NOTHING);
    assert_eq!(raiser.found(&with(search::owner("organizations/centre"))).await, [1]);
    assert_eq!(raiser.found(&with(search::owner("organizations/window"))).await, [2]);
    for (area, expected) in
        [("321181", vec![2, 1]), ("321181001001", vec![1]), ("321181002", vec![2]), ("32", vec![2, 1])]
    {
        let mut search = looking_for("水管");
        search.areas.push(vec![area.to_owned()]);
        assert_eq!(raiser.found(&search).await, expected, "{area}");
    }
}

async fn a_case_that_moved_is_found_where_it_stands_now(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    let first = raiser.raise(new("水管")).await;
    raiser.raise(new("水管")).await;
    let rejected = raiser.reject(&first.number).await;
    for (status, expected) in [(first.status, 2), (rejected.status, 1)] {
        let mut search = looking_for("水管");
        search.terms.insert(search::status(status));
        assert_eq!(raiser.found(&search).await, [expected], "{status}");
    }
}

async fn a_period_is_kept_to_the_instant(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    for _ in 0..10 {
        raiser.raise(new("水管")).await;
    }
    let hour = |hours| Some(start() + TimeDelta::hours(hours));
    let micro = TimeDelta::microseconds(1);
    for (from, before, expected) in [
        (hour(3), hour(6), vec![5, 4, 3]),
        (hour(3).map(|from| from + micro), hour(6).map(|before| before + micro), vec![6, 5, 4]),
        (hour(9), None, vec![10, 9]),
        (None, hour(2), vec![1]),
        (hour(20), None, vec![]),
        (None, hour(-20), vec![]),
        (hour(6), hour(3), vec![]),
    ] {
        let search = Search { from, before, ..looking_for("水管") };
        assert_eq!(raiser.found(&search).await, expected, "{from:?} {before:?}");
    }
}

async fn what_is_against_somebody_is_left_out_and_does_not_shorten_a_page(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    for number in 1..=6 {
        let mut submission = new("水管");
        if number % 2 == 0 {
            submission.against = vec!["organizations/waterworks".into(), format!("people/{number}")];
        }
        raiser.raise(submission).await;
    }
    let hidden = |names: &[&str]| Search {
        hidden: names.iter().map(|name| search::against(name)).collect(),
        ..looking_for("水管")
    };
    let ours = hidden(&["organizations/waterworks", "people/x"]);
    assert_eq!(raiser.found(&ours).await, [5, 3, 1]);
    assert_eq!(raiser.found(&hidden(&["people/2", "people/6"])).await, [5, 4, 3, 1]);
    assert_eq!(raiser.found(&hidden(&["organizations/water"])).await, [6, 5, 4, 3, 2, 1]);
    // A page of one holds one, and the page after the last holds nothing and leads nowhere.
    let page = raiser.store.search_cases(&ours, None, 1).await.unwrap();
    assert_eq!(places(page.cases.iter().map(|(_, case)| case)), [5]);
    let end = raiser.store.search_cases(&ours, Some(1), 1).await.unwrap();
    assert_eq!((end.cases.len(), end.rest), (0, None));
}

async fn areas_are_taken_together_whatever_their_level(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    for code in ["321181001001005", "321181001001006", "321181001002001", "321181002", "321181"] {
        let mut submission = new("水管");
        submission.place.code = code.parse().unwrap();
        raiser.raise(submission).await;
    }
    for (within, expected) in [
        (vec![""], vec![5, 4, 3, 2, 1]),
        (vec!["32"], vec![5, 4, 3, 2, 1]),
        (vec!["321181"], vec![5, 4, 3, 2, 1]),
        (vec!["321181001"], vec![3, 2, 1]),
        (vec!["321181001001006"], vec![2]),
        (vec!["321181001001006", "321181002"], vec![4, 2]),
        (vec!["321181001001006", "3211810"], vec![4, 3, 2, 1]),
        (vec!["321182"], vec![]),
        (vec![], vec![]),
    ] {
        let areas = vec![within.iter().map(ToString::to_string).collect()];
        assert_eq!(raiser.found(&Search { areas, ..looking_for("水管") }).await, expected, "{within:?}");
    }
}

async fn rare_characters_and_long_texts_are_found(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    // Ten thousand characters, and what is said last is found as well.
    let content = format!("{}最后说到路灯", "小区水管破裂，".repeat(1_427));
    assert!(content.chars().count() <= 10_000);
    raiser.raise(Submission { content, ..new("长") }).await;
    let numbers: String = (0..2_000).map(|number| format!("{number} ")).collect();
    raiser.raise(Submission { content: numbers, ..new("𪚥𠮷👨‍👩‍👧") }).await;
    raiser.raise(new("😡😡😡")).await;
    for (query, expected) in [("路灯 水管", 1), ("1999", 2), ("𪚥", 2), ("𠮷", 2), ("长", 1)] {
        assert_eq!(raiser.find(query).await, [expected], "{query}");
    }
}

/// Fills the index with so many cases of one word each that a search does not look through all of them in one call.
async fn a_search_that_finds_little_goes_on_where_it_broke_off(database: Database) {
    let mut raiser = Raiser::open(&database).await;
    raiser.raise(new("水管 路灯")).await;
    let many = 9_000;
    let url = database.url();
    let sql = format!(
        "INSERT INTO case_terms (term, seq) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) \
         SELECT t.term, 10 * n.i + t.shift FROM n CROSS JOIN \
         (SELECT '水管' AS term, 0 AS shift UNION ALL SELECT '路灯', 5) t"
    );
    execute(url, &sql).await;
    let (mut before, mut calls, mut seen) = (None, 0, Vec::new());
    loop {
        let page = raiser.store.search_cases(&looking_for("水管 路灯"), before, 5).await.unwrap();
        calls += 1;
        seen.extend(places(page.cases.iter().map(|(_, case)| case)));
        match page.rest {
            Some(rest) => before = Some(rest),
            None => break,
        }
    }
    assert_eq!((calls, seen), (3, vec![1]));
}

pub async fn execute(url: &str, sql: &str) {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite") {
        use sqlx::Connection as _;
        let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    } else {
        use sqlx::Connection as _;
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
}
