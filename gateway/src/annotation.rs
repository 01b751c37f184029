//! The `google.api` options of the protos, read as dynamic messages.

use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, MessageDescriptor, MethodDescriptor, Value,
};

/// One HTTP form of an RPC: `google.api.HttpRule` without its additional bindings.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) method: String,
    pub(crate) template: String,
    pub(crate) body: String,
    pub(crate) response_body: String,
}

/// The HTTP forms of an RPC, the main one first; none when it is not annotated.
pub(crate) fn http_rules(method: &MethodDescriptor) -> Vec<Rule> {
    let Some(Value::Message(main)) = option(method.parent_pool(), &method.options(), "google.api.http")
    else {
        return Vec::new();
    };
    let mut rules: Vec<Rule> = rule(&main).into_iter().collect();
    if let Some(Value::List(more)) = main.get_field_by_name("additional_bindings").as_deref() {
        rules.extend(more.iter().filter_map(Value::as_message).filter_map(rule));
    }
    rules
}

fn rule(message: &DynamicMessage) -> Option<Rule> {
    let text = |message: &DynamicMessage, name: &str| {
        message
            .get_field_by_name(name)
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    let (method, template) = if message.has_field_by_name("custom") {
        let custom = message.get_field_by_name("custom")?;
        let custom = custom.as_message()?;
        (text(custom, "kind"), text(custom, "path"))
    } else {
        let verb = ["get", "put", "post", "delete", "patch"];
        let verb = verb.into_iter().find(|verb| message.has_field_by_name(verb))?;
        (verb.to_uppercase(), text(message, verb))
    };
    Some(Rule {
        method,
        template,
        body: text(message, "body"),
        response_body: text(message, "response_body"),
    })
}

/// What `google.api.field_behavior` says of a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Behavior {
    pub(crate) required: bool,
    pub(crate) output_only: bool,
    pub(crate) input_only: bool,
    pub(crate) immutable: bool,
    pub(crate) identifier: bool,
}

/// Reads the behaviour of a field (AIP-203).
pub(crate) fn behavior(field: &FieldDescriptor) -> Behavior {
    let mut behavior = Behavior::default();
    let pool = field.parent_message().parent_pool();
    let Some(Value::List(list)) = option(pool, &field.options(), "google.api.field_behavior") else {
        return behavior;
    };
    for value in list.iter().filter_map(Value::as_enum_number) {
        match value {
            2 => behavior.required = true,
            3 => behavior.output_only = true,
            4 => behavior.input_only = true,
            5 => behavior.immutable = true,
            8 => behavior.identifier = true,
            _ => {}
        }
    }
    behavior
}

/// The name patterns of a resource (AIP-123); none when the message is no resource.
pub(crate) fn resource_patterns(message: &MessageDescriptor) -> Vec<String> {
    let Some(Value::Message(resource)) =
        option(message.parent_pool(), &message.options(), "google.api.resource")
    else {
        return Vec::new();
    };
    let patterns = resource.get_field_by_name("pattern");
    let patterns = patterns.as_deref().and_then(Value::as_list).unwrap_or_default();
    patterns.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn option(pool: &DescriptorPool, options: &DynamicMessage, name: &str) -> Option<Value> {
    let extension = pool.get_extension_by_name(name)?;
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}
