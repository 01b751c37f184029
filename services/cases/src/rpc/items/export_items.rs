//! ExportItems.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::domain::item_file::{self, BYTES_MAX, ROWS_MAX};
use crate::store::item::Filter;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ExportItemsRequest>,
) -> Result<proto::ExportItemsResponse, Error> {
    let (call, request) = Call::open(request);
    cases.authorize(&call, "ExportItems", Target::NOWHERE)?;
    let filter = Filter {
        department: convert::optional_organization("department", &request.department)?,
        covers: convert::optional_code("covers_code", &request.covers_code)?,
        on: convert::effective_on("effective_on", &request.effective_on, cases.today())?,
        ..Filter::default()
    };
    let limit = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX - 1) + 1;
    let items = cases.store.items(&filter, "", limit).await?;
    let content = item_file::write(&items);
    if items.len() > ROWS_MAX || content.len() > BYTES_MAX {
        let message =
            format!("more than {ROWS_MAX} rows or {BYTES_MAX} bytes; ask for one department at a time");
        return Err(Refusal { kind: Kind::Limit, reason: "EXPORT_TOO_LARGE", message: message.into() }.into());
    }
    Ok(proto::ExportItemsResponse { content, rows: i32::try_from(items.len()).unwrap_or(i32::MAX) })
}
