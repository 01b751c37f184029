//! Compiles every .proto below `proto/` with protox, so that no protoc is needed.

use std::path::{Path, PathBuf};
use std::{env, error, fs};

use protox::Compiler;

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let mut files = Vec::new();
    collect(Path::new("proto/minqing"), &mut files)?;
    files.sort();

    let mut compiler = Compiler::new(["proto"])?;
    compiler.include_source_info(true).include_imports(true).open_files(&files)?;

    // Only the encoded form keeps the `google.api` options; the gateway and reflection read that one.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    let mut ours = compiler.file_descriptor_set();
    // Of `google.api` only the body of HTTP is ever a value; the rest are annotations, which the descriptors carry.
    let is_body = |file: &prost_types::FileDescriptorProto| file.name() == "google/api/httpbody.proto";
    let mut bodies = ours.clone();
    bodies.file.retain(is_body);
    ours.file.retain(|file| !file.package().starts_with("google.api") || is_body(file));
    let configured = || tonic_prost_build::configure().build_transport(false).compile_well_known_types(false);
    configured().extern_path(".google.api", "crate::google::api").compile_fds(ours)?;
    // After ours, which leaves an empty module for the package that it takes from elsewhere.
    configured().bytes(".google.api.HttpBody.data").compile_fds(bodies)?;
    Ok(())
}

/// Every .proto below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn error::Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
