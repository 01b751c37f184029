//! The comments of the protos.

use std::collections::HashMap;

use prost_reflect::FileDescriptor;

/// Comments by file and place, gathered from a file when it is first asked for.
#[derive(Default)]
pub(crate) struct Comments(HashMap<String, HashMap<Vec<i32>, String>>);

impl Comments {
    /// The comment above a declaration; empty when there is none.
    pub(crate) fn of(&mut self, file: &FileDescriptor, path: &[i32]) -> String {
        let comments = self.0.entry(file.name().to_owned()).or_insert_with(|| gather(file));
        comments.get(path).cloned().unwrap_or_default()
    }
}

fn gather(file: &FileDescriptor) -> HashMap<Vec<i32>, String> {
    let Some(info) = &file.file_descriptor_proto().source_code_info else { return HashMap::new() };
    let commented = info.location.iter().filter_map(|location| {
        let comment = location.leading_comments.as_deref().or(location.trailing_comments.as_deref())?;
        Some((location.path.clone(), tidy(comment)))
    });
    commented.collect()
}

/// Takes off the space after `//`, and keeps the lines: they are Markdown.
fn tidy(comment: &str) -> String {
    let lines: Vec<&str> =
        comment.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    lines.join("\n").trim().to_owned()
}

/// The first sentence of a comment, without its full stop.
pub(crate) fn first_sentence(comment: &str) -> String {
    let text = comment.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end = text.find(". ").unwrap_or(text.len());
    text[..end].trim_end_matches('.').to_owned()
}
