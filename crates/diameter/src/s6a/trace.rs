//! A trace session as subscription data (TS 29.272 clause 7.3.63), as far as it asks for MDT (clause 7.3.136, TS 32.422 clause 4.2.8).

use crate::{codec::DecodeError, grammar::grammar, value::Octets};
use std::net::IpAddr;

/// PLMNs that an MDT-Configuration may allow (TS 32.422 clause 5.10.24).
pub const MAX_ALLOWED_PLMNS: usize = 16;

grammar! {
    @group
    /// Trace-Data (TS 29.272 clause 7.3.63).
    #[derive(Debug, Clone, PartialEq, Eq)]
    open TraceData {
        /// PLMN and trace id, three octets each (TS 32.422 clause 5.6).
        req trace_reference: Octets<'a> = TRACE_REFERENCE;
        /// Depth, 0 to 8 (TS 32.422 clause 5.3).
        req trace_depth: u32 = TRACE_DEPTH;
        /// Which kinds of nodes trace (TS 32.422 clause 5.4).
        req trace_ne_type_list: Octets<'a> = TRACE_NE_TYPE_LIST;
        /// Which interfaces they trace (TS 32.422 clause 5.5).
        opt trace_interface_list: Octets<'a> = TRACE_INTERFACE_LIST;
        /// What begins a recording (TS 32.422 clause 5.1).
        req trace_event_list: Octets<'a> = TRACE_EVENT_LIST;
        /// The centre that asked.
        opt omc_id: Octets<'a> = OMC_ID;
        /// Where records go.
        req trace_collection_entity: IpAddr = TRACE_COLLECTION_ENTITY;
        /// What a phone is to measure.
        opt mdt_configuration: MdtConfiguration<'a> = MDT_CONFIGURATION;
    }
}

grammar! {
    @checked
    /// MDT-Configuration (TS 29.272 clause 7.3.136), of which this crate knows what logged MDT needs.
    #[derive(Debug, Clone, PartialEq, Eq)]
    open MdtConfiguration {
        /// 1 is logged MDT alone (TS 32.422 clause 5.9a).
        req job_type: u32 = JOB_TYPE;
        /// Where; everywhere when absent.
        opt area_scope: AreaScope<'a> = AREA_SCOPE;
        /// 1.28 s to 61.44 s are 0 to 7 (TS 32.422 clause 5.10.8).
        opt logging_interval: u32 = LOGGING_INTERVAL;
        /// 600 s to 7200 s are 0 to 5 (TS 32.422 clause 5.10.9).
        opt logging_duration: u32 = LOGGING_DURATION;
        /// Networks where the subscriber's consent holds and the phone may measure; 16 at most.
        many mdt_allowed_plmn_id: [u8; 3] = MDT_ALLOWED_PLMN_ID;
    }
}

impl MdtConfiguration<'_> {
    fn check(&self) -> Result<(), DecodeError> {
        match self.mdt_allowed_plmn_id.get(MAX_ALLOWED_PLMNS) {
            None => Ok(()),
            Some(plmn) => Err(DecodeError::AvpOccursTooManyTimes(crate::value::failed(
                plmn,
                &crate::dictionary::MDT_ALLOWED_PLMN_ID,
            ))),
        }
    }
}

grammar! {
    @group
    /// Area-Scope (TS 29.272 clause 7.3.138): cells and tracking areas of E-UTRA.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open AreaScope {
        /// Cells: PLMN, then 28 bits (TS 29.018 clause 18.4.24).
        many e_utran_cell_global_identity: [u8; 7] = E_UTRAN_CELL_GLOBAL_IDENTITY;
        /// Tracking areas: PLMN, then the code.
        many tracking_area_identity: [u8; 5] = TRACKING_AREA_IDENTITY;
    }
}
