//! ImportGrids.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::grid_file::{self, File};

/// The most files of one request.
const FILES_MAX: usize = 20;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ImportGridsRequest>,
) -> Result<proto::ImportGridsResponse, Error> {
    let (call, mut request) = Call::open(request);
    // Whoever may import nowhere is told so before anything is read.
    registry.authorize(&call, "ImportGrids", Target::NOWHERE)?;
    convert::count("files", request.files.len(), 1, FILES_MAX)?;
    let from = convert::date("effective_from", &request.effective_from)?.unwrap_or_else(|| registry.today());
    // There is no request id: importing the same files again changes nothing.
    let change = call.change("ImportGrids", "", &request, registry.clock.now())?;
    let sent = std::mem::take(&mut request.files);
    // Reading checks every boundary, which takes long for large files: off the threads that serve.
    let files = tokio::task::spawn_blocking(move || read(&sent))
        .await
        .map_err(|error| Error::Internal(error.to_string()))??;
    registry.authorize(&call, "ImportGrids", Target::within(&common(&files)))?;
    let imported = registry.store.import_grids(&change, files.into(), from, request.validate_only).await?;
    if !request.validate_only && !imported.changed.is_empty() {
        registry.atlas.take_in(&registry.store, &imported.changed).await;
    }
    let reports = imported.reports.into_iter().map(convert::grid_report).collect();
    Ok(proto::ImportGridsResponse { reports })
}

fn read(files: &[proto::GridFile]) -> Result<Vec<File>, Vec<Violation>> {
    let read = |(index, file): (usize, &proto::GridFile)| {
        grid_file::read(&file.file_name, &file.content).map_err(|faults| {
            let violation = |fault| {
                let mut violation = convert::grid_fault(fault);
                violation.field = format!("files[{index}].content");
                violation
            };
            faults.iter().map(violation).collect::<Vec<_>>()
        })
    };
    files.iter().enumerate().map(read).collect()
}

/// The code of the smallest area that holds every grid of some files: what all codes begin with. Files without grids
/// are of no area in particular, so it takes an appointment for everywhere.
fn common(files: &[File]) -> String {
    let mut codes = files.iter().flat_map(|file| &file.rows).map(|row| row.grid.code.as_str());
    let first = codes.next().unwrap_or_default();
    let shared = |length: usize, code: &str| {
        first.bytes().zip(code.bytes()).take(length).take_while(|(a, b)| a == b).count()
    };
    first[..codes.fold(first.len(), shared)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(codes: &[&str]) -> String {
        let feature = |code: &&str| {
            format!(r#"{{"type":"Feature","properties":{{"code":"{code}","name":"a"}},"geometry":null}}"#)
        };
        let features: Vec<String> = codes.iter().map(feature).collect();
        let content = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        common(&[grid_file::read("g", content.as_bytes()).unwrap()])
    }

    #[test]
    fn the_area_of_files_is_what_all_their_codes_begin_with() {
        assert_eq!(of(&["321181100201001"]), "321181100201001");
        assert_eq!(of(&["321181100201001", "321181100201002", "321181101201001"]), "32118110");
        assert_eq!(of(&["321181100201001", "110101001001001"]), "");
        assert_eq!(of(&[]), "");
    }
}
