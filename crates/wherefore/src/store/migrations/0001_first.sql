-- The store of the gateway: clients, subscribers, pending reports.
--
-- The same text runs on SQLite and on PostgreSQL 15: BYTEA for octets, BIGINT for numbers and for times in microseconds since
-- 1970, TEXT for JSON. "Sealed" is AES-256-GCM-SIV under the key of the store, with table, column and row as associated data,
-- so that a value moved to another place does not open.

-- Facts about the store itself.
CREATE TABLE meta (
    -- What: "key_check".
    name TEXT PRIMARY KEY NOT NULL,
    -- The fact. Of key_check: a fixed text, sealed, that opens only with the right key.
    value BYTEA NOT NULL
);

-- LCS clients (TS 23.271 Table 10.7).
CREATE TABLE clients (
    -- Account with which the client authenticates. Immutable.
    id TEXT PRIMARY KEY NOT NULL,
    -- The record as JSON, without id, external identities and targets. Mutable.
    record TEXT NOT NULL,
    -- The authorised UE list as JSON, sealed, for it names subscribers. NULL: any subscriber. Mutable.
    targets BYTEA,
    -- Argon2id hash of the secret in PHC form. NULL: authenticates by certificate only. Mutable.
    secret_phc TEXT,
    -- Counts the changes, from 1.
    version BIGINT NOT NULL,
    -- When made. Immutable.
    created_us BIGINT NOT NULL,
    -- When last changed.
    updated_us BIGINT NOT NULL
);

-- External identities of clients: the numbers under which subscribers list them.
CREATE TABLE client_external_ids (
    -- Whose.
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    -- Position in the client's list, from 0; the first is its main identity.
    position BIGINT NOT NULL,
    -- The number, as "+4930123456". Not unique: a client group shares one.
    number TEXT NOT NULL,
    -- Logical name that goes with it. NULL: the client's name.
    name TEXT,
    PRIMARY KEY (client_id, position)
);
CREATE INDEX client_external_ids_number ON client_external_ids (number);

-- Subscribers and their privacy profiles (TS 23.271 clause 10.3.2). A row that is gone means "no profile": denied.
CREATE TABLE profiles (
    -- Random name of the row, 16 octets: the row in associated data. Immutable.
    subscriber BYTEA PRIMARY KEY NOT NULL,
    -- Keyed hash of the IMSI, 32 octets, by which it is found. NULL: not known. Mutable.
    imsi_hash BYTEA UNIQUE,
    -- Keyed hash of the MSISDN, 32 octets. NULL: not known. Mutable.
    msisdn_hash BYTEA UNIQUE,
    -- IMSI and MSISDN as JSON, sealed. Mutable.
    identities BYTEA NOT NULL,
    -- Salt of the subscriber's keys in the disclosure log, 16 octets, sealed. Immutable. Destroying it erases those entries.
    salt BYTEA NOT NULL,
    -- The profile as JSON, sealed: with codewords, requestors and coordinates. Mutable.
    profile BYTEA NOT NULL,
    -- Counts the changes, from 1.
    version BIGINT NOT NULL,
    -- When made. Immutable.
    created_us BIGINT NOT NULL,
    -- When last changed.
    updated_us BIGINT NOT NULL
);

-- Reports to deliver: kept until delivered or out of date.
CREATE TABLE outbox (
    -- Random name of the row, 16 octets: the row in associated data. Immutable.
    id BYTEA PRIMARY KEY NOT NULL,
    -- "slirep" (answer to an asynchronous request), "emerep" (emergency report). Immutable.
    kind TEXT NOT NULL,
    -- Account of the client to whom it goes. Immutable; the client may be gone.
    client_id TEXT NOT NULL,
    -- Where to, a URL, sealed, for it may hold a token. Immutable.
    destination BYTEA NOT NULL,
    -- What to send, sealed. Immutable.
    body BYTEA NOT NULL,
    -- When to try next. Mutable.
    due_us BIGINT NOT NULL,
    -- Tries so far. Mutable.
    attempts BIGINT NOT NULL,
    -- When to give up. Immutable.
    expires_us BIGINT NOT NULL,
    -- When made. Immutable.
    created_us BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_us);
