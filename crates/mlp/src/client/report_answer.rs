//! A client's answer to a standard location report.

use crate::{
    answer::{begin, open_versioned},
    position::write_result,
    result::ResultId,
    version::Version,
    write,
};

/// Appends `slra` to `out`, a whole XML document in UTF-8 (OMA MLP section 5.2.3.4.2).
pub fn write_report_answer(out: &mut String, version: Version, result: ResultId, add_info: Option<&str>) {
    begin(out, version);
    open_versioned(out, "slra", version);
    write_result(out, result, add_info);
    write::close(out, "slra");
    out.push_str("</svc_result>");
}
