//! Posts between messages and domain.

use minqing_platform::field::named;
use minqing_platform::named::number;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;

use crate::domain::post::Post;
use crate::domain::post::import::Report;

/// A post as a message.
pub fn post_message(post: Post) -> proto::Post {
    let insurance_needed = post.needs_insurance();
    proto::Post {
        name: format!("posts/{}", post.id),
        category: number(post.category),
        display_name: post.display_name,
        english_name: post.english_name,
        skills: post.skills,
        requirements: post.requirements,
        risk: number(post.risk),
        age_min: whole(post.age_min),
        age_max: post.age_max.map_or(0, whole),
        insurance_needed,
        strains: post.strains.into_iter().map(number).collect(),
        effective_from: post.effective.from.to_string(),
        effective_to: post.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        version: i32::try_from(post.version).unwrap_or(i32::MAX),
    }
}

/// Reads the name of a post (`posts/x`); gives its last part.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn post_name(field: &str, text: &str) -> Result<String, Violation> {
    named(field, "posts", text)
}

/// A report of an import as a message.
pub fn post_report(report: Report) -> proto::ImportPostsResponse {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    proto::ImportPostsResponse {
        rows: count(report.rows),
        created: count(report.created),
        updated: count(report.updated),
        unchanged: count(report.unchanged),
    }
}

fn whole(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
