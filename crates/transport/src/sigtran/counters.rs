//! Counts of what happened, readable at any time.

crate::counters::counters! { SigtranCounters, SigtranCounterSnapshot:
    /// Connections made, by either side.
    connections_opened,
    /// Connections that ended.
    connections_closed,
    /// Connections turned away: an address that may not connect, too many, the node stopping.
    connections_refused,
    /// Attempts to connect that failed.
    connect_failures,
    /// Invocations of ours sent.
    invokes_sent,
    /// Invocations of ours that ended with what the peer said: a result, an error, a reject, an abort.
    invokes_answered,
    /// Invocations of ours that had no answer in time.
    timeouts,
    /// Invocations of ours refused at once because too much is under way.
    overloads,
    /// Invocations of ours whose connection was lost.
    lost,
    /// Invocations of ours that came back undelivered (UDTS, XUDTS).
    undelivered,
    /// Invocations of peers handed to the handler.
    invokes_received,
    /// Invocations of peers answered by the handler.
    invokes_handled,
    /// Invocations or dialogues of peers turned away because too many are under way.
    resource_limited,
    /// Dialogues that somebody began who may not.
    strangers,
    /// Dialogues of peers aborted because nothing came any more.
    idle_dialogues,
    /// DATA messages taken.
    data_received,
    /// DATA messages sent, segments counted one by one.
    data_sent,
    /// DATA messages dropped: a point code that may not speak on the association, or a destination that is not ours.
    foreign_data,
    /// M3UA messages that do not decode.
    malformed_m3ua,
    /// SCCP messages that do not decode, or that a connectionless node has no use for.
    malformed_sccp,
    /// Unit data that we could not deliver, returned to its sender or dropped.
    undeliverable,
    /// Messages of ours that no active association leads to, or whose buffer was full.
    unsent,
    /// SCCP management messages without use here, and returned messages that are none of ours.
    stray_sccp,
    /// Segmented messages given up.
    reassembly_failures,
    /// TCAP messages that are unreadable or too long.
    malformed_tcap,
    /// TCAP messages for a dialogue that is not there, or not with that peer.
    stray_dialogues,
    /// System calls that wrote messages.
    writes,
    /// System calls that read messages.
    reads,
}
