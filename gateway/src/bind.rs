//! Annotated RPCs, bound once at start: which fields the path, the query and the body fill.

use std::sync::Arc;

use http::Method;
use http::uri::PathAndQuery;
use minqing_platform::client::Peer;
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor};

use crate::Error;
use crate::annotation::{self, Rule};
use crate::raw;
use crate::read::{self, WellKnown};
use crate::router::Router;
use crate::template::Template;

/// An RPC and the way to it.
#[derive(Clone)]
pub(crate) struct Rpc {
    /// `package.Service/Method`.
    pub(crate) name: String,
    /// The path of the gRPC request.
    pub(crate) path: PathAndQuery,
    pub(crate) descriptor: MethodDescriptor,
    pub(crate) input: MessageDescriptor,
    pub(crate) output: MessageDescriptor,
    pub(crate) peer: Peer,
    /// The field of a request that says where a stream resumes.
    pub(crate) cursor_in: Option<FieldDescriptor>,
    /// The field of an answer that says where a stream can resume.
    pub(crate) cursor_out: Option<FieldDescriptor>,
}

/// What the body of a request is.
#[derive(Clone, PartialEq)]
pub(crate) enum Body {
    /// Nothing.
    None,
    /// The request, but for what the path holds (`body: "*"`).
    Whole,
    /// One field of the request.
    Field(FieldDescriptor),
}

/// A variable of the path, with its field found.
#[derive(Clone)]
pub(crate) struct Variable {
    pub(crate) fields: Vec<FieldDescriptor>,
    pub(crate) start: usize,
    pub(crate) end: Option<usize>,
    pub(crate) several: bool,
}

/// One HTTP form of an RPC.
#[derive(Clone)]
pub(crate) struct Binding {
    pub(crate) rpc: Arc<Rpc>,
    /// Which of the RPC's forms it is, the main one being 0.
    pub(crate) index: usize,
    pub(crate) method: Method,
    pub(crate) text: String,
    pub(crate) template: Template,
    pub(crate) variables: Vec<Variable>,
    pub(crate) body: Body,
    /// Whether a request without its body cannot be meant.
    pub(crate) body_required: bool,
    pub(crate) response_body: Option<FieldDescriptor>,
    /// The field for the mask of a PATCH, where the gateway derives it.
    pub(crate) update_mask: Option<FieldDescriptor>,
    /// Whether the body of a request is bytes as they are, and no JSON.
    pub(crate) raw_request: bool,
    /// Whether the answer is bytes as they are, and no JSON.
    pub(crate) raw_answer: bool,
}

/// Whether the service writes a field and clients cannot: `OUTPUT_ONLY` or `IDENTIFIER` (AIP-203).
pub(crate) fn is_written_by_service(field: &FieldDescriptor) -> bool {
    let behavior = annotation::behavior(field);
    behavior.output_only || behavior.identifier
}

/// Binds every annotated RPC of every service that has a peer, in the order of the descriptors.
pub(crate) fn bind_all(
    pool: &DescriptorPool,
    route: impl Fn(&str) -> Option<Peer>,
) -> Result<Vec<Arc<Binding>>, Error> {
    let mut bindings = Vec::new();
    for service in pool.services() {
        let Some(peer) = route(service.full_name()) else { continue };
        for descriptor in service.methods() {
            let rules = annotation::http_rules(&descriptor);
            if rules.is_empty() {
                continue;
            }
            let rpc = Arc::new(rpc(descriptor, peer.clone())?);
            for (index, rule) in rules.into_iter().enumerate() {
                bindings.push(Arc::new(bind(&rpc, index, rule)?));
            }
        }
    }
    Ok(bindings)
}

/// Puts the bindings into a router. Two of one shape and method are refused with the names of both RPCs.
pub(crate) fn route_all(bindings: &[Arc<Binding>]) -> Result<Router<Arc<Binding>>, Error> {
    let mut router = Router::new();
    for binding in bindings {
        router.insert(&binding.template, binding.method.clone(), binding.clone()).map_err(|first| {
            Error::Conflict {
                first: first.rpc.name.clone(),
                second: binding.rpc.name.clone(),
                method: binding.method.to_string(),
                template: binding.text.clone(),
            }
        })?;
    }
    Ok(router)
}

