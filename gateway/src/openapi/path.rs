//! Path templates in OpenAPI's form, where a parameter is one segment: `/v1/{name=divisions/*}` becomes
//! `/v1/divisions/{division}`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use prost_reflect::{DescriptorPool, FieldDescriptor};
use serde_json::{Value, json};

use crate::annotation;
use crate::bind::Binding;
use crate::query::path_of;
use crate::template::Segment;

/// A path in OpenAPI's form.
pub(crate) struct Path {
    pub(crate) text: String,
    pub(crate) parameters: Vec<Parameter>,
}

/// A parameter of a path.
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// The field it fills, alone or with others; none for a bare `*`.
    pub(crate) field: Option<FieldDescriptor>,
    /// The pattern of the variable it belongs to, when that has more than this parameter.
    pattern: Option<String>,
    /// Whether it may hold slashes.
    pub(crate) multi: bool,
}

impl Parameter {
    /// What to say of it besides the comment of its field.
    pub(crate) fn note(&self) -> String {
        let part = match &self.pattern {
            Some(pattern) => format!("A part of `{pattern}`."),
            None => String::new(),
        };
        let multi = if self.multi { " May hold slashes." } else { "" };
        format!("{part}{multi}").trim().to_owned()
    }

    /// Whether the parameter is all of its field, so that the field's type is its type.
    pub(crate) fn is_whole_field(&self) -> bool {
        self.pattern.is_none() && !self.multi
    }

    /// An example for documentation: none is better than a wrong one.
    pub(crate) fn schema(&self) -> Value {
        json!({"type": "string", "minLength": i32::from(!self.multi)})
    }
}

/// Names the parameters of paths. Paths of one shape must have one set of names, or OpenAPI takes them for duplicates.
pub(crate) struct Paths {
    /// The parameter names of each shape that was seen.
    shapes: HashMap<String, Vec<String>>,
    /// The variables of resource patterns by their shape: `divisions/{}` → `division`.
    resources: BTreeMap<String, Vec<String>>,
}

impl Paths {
    pub(crate) fn new(bindings: &[Arc<Binding>]) -> Self {
        let pool = bindings.first().map(|binding| binding.rpc.input.parent_pool().clone());
        Self { shapes: HashMap::new(), resources: pool.as_ref().map(resources).unwrap_or_default() }
    }

    /// The path of a binding.
    pub(crate) fn path(&mut self, binding: &Binding) -> Path {
        let mut parameters = self.parameters(binding);
        let verb = binding.template.verb.as_ref().map(|verb| format!(":{verb}")).unwrap_or_default();
        let shape = render(binding, &vec![String::new(); parameters.len()]) + &verb;
        let chosen = parameters.iter().map(|parameter| parameter.name.clone()).collect();
        let names = self.shapes.entry(shape).or_insert(chosen);
        for (parameter, name) in parameters.iter_mut().zip(names.iter()) {
            parameter.name.clone_from(name);
        }
        Path { text: render(binding, names) + &verb, parameters }
    }

    fn parameters(&self, binding: &Binding) -> Vec<Parameter> {
        let segments = &binding.template.segments;
        let mut parameters: Vec<Parameter> = Vec::new();
        let wild = segments.iter().enumerate().filter(|(_, segment)| !matches!(segment, Segment::Literal(_)));
        for (index, segment) in wild {
            let variable = binding
                .variables
                .iter()
                .find(|variable| variable.start <= index && variable.end.is_none_or(|end| index < end));
            let end = variable.map_or(index + 1, |variable| variable.end.unwrap_or(segments.len()));
            let start = variable.map_or(index, |variable| variable.start);
            let part = &segments[start..end];
            let alone = part.len() == 1;
            let name =
                match variable.and_then(|variable| variable.fields.last().map(|field| (field, variable))) {
                    Some((_, variable)) if alone => path_of(&variable.fields).replace('.', "_"),
                    _ => self.name_in_pattern(part, index - start),
                };
            let field = variable.and_then(|variable| variable.fields.last().cloned());
            let pattern = variable
                .filter(|_| !alone)
                .map(|variable| format!("{}={}", path_of(&variable.fields), pattern(part)));
            parameters.push(Parameter {
                name: unique(name, &parameters),
                field,
                pattern,
                multi: *segment == Segment::Multi,
            });
        }
        parameters
    }

    /// The name of a segment as the resource's own pattern has it, else made from the word before it.
    fn name_in_pattern(&self, part: &[Segment], index: usize) -> String {
        let shape = pattern(part);
        let nth = part[..index].iter().filter(|segment| !matches!(segment, Segment::Literal(_))).count();
        if let Some(name) = self.resources.get(&shape).and_then(|names| names.get(nth)) {
            return name.clone();
        }
        match index.checked_sub(1).and_then(|before| part.get(before)) {
            Some(Segment::Literal(word)) => format!("{}_id", word.replace(['-', '.', '~'], "_")),
            _ => "segment".to_owned(),
        }
    }
}

fn unique(name: String, others: &[Parameter]) -> String {
    let taken = |name: &str| others.iter().any(|other| other.name == name);
    if !taken(&name) {
        return name;
    }
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    numbered.into_iter().find(|name| !taken(name)).unwrap_or(name)
}

fn render(binding: &Binding, names: &[String]) -> String {
    let mut names = names.iter();
    let mut text = String::new();
    for segment in &binding.template.segments {
        text.push('/');
        match segment {
            Segment::Literal(literal) => text.push_str(literal),
            Segment::Single | Segment::Multi => {
                text.push_str(&format!("{{{}}}", names.next().map_or("", String::as_str)));
            }
        }
    }
    text
}

fn pattern(segments: &[Segment]) -> String {
    let texts = segments.iter().map(|segment| match segment {
        Segment::Literal(literal) => literal.as_str(),
        Segment::Single => "*",
        Segment::Multi => "**",
    });
    texts.collect::<Vec<_>>().join("/")
}

/// The patterns of every resource, by what they look like in a template.
fn resources(pool: &DescriptorPool) -> BTreeMap<String, Vec<String>> {
    let mut resources = BTreeMap::new();
    for pattern in pool.all_messages().flat_map(|message| annotation::resource_patterns(&message)) {
        let mut names = Vec::new();
        let mut shape = Vec::new();
        for segment in pattern.split('/') {
            match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => {
                    names.push(name.split('=').next().unwrap_or(name).to_owned());
                    shape.push("*");
                }
                None => shape.push(segment),
            }
        }
        resources.entry(shape.join("/")).or_insert(names);
    }
    resources
}
