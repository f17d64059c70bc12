//! Tests of the pseudonym mediation device.
