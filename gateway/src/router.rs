//! A trie of path templates.
//!
//! A request is matched segment by segment; at each node a literal is tried before `*`, and `*` before `**`, so the
//! most specific route wins whatever the order of declaration. A verb counts before all of that: `/a/x:go` belongs to
//! a route with the verb `go` if there is one. The search never costs more than the nodes of the trie, however long or
//! hostile the path is.

use std::collections::BTreeMap;
use std::collections::HashMap;

use http::Method;

use crate::template::{Segment, Template};

/// Routes by path and method.
pub(crate) struct Router<T> {
    root: Node<T>,
}

struct Node<T> {
    literals: HashMap<String, Node<T>>,
    single: Option<Box<Node<T>>>,
    /// Routes that end in `**` here.
    multi: Ends<T>,
    /// Routes that end here.
    ends: Ends<T>,
}

/// What ends at a node, by verb; the empty string is no verb.
type Ends<T> = BTreeMap<String, Vec<(Method, T)>>;

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { literals: HashMap::new(), single: None, multi: Ends::new(), ends: Ends::new() }
    }
}

/// What became of a request's path and method.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Match<'r, T> {
    /// The route, and how many bytes of the path's last segment are its verb, the colon included.
    Found { route: &'r T, verb_length: usize },
    /// The path exists, but only with these methods.
    OtherMethods(Vec<Method>),
    /// No route has this path.
    Nothing,
}

impl<T> Router<T> {
    pub(crate) fn new() -> Self {
        Self { root: Node::default() }
    }

    /// Adds a route. When one of the same shape and method is there, gives back that one.
    pub(crate) fn insert(&mut self, template: &Template, method: Method, route: T) -> Result<(), &T> {
        let mut node = &mut self.root;
        let mut multi = false;
        for segment in &template.segments {
            match segment {
                Segment::Literal(text) => node = node.literals.entry(text.clone()).or_default(),
                Segment::Single => node = node.single.get_or_insert_default(),
                Segment::Multi => multi = true,
            }
        }
        let ends = if multi { &mut node.multi } else { &mut node.ends };
        let routes = ends.entry(template.verb.clone().unwrap_or_default()).or_default();
        if let Some(index) = routes.iter().position(|(other, _)| *other == method) {
            return Err(&routes[index].1);
        }
        routes.push((method, route));
        Ok(())
    }

    /// Finds the route of a path given as its decoded segments.
    pub(crate) fn find<'r>(&'r self, method: &Method, segments: &[&str]) -> Match<'r, T> {
        let mut search = Search { method, others: Vec::new() };
        let Some((last, before)) = segments.split_last() else { return Match::Nothing };
        if let Some((stem, verb)) = last.rsplit_once(':')
            && !verb.is_empty()
        {
            let mut trimmed = before.to_vec();
            trimmed.push(stem);
            if let Some(route) = search.walk(&self.root, &trimmed, verb) {
                return Match::Found { route, verb_length: verb.len() + 1 };
            }
        }
        if let Some(route) = search.walk(&self.root, segments, "") {
            return Match::Found { route, verb_length: 0 };
        }
        if search.others.is_empty() { Match::Nothing } else { Match::OtherMethods(search.others) }
    }
}

struct Search<'m> {
    method: &'m Method,
    /// Methods of routes whose path matched but whose method did not.
    others: Vec<Method>,
}

