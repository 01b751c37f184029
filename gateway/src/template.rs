//! Path templates, as `google.api.http` writes them (AIP-127).
//!
//! ```text
//! Template  = "/" Segments [ ":" LITERAL ]
//! Segments  = Segment { "/" Segment }
//! Segment   = "*" | "**" | LITERAL | Variable
//! Variable  = "{" FieldPath [ "=" Segments ] "}"
//! FieldPath = IDENT { "." IDENT }
//! ```
//!
//! `**` matches none, one or several segments and must be the last; variables do not nest.

/// One part of a path between slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// This text and no other.
    Literal(String),
    /// Any one segment that is not empty.
    Single,
    /// All that is left, even nothing.
    Multi,
}

/// A part of the path that fills a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// The way to the field, by proto names.
    pub(crate) field_path: Vec<String>,
    /// The first segment it holds.
    pub(crate) start: usize,
    /// One past the last segment it holds; none when it runs to the end of the path.
    pub(crate) end: Option<usize>,
    /// Whether its pattern has several segments, so that an encoded slash stays encoded.
    pub(crate) several: bool,
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Segment>,
    pub(crate) verb: Option<String>,
    pub(crate) variables: Vec<Variable>,
}

/// Why a template is refused, and the byte where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) why: &'static str,
}

impl Template {
    /// Parses a template, or says where it goes wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut parser = Parser { text, at: 0 };
        if !parser.take("/") {
            return Err(parser.fault("a template begins with `/`"));
        }
        let mut template = Self { segments: Vec::new(), verb: None, variables: Vec::new() };
        parser.segments(&mut template, false)?;
        if parser.take(":") {
            template.verb = Some(parser.literal()?);
        }
        if parser.at < text.len() {
            return Err(parser.fault("a segment, `/` or `:` is expected here"));
        }
        template.check(text.len())?;
        Ok(template)
    }

    fn check(&self, end: usize) -> Result<(), Fault> {
        let before_last = self.segments.len().saturating_sub(1);
        if self.segments[..before_last].contains(&Segment::Multi) {
            return Err(Fault { at: end, why: "`**` must be the last segment" });
        }
        for (index, variable) in self.variables.iter().enumerate() {
            if self.variables[..index].iter().any(|other| other.field_path == variable.field_path) {
                return Err(Fault { at: end, why: "a field is bound twice" });
            }
        }
        Ok(())
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn fault(&self, why: &'static str) -> Fault {
        Fault { at: self.at, why }
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn segments(&mut self, template: &mut Template, in_variable: bool) -> Result<(), Fault> {
        loop {
            if self.take("{") {
                if in_variable {
                    return Err(self.fault("variables do not nest"));
                }
                self.variable(template)?;
            } else if self.take("**") {
                template.segments.push(Segment::Multi);
            } else if self.take("*") {
                template.segments.push(Segment::Single);
            } else {
                let literal = self.literal()?;
                template.segments.push(Segment::Literal(literal));
            }
            if !self.take("/") {
                return Ok(());
            }
        }
    }

    fn variable(&mut self, template: &mut Template) -> Result<(), Fault> {
        let mut field_path = vec![self.identifier()?];
        while self.take(".") {
            field_path.push(self.identifier()?);
        }
        let start = template.segments.len();
        if self.take("=") {
            self.segments(template, true)?;
        } else {
            template.segments.push(Segment::Single);
        }
        if !self.take("}") {
            return Err(self.fault("`}` is expected here"));
        }
        let to_end = template.segments.last() == Some(&Segment::Multi);
        let several = to_end || template.segments.len() - start > 1;
        let end = (!to_end).then_some(template.segments.len());
        template.variables.push(Variable { field_path, start, end, several });
        Ok(())
    }

    fn identifier(&mut self) -> Result<String, Fault> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if length == 0 || rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.fault("a field name is expected here"));
        }
        self.at += length;
        Ok(rest[..length].to_owned())
    }

    /// Literals are the unreserved characters of RFC 3986; none of them needs an escape in a path.
    fn literal(&mut self) -> Result<String, Fault> {
        let rest = &self.text[self.at..];
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.' | '~'))
            .unwrap_or(rest.len());
        if length == 0 {
            return Err(self.fault("a literal, `*`, `**` or `{` is expected here"));
        }
        self.at += length;
        Ok(rest[..length].to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Segment {
        Segment::Literal(text.to_owned())
    }

    #[test]
    fn every_part_of_the_grammar_is_read() {
        let template = Template::parse("/v1/{book.name=shelves/*/books/*}/{page}:turn").unwrap();
        assert_eq!(
            template.segments,
            [
                literal("v1"),
                literal("shelves"),
                Segment::Single,
                literal("books"),
                Segment::Single,
                Segment::Single
            ]
        );
        assert_eq!(template.verb.as_deref(), Some("turn"));
        let [book, page] = template.variables.as_slice() else { panic!("two variables") };
        assert_eq!(
            (book.field_path.as_slice(), book.start, book.end),
            (&["book".into(), "name".into()][..], 1, Some(5))
        );
        assert!(book.several && !page.several);
        let open = Template::parse("/v1/{path=files/**}").unwrap();
        assert_eq!((open.variables[0].end, open.variables[0].several), (None, true));
        assert!(!Template::parse("/v1/{id=*}").unwrap().variables[0].several);
    }

    #[test]
    fn a_template_outside_the_grammar_is_refused_with_the_place() {
        for (text, at) in [
            ("v1", 0),
            ("/", 1),
            ("/v1/", 4),
            ("/v1//a", 4),
            ("/v1/{a", 6),
            ("/v1/{a={b}}", 8),
            ("/v1/{a=**}/b", 12),
            ("/v1/{9a}", 5),
            ("/v1/{a.}", 7),
            ("/v1/a b", 5),
            ("/v1/a:", 6),
            ("/v1/a:b/c", 7),
            ("/v1/a*", 5),
            ("/v1/{a}/{a}", 11),
        ] {
            let fault = Template::parse(text).unwrap_err();
            assert_eq!(fault.at, at, "{text}: {}", fault.why);
        }
    }
}