fn rpc(descriptor: MethodDescriptor, peer: Peer) -> Result<Rpc, Error> {
    let name = format!("{}/{}", descriptor.parent_service().full_name(), descriptor.name());
    let path = PathAndQuery::try_from(format!("/{name}"))
        .map_err(|_| Error::Binding { rpc: name.clone(), why: "its name is no path".to_owned() })?;
    let cursor = |message: &MessageDescriptor| {
        message.get_field_by_name("cursor").filter(|field| field.kind() == Kind::String && !field.is_list())
    };
    let (input, output) = (descriptor.input(), descriptor.output());
    let streams = descriptor.is_server_streaming();
    Ok(Rpc {
        cursor_in: cursor(&input).filter(|_| streams),
        cursor_out: cursor(&output).filter(|_| streams),
        name,
        path,
        descriptor,
        input,
        output,
        peer,
    })
}

fn bind(rpc: &Arc<Rpc>, index: usize, rule: Rule) -> Result<Binding, Error> {
    let refuse = |why: String| Error::Binding { rpc: rpc.name.clone(), why };
    let template = Template::parse(&rule.template).map_err(|fault| Error::Template {
        rpc: rpc.name.clone(),
        template: rule.template.clone(),
        at: fault.at,
        why: fault.why,
    })?;
    let method = Method::from_bytes(rule.method.as_bytes())
        .map_err(|_| refuse(format!("`{}` is no HTTP method; a custom kind names one", rule.method)))?;
    let body = body(&rpc.input, &rule.body).map_err(&refuse)?;
    let mut variables = Vec::with_capacity(template.variables.len());
    for variable in &template.variables {
        let fields = variable_fields(&rpc.input, &variable.field_path).map_err(&refuse)?;
        variables.push(Variable {
            fields,
            start: variable.start,
            end: variable.end,
            several: variable.several,
        });
    }
    let response_body = match rule.response_body.as_str() {
        "" => None,
        name => Some(
            rpc.output
                .get_field_by_name(name)
                .ok_or_else(|| refuse(format!("response_body `{name}` is no field of the answer")))?,
        ),
    };
    if rpc.descriptor.is_client_streaming() && body == Body::None {
        return Err(refuse("takes a stream of messages, so its binding needs a body".to_owned()));
    }
    if method == Method::GET && body != Body::None {
        return Err(refuse("a GET has no body".to_owned()));
    }
    let is_mask = |field: &FieldDescriptor| {
        let kind = field.kind();
        let message = kind.as_message();
        !field.is_list() && message.and_then(read::well_known) == Some(WellKnown::FieldMask)
    };
    let update_mask = match &body {
        Body::Field(field) if method == Method::PATCH && matches!(field.kind(), Kind::Message(_)) => {
            rpc.input.get_field_by_name("update_mask").filter(is_mask)
        }
        _ => None,
    };
    let body_required = matches!(&body, Body::Field(field) if annotation::behavior(field).required);
    let raw_request = match &body {
        Body::None => false,
        Body::Whole => raw::is_body(&rpc.input),
        Body::Field(field) => raw::is_body_field(field),
    };
    let raw_answer = response_body.as_ref().map_or_else(|| raw::is_body(&rpc.output), raw::is_body_field);
    let rpc = rpc.clone();
    let text = rule.template;
    Ok(Binding {
        rpc,
        index,
        method,
        text,
        template,
        variables,
        body,
        body_required,
        response_body,
        update_mask,
        raw_request,
        raw_answer,
    })
}

fn body(input: &MessageDescriptor, name: &str) -> Result<Body, String> {
    match name {
        "" => Ok(Body::None),
        "*" => Ok(Body::Whole),
        name => input
            .get_field_by_name(name)
            .map(Body::Field)
            .ok_or_else(|| format!("body `{name}` is no field of the request")),
    }
}

/// The fields on the way to what a path variable fills: single messages, then a scalar.
fn variable_fields(input: &MessageDescriptor, path: &[String]) -> Result<Vec<FieldDescriptor>, String> {
    let mut fields: Vec<FieldDescriptor> = Vec::with_capacity(path.len());
    let mut message = Some(input.clone());
    for name in path {
        let field = message.as_ref().and_then(|message| message.get_field_by_name(name));
        let field =
            field.ok_or_else(|| format!("`{}` in its path is no field of the request", path.join(".")))?;
        if field.is_list() || field.is_map() {
            return Err(format!("`{}` in its path is repeated", path.join(".")));
        }
        message = field.kind().as_message().filter(|inner| read::well_known(inner).is_none()).cloned();
        fields.push(field);
    }
    let kind = fields.last().map(FieldDescriptor::kind);
    let as_text = match kind.as_ref().and_then(Kind::as_message) {
        None => true,
        Some(inner) => {
            matches!(
                read::well_known(inner),
                Some(WellKnown::Wrapper | WellKnown::Time | WellKnown::FieldMask)
            )
        }
    };
    if as_text {
        Ok(fields)
    } else {
        Err(format!("`{}` in its path cannot be written as text", path.join(".")))
    }
}
