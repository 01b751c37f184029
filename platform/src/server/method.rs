//! What the road knows of every RPC before it is called, read from the descriptor sets.
//!
//! Names in metrics and spans come from here and never from the request, so a caller cannot invent labels.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use prost::Message;
use prost_types::FileDescriptorSet;

/// One RPC.
#[derive(Debug, Clone)]
pub(crate) struct Method {
    /// The full name of its service; `unknown` for a path that no descriptor names.
    pub service: Arc<str>,
    /// Its name within the service.
    pub name: Arc<str>,
    /// The caller sends a stream.
    pub client_streaming: bool,
    /// The answer is a stream.
    pub server_streaming: bool,
    /// Part of the road itself (health, reflection): answered without identity and even under overload, since a
    /// probe that is shed would have a busy process killed.
    pub exempt: bool,
}

impl Method {
    /// A stream in either direction: it may last as long as its caller likes.
    pub fn streaming(&self) -> bool {
        self.client_streaming || self.server_streaming
    }
}

/// Whether a descriptor names the service.
pub(crate) fn has_service(full_name: &str) -> bool {
    METHODS.values().any(|method| &*method.service == full_name)
}

static METHODS: LazyLock<HashMap<String, Arc<Method>>> = LazyLock::new(|| {
    let mut methods = HashMap::new();
    read(&mut methods, minqing_proto::DESCRIPTORS, false);
    read(&mut methods, tonic_health::pb::FILE_DESCRIPTOR_SET, true);
    read(&mut methods, tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET, true);
    read(&mut methods, tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET, true);
    methods
});

/// A path that no descriptor names may be anything, so it is taken for a stream both ways: nothing is buffered for it.
static UNKNOWN: LazyLock<Arc<Method>> = LazyLock::new(|| {
    Arc::new(Method {
        service: "unknown".into(),
        name: "unknown".into(),
        client_streaming: true,
        server_streaming: true,
        exempt: false,
    })
});

/// The RPC at a request path.
pub(crate) fn find(path: &str) -> Arc<Method> {
    METHODS.get(path).unwrap_or(&UNKNOWN).clone()
}

fn read(methods: &mut HashMap<String, Arc<Method>>, descriptors: &[u8], exempt: bool) {
    let set = FileDescriptorSet::decode(descriptors).expect("the build wrote this descriptor set");
    for file in set.file {
        for service in &file.service {
            let full_name: Arc<str> = format!("{}.{}", file.package(), service.name()).into();
            for method in &service.method {
                let path = format!("/{full_name}/{}", method.name());
                let known = Method {
                    service: full_name.clone(),
                    name: method.name().into(),
                    client_streaming: method.client_streaming(),
                    server_streaming: method.server_streaming(),
                    exempt,
                };
                methods.insert(path, Arc::new(known));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_road_knows_streams_and_its_own_services() {
        let watch = find("/grpc.health.v1.Health/Watch");
        assert!(watch.server_streaming && !watch.client_streaming && watch.exempt);
        let get = find("/minqing.registry.v1.DivisionService/GetDivision");
        assert!(!get.server_streaming && !get.exempt);
        assert_eq!((&*get.service, &*get.name), ("minqing.registry.v1.DivisionService", "GetDivision"));
        assert!(find("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo").client_streaming);
    }

    #[test]
    fn a_path_of_no_descriptor_gives_no_label_of_its_own() {
        assert_eq!(&*find("/evil.Service/Name1").service, "unknown");
    }
}
