-- Revoked pseudonyms: how often, by what. What is assigned is kept nowhere.
CREATE TABLE pseudonym_revocations (
    -- Keyed hash of what is revoked, 32 octets, by which it is found: the row in associated data. Immutable.
    id BYTEA PRIMARY KEY NOT NULL,
    -- What is revoked, how often and when last, as JSON, sealed, for it names subscribers. Mutable.
    record BYTEA NOT NULL
);
