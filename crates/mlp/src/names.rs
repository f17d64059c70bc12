//! Names of elements that the standard defines, to tell them from extensions.

/// Elements of OMA MLP sections 5.2.2 and 5.2.3 that can occur in requests, in order. An extension may not reuse one
/// (section 5.1.2), so one of these at a place where it does not belong is a syntax error and not an extension.
const ELEMENTS: &[&str] = &[
    "CoordinateReferenceSystem",
    "Identifier",
    "MapRequest",
    "MotionStateRequest",
    "ReferencePoint",
    "alt_acc",
    "analytic_report",
    "applicationid",
    "batch_cond",
    "cc",
    "cgi",
    "change_area",
    "client",
    "code",
    "codeSpace",
    "codeword",
    "duration",
    "edition",
    "eme_lir",
    "eqop",
    "esrd",
    "esrk",
    "geo_info",
    "gsm_net_param",
    "hdr",
    "hlir",
    "hor_acc",
    "id",
    "interval",
    "lcs_ref",
    "ll_acc",
    "loc_type",
    "max_loc_age",
    "msid",
    "msid_group",
    "msid_range",
    "msids",
    "ndc",
    "prio",
    "pushaddr",
    "pwd",
    "qop",
    "req_id",
    "requestmode",
    "requestor",
    "resp_req",
    "resp_timer",
    "service_coverage",
    "serviceid",
    "serving_node_privacy_action",
    "session",
    "sessionid",
    "slir",
    "start_msid",
    "start_time",
    "stop_msid",
    "stop_time",
    "subclient",
    "supl_support_params",
    "supported_shapes",
    "svc_init",
    "target_serving_node",
    "tlrqr",
    "tlrr",
    "tlrr_event",
    "tlrsr",
    "trans_id",
    "url",
];

/// The name as the standard spells it, if it defines an element of this name for requests.
pub(crate) fn defined(name: &str) -> Option<&'static str> {
    ELEMENTS.binary_search(&name).ok().and_then(|at| ELEMENTS.get(at)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_so_that_they_can_be_searched() {
        assert!(ELEMENTS.is_sorted_by(|a, b| a < b));
        assert_eq!(defined("msid"), Some("msid"));
        assert_eq!(defined("ReferencePoint"), Some("ReferencePoint"));
        assert_eq!(defined("truckco_extension"), None);
    }
}
