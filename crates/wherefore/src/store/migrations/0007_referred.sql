-- Deferred requests of clients here that the home gateways of others wait for (docs/deferred.md).
CREATE TABLE referred (
    -- Name of the request, random, 16 octets: the row in associated data. Immutable.
    id BYTEA PRIMARY KEY NOT NULL,
    -- Account, home gateway, what that knows it by, and how far it came; sealed. Mutable.
    head BYTEA NOT NULL,
    -- What was asked, and what the door needs to write reports; sealed. Immutable.
    request BYTEA NOT NULL
);
