-- What the collector of MDT took. No identity, and nothing of a log but names that phones drew.
CREATE TABLE mdt_segments (
    -- Name of the segment or report, 16 octets. Immutable.
    segment BYTEA PRIMARY KEY NOT NULL,
    -- SHA-256 of its sealed octets. Immutable.
    digest BYTEA NOT NULL,
    -- SHA-256 of its erasure token. Immutable.
    erasure BYTEA NOT NULL,
    -- Epoch of the phone, 16 octets. Immutable.
    epoch BYTEA NOT NULL,
    -- Place in the epoch, from 0; null for a report and for what was not opened. Immutable.
    number BIGINT,
    -- Reason of its close record; null where there is none. Immutable.
    ending BIGINT,
    -- The batch of the store of rows that holds its rows, 0 for none. A row counts once the store has that batch. Immutable.
    batch BIGINT NOT NULL,
    -- The signed receipt, given again to whoever asks again. Immutable.
    receipt BYTEA NOT NULL
);
CREATE INDEX mdt_segments_by_erasure ON mdt_segments (erasure);
CREATE INDEX mdt_segments_by_epoch ON mdt_segments (epoch);
CREATE INDEX mdt_segments_by_batch ON mdt_segments (batch);
-- Jobs of MDT whose logs are taken.
CREATE TABLE mdt_jobs (
    -- Trace reference as 234-15-000001: the row in associated data. Immutable.
    job VARCHAR(16) PRIMARY KEY NOT NULL,
    -- The TraceJob as JSON, sealed: it may name a subscriber. Immutable.
    record BYTEA NOT NULL,
    -- When it was stopped, seconds since 1970; null while it runs.
    stopped_s BIGINT
);
