-- The consent register of MDT. A person is found by keyed hash of each identity that they have or ever had; no identity is kept.
CREATE TABLE consent_persons (
    -- Random name of the record, 16 octets: the row in associated data. Immutable.
    person BYTEA PRIMARY KEY NOT NULL,
    -- Deliveries, decisions, pause, opt-out, hashes and salt as CBOR, sealed. Mutable.
    record BYTEA NOT NULL
);
-- Whose record is looked at for an identity. Rows are never deleted: an opt-out outlives SIM, number and phone.
CREATE TABLE consent_identities (
    -- Keyed hash, 32 octets. Immutable.
    identity_hash BYTEA NOT NULL,
    -- The record. Immutable.
    person BYTEA NOT NULL REFERENCES consent_persons (person),
    PRIMARY KEY (identity_hash, person)
);
-- Notices by name and version; what is published is never changed.
CREATE TABLE consent_notices (
    -- Name and version: the row in associated data. Immutable.
    notice VARCHAR(80) PRIMARY KEY NOT NULL,
    -- The notice as CBOR, sealed. Immutable.
    record BYTEA NOT NULL
);
