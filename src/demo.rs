//! The demo city: the real towns and villages of Danyang, with grids, organizations and people made up around them.
//!
//! It is loaded through the services' own RPCs, as their users would, on the first start; a start that was cut off is
//! gone on with by the next one, since every step can be repeated.

use std::path::Path;

use anyhow::Context as _;
use minqing_platform::identity::issuer::BuiltIn;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_registry::domain::known;

use crate::console::Progress;
use crate::suite::Suite;

mod session;

use session::Session;

/// The day of the edition of the official codes that are carried.
const EDITION: &str = "2023-06-30";

/// The file that says that the city is there.
const DONE: &str = "demo.done";

/// Loads the city, unless it is there.
pub async fn load(suite: &Suite, data: &Path, issuer: &BuiltIn) -> anyhow::Result<()> {
    let done = data.join(DONE);
    if done.exists() {
        return Ok(());
    }
    let session = Session::open(suite, issuer);
    let progress = Progress::begin(1);
    progress.step("divisions: 12 towns and 229 villages of Danyang");
    divisions(&session).await.context("divisions")?;
    progress.done();
    progress.end();
    std::fs::write(&done, "the demo city was loaded\n").with_context(|| done.display().to_string())
}

async fn divisions(session: &Session) -> anyhow::Result<()> {
    let carried = [known::PROVINCE, known::CITIES, known::AREAS, known::STREETS, known::VILLAGES];
    let files = carried.map(|(name, content)| proto::DivisionFile {
        file_name: name.to_owned(),
        content: content.as_bytes().to_vec(),
    });
    let request = proto::ImportDivisionsRequest {
        files: files.to_vec(),
        effective_from: EDITION.to_owned(),
        ..Default::default()
    };
    DivisionServiceClient::new(session.peer()).import_divisions(session.request(request)).await?;
    Ok(())
}
