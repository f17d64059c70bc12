//! Messages of TS 32.423 clause G.2, typed by hand, as far as they are read. What is not named here is passed over by the decoder:
//! `nf_instance_id` (2), `trace_recording_session_ref` (5, the log has its own), `ran_ue_id` (7), `vendor_extension` (9).

/// TraceRecordHeader.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TraceRecordHeader {
    #[prost(int64, tag = "1")]
    pub(super) time_stamp: i64,
    #[prost(string, tag = "3")]
    pub(super) nf_type: String,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) trace_reference: Vec<u8>,
    #[prost(int32, tag = "6")]
    pub(super) trace_rec_type_id: i32,
    #[prost(string, optional, tag = "8")]
    pub(super) payload_schema_uri: Option<String>,
}

/// TraceRecordingSessionDroppedEvents.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DroppedEvents {
    #[prost(int64, tag = "1")]
    pub(super) number: i64,
}

/// CommonTracePayload, of which one member says more than that it is there.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct CommonTracePayload {
    #[prost(message, optional, tag = "6")]
    pub(super) dropped: Option<DroppedEvents>,
}

/// TraceRecordPayload: size and content. The size says nothing that the content does not.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TraceRecordPayload {
    #[prost(bytes = "vec", tag = "2")]
    pub(super) content: Vec<u8>,
}

/// TraceRecord: a header and two payloads, which are kept as octets first.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TraceRecord {
    #[prost(message, optional, tag = "1")]
    pub(super) header: Option<TraceRecordHeader>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(super) second: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(super) third: Option<Vec<u8>>,
}
