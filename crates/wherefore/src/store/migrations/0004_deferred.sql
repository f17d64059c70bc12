-- Deferred requests that are not over (docs/deferred.md).
CREATE TABLE deferred (
    -- Name of the request, random, 16 octets: what the client knows it by, and the row in associated data. Immutable.
    id BYTEA PRIMARY KEY NOT NULL,
    -- Account, whom it is about, its reference, what its node was told, its node and its state; sealed. Mutable.
    head BYTEA NOT NULL,
    -- What was asked, and what the door needs to write reports; sealed. Immutable.
    request BYTEA NOT NULL
);
