-- Short names of pseudonyms, for messages whose addresses have no room for one (role push).
CREATE TABLE push_aliases (
    -- Keyed hash of client and alias, 32 octets, by which it is found: the row in associated data. Immutable.
    id BYTEA PRIMARY KEY NOT NULL,
    -- Account of the client that was given it. Immutable; the client may be gone.
    client_id TEXT NOT NULL,
    -- The pseudonym, sealed. Immutable.
    pseudonym BYTEA NOT NULL,
    -- From when the pseudonym does not resolve.
    ends_us BIGINT NOT NULL,
    -- When it was last given, to the hour. Mutable.
    used_us BIGINT NOT NULL
);
CREATE INDEX push_aliases_used ON push_aliases (client_id, used_us);
CREATE INDEX push_aliases_ends ON push_aliases (ends_us);