impl Search<'_> {
    fn walk<'r, T>(&mut self, node: &'r Node<T>, segments: &[&str], verb: &str) -> Option<&'r T> {
        let Some((first, rest)) = segments.split_first() else {
            return self.end(&node.ends, verb).or_else(|| self.end(&node.multi, verb));
        };
        if let Some(next) = node.literals.get(*first)
            && let Some(route) = self.walk(next, rest, verb)
        {
            return Some(route);
        }
        if let Some(next) = &node.single
            && !first.is_empty()
            && let Some(route) = self.walk(next, rest, verb)
        {
            return Some(route);
        }
        self.end(&node.multi, verb)
    }

    fn end<'r, T>(&mut self, ends: &'r Ends<T>, verb: &str) -> Option<&'r T> {
        let routes = ends.get(verb)?;
        let found = routes.iter().find(|(method, _)| method == self.method);
        if found.is_none() {
            for (method, _) in routes {
                if !self.others.contains(method) {
                    self.others.push(method.clone());
                }
            }
        }
        found.map(|(_, route)| route)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[(Method, &'static str)]) -> Router<&'static str> {
        let mut router = Router::new();
        for (method, text) in routes {
            router.insert(&Template::parse(text).unwrap(), method.clone(), *text).unwrap();
        }
        router
    }

    fn found(router: &Router<&'static str>, path: &str) -> Option<&'static str> {
        let segments: Vec<&str> = path[1..].split('/').collect();
        match router.find(&Method::GET, &segments) {
            Match::Found { route, .. } => Some(route),
            _ => None,
        }
    }

    #[test]
    fn the_most_specific_route_wins_whatever_the_order() {
        let mut texts =
            ["/a/{x=**}", "/a/{x=*}", "/a/b", "/a/{x=*}/c", "/a/b/{x=*}", "/a/{x=**}:go", "/a/b:go"];
        for _ in 0..texts.len() {
            texts.rotate_left(1);
            let router = router(&texts.map(|text| (Method::GET, text)));
            for (path, text) in [
                ("/a/b", Some("/a/b")),
                ("/a/q", Some("/a/{x=*}")),
                ("/a/b/c", Some("/a/b/{x=*}")),
                ("/a/q/c", Some("/a/{x=*}/c")),
                ("/a/q/d/e", Some("/a/{x=**}")),
                ("/a", Some("/a/{x=**}")),
                ("/a/b:go", Some("/a/b:go")),
                ("/a/q/r:go", Some("/a/{x=**}:go")),
                ("/a/q:stop", Some("/a/{x=*}")),
                ("/b", None),
            ] {
                assert_eq!(found(&router, path), text, "{path}");
            }
        }
    }

    #[test]
    fn a_less_specific_route_serves_a_method_that_the_specific_one_has_not() {
        let router = router(&[(Method::POST, "/a/b"), (Method::GET, "/a/{x}"), (Method::PATCH, "/a/{x}")]);
        assert_eq!(found(&router, "/a/b"), Some("/a/{x}"));
        assert_eq!(
            router.find(&Method::DELETE, &["a", "b"]),
            Match::OtherMethods(vec![Method::POST, Method::GET, Method::PATCH])
        );
        assert_eq!(router.find(&Method::GET, &["a", ""]), Match::Nothing);
    }

    #[test]
    fn routes_of_one_shape_conflict_even_when_their_variables_differ() {
        let mut router = router(&[(Method::GET, "/a/{x}:go")]);
        let same = Template::parse("/{name=a/*}:go").unwrap();
        assert_eq!(router.insert(&same, Method::GET, "second"), Err(&"/a/{x}:go"));
        assert_eq!(router.insert(&same, Method::PUT, "second"), Ok(()));
    }

    /// How specific a template is for a path: smaller is more. None when it does not match.
    fn rank(template: &Template, segments: &[&str]) -> Option<(bool, Vec<u8>)> {
        let (last, before) = segments.split_last()?;
        let mut segments = before.to_vec();
        match (&template.verb, last.rsplit_once(':')) {
            (Some(verb), Some((stem, given))) if verb == given => segments.push(stem),
            (Some(_), _) => return None,
            (None, _) => segments.push(last),
        }
        let mut rank = Vec::new();
        for (index, part) in template.segments.iter().enumerate() {
            match (part, segments.get(index)) {
                (Segment::Multi, _) => {
                    rank.push(2);
                    return Some((template.verb.is_none(), rank));
                }
                (Segment::Literal(text), Some(given)) if text == given => rank.push(0),
                (Segment::Single, Some(given)) if !given.is_empty() => rank.push(1),
                _ => return None,
            }
        }
        (segments.len() == template.segments.len()).then_some((template.verb.is_none(), rank))
    }

    proptest::proptest! {
        #[test]
        fn the_trie_finds_what_a_search_through_all_routes_finds(
            texts in proptest::collection::btree_set("(/(a|b|[*])){0,3}(/a|/[*]|/[*][*])(:x|:y)?", 1..12),
            paths in proptest::collection::vec("(/(a|b|c|)){0,4}/(a|b|c|)(:x|:y|:z|:)?", 1..20),
        ) {
            let mut router = Router::new();
            let templates: Vec<Template> = texts.iter().map(|text| Template::parse(text).unwrap()).collect();
            for (text, template) in texts.iter().zip(&templates) {
                router.insert(template, Method::GET, text.as_str()).unwrap();
            }
            for path in &paths {
                let segments: Vec<&str> = path[1..].split('/').collect();
                let ranked = texts.iter().zip(&templates).filter_map(|(text, one)| Some((rank(one, &segments)?, text.as_str())));
                let expected = ranked.min().map(|(_, text)| text);
                let found = match router.find(&Method::GET, &segments) {
                    Match::Found { route, .. } => Some(*route),
                    _ => None,
                };
                proptest::prop_assert_eq!(found, expected, "{}", path);
            }
        }
    }
}
