//! Every .proto of the suite, the code generated from them, and their descriptor set. Nothing else.
//!
//! The modules follow the packages: `minqing.registry.v1` is [`registry::v1`]. To add a message or an RPC,
//! edit a file below `proto/`; the build compiles it.

/// Registry: divisions, grids, organizations, people, contact chain, households.
pub mod registry {
    /// Version 1.
    #[allow(clippy::all, missing_docs, reason = "generated; the protos carry the documentation")]
    pub mod v1 {
        tonic::include_proto!("minqing.registry.v1");
    }
}

/// Cases: time limits, dispatch, assignments, supervision, satisfaction.
pub mod cases {
    /// Version 1.
    #[allow(clippy::all, missing_docs, reason = "generated; the protos carry the documentation")]
    pub mod v1 {
        tonic::include_proto!("minqing.cases.v1");
    }
}

/// Volunteers: posts, teams, needs, matching, activities, hours, certificates.
pub mod volunteers {
    /// Version 1.
    #[allow(clippy::all, missing_docs, reason = "generated; the protos carry the documentation")]
    pub mod v1 {
        tonic::include_proto!("minqing.volunteers.v1");
    }
}

/// The feed of what happened, the same for every service.
pub mod events {
    /// Version 1.
    #[allow(clippy::all, missing_docs, reason = "generated; the protos carry the documentation")]
    pub mod v1 {
        tonic::include_proto!("minqing.events.v1");
    }
}

/// What of Google's packages is a value here.
pub mod google {
    /// Bodies of HTTP.
    #[allow(clippy::all, missing_docs, reason = "generated; the protos carry the documentation")]
    pub mod api {
        tonic::include_proto!("google.api");
    }
}

/// The encoded `FileDescriptorSet` of every .proto and its imports, with comments and `google.api` options.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
