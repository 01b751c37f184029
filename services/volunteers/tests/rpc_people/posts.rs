//! Kinds of post: what comes with the service, and what a city makes of it.

use std::collections::BTreeMap;

use minqing_proto::volunteers::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

use crate::suite::{Suite, by, fields, refused};

on_both_databases! {
    five_categories_and_32_kinds_come_with_the_service;
    a_city_changes_posts_by_file_and_versions_stay;
    faults_are_named_by_line_and_column_and_nothing_is_kept;
    only_the_corps_of_the_whole_city_imports;
}

async fn list(suite: &Suite, request: proto::ListPostsRequest) -> Vec<proto::Post> {
    // Anybody may: nobody signed in.
    suite.posts().list_posts(Request::new(request)).await.unwrap().into_inner().posts
}

async fn export(suite: &Suite) -> Vec<u8> {
    suite.posts().export_posts(proto::ExportPostsRequest::default()).await.unwrap().into_inner().content
}

async fn import(suite: &Suite, content: &[u8]) -> Result<proto::ImportPostsResponse, Status> {
    let request = proto::ImportPostsRequest {
        file_name: "岗位.csv".into(),
        content: content.to_vec(),
        ..Default::default()
    };
    Ok(suite.posts().import_posts(by("coordinator", "321181", request)).await?.into_inner())
}

async fn five_categories_and_32_kinds_come_with_the_service(database: Database) {
    let suite = Suite::open(&database).await;
    let posts = list(&suite, proto::ListPostsRequest::default()).await;
    let mut kinds: BTreeMap<i32, usize> = BTreeMap::new();
    for post in &posts {
        *kinds.entry(post.category).or_default() += 1;
        assert!(!post.display_name.is_empty() && !post.english_name.is_empty(), "{post:?}");
        // Nobody is sent into danger uninsured.
        assert!(post.insurance_needed || post.risk != i32::from(proto::Risk::High), "{post:?}");
    }
    assert_eq!((posts.len(), kinds.len()), (32, 5));
    let category = proto::PostCategory::SocialHarmony;
    let some =
        list(&suite, proto::ListPostsRequest { category: category.into(), ..Default::default() }).await;
    assert_eq!(some.len(), kinds[&category.into()]);
    let get = proto::GetPostRequest { name: "posts/nothing".into(), version: 0 };
    assert_eq!(refused(suite.posts().get_post(get).await), "NOT_FOUND");
    let wrong = proto::ListPostsRequest { category: 9, ..Default::default() };
    assert_eq!(fields(suite.posts().list_posts(wrong).await), ["category"]);
}

async fn a_city_changes_posts_by_file_and_versions_stay(database: Database) {
    let suite = Suite::open(&database).await;
    let file = export(&suite).await;
    let same = import(&suite, &file).await.unwrap();
    assert_eq!((same.rows, same.unchanged), (32, 32));
    let changed = String::from_utf8(file).unwrap().replace("Policy speaker", "Speaker on policies");
    let done = import(&suite, changed.as_bytes()).await.unwrap();
    assert_eq!((done.updated, done.unchanged), (1, 31));
    let get = async |version| {
        let request = proto::GetPostRequest { name: "posts/policy-speaker".into(), version };
        suite.posts().get_post(request).await.unwrap().into_inner()
    };
    assert_eq!((get(0).await.english_name.as_str(), get(0).await.version), ("Speaker on policies", 2));
    assert_eq!(get(1).await.english_name, "Policy speaker");
    assert_eq!(String::from_utf8(export(&suite).await).unwrap(), changed);
}

async fn faults_are_named_by_line_and_column_and_nothing_is_kept(database: Database) {
    let suite = Suite::open(&database).await;
    let header = "id,category,display_name,english_name,skills,requirements,risk,age_min,age_max,insurance,strains,\
                  effective_from,effective_to\n";
    let row = "new-one,public_affairs,新岗位,New one,,,low,16,,no,,,\n";
    let wrong = row.replace("new-one", "other-one").replace("low", "none");
    let refusal = import(&suite, format!("{header}{row}{wrong}").as_bytes()).await.unwrap_err();
    let details = refusal.get_details_bad_request().unwrap();
    let told = &details.field_violations[0];
    assert_eq!((details.field_violations.len(), told.field.as_str()), (1, "content"));
    assert!(told.description.starts_with("岗位.csv, line 3, column risk: "), "{told:?}");
    assert_eq!(list(&suite, proto::ListPostsRequest::default()).await.len(), 32);
}

async fn only_the_corps_of_the_whole_city_imports(database: Database) {
    let suite = Suite::open(&database).await;
    let content = export(&suite).await;
    for (role, division, allowed) in [
        ("coordinator", "321181", true),
        ("administrator", "", true),
        ("coordinator", "321181100", false),
        ("cadre", "321181", false),
        ("citizen", "", false),
    ] {
        let request = proto::ImportPostsRequest { content: content.clone(), ..Default::default() };
        let answer = suite.posts().import_posts(by(role, division, request)).await;
        assert_eq!(answer.is_ok(), allowed, "{role} of {division:?}: {answer:?}");
    }
    let nobody = suite.posts().import_posts(proto::ImportPostsRequest::default()).await;
    assert_eq!(refused(nobody), "SIGN_IN_NEEDED");
}
