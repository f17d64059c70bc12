-- Cards ((U)SIM) with the change-of-area application (TS 23.271 Annex F): keys and counters of each.
CREATE TABLE cards (
    -- Random name of the row, 16 octets: the row in associated data. Immutable.
    card BYTEA PRIMARY KEY NOT NULL,
    -- Keyed hash of the IMSI, 32 octets. Immutable.
    imsi_hash BYTEA UNIQUE NOT NULL,
    -- Keyed hash of the ICCID, 32 octets. Mutable.
    iccid_hash BYTEA UNIQUE,
    -- Keyed hash of the number that a packet went to last: from there the card answers. Mutable.
    msisdn_hash BYTEA UNIQUE,
    -- IMSI, ICCID, key set, KIc, KID and TAR, sealed. Mutable.
    record BYTEA NOT NULL,
    -- Last counter that a packet to the card had, sealed. Never falls while the keys stay. Mutable.
    sent BYTEA NOT NULL,
    -- Last counter that a packet from the card had, sealed. Never falls while the keys stay. Mutable.
    taken BYTEA NOT NULL
);
-- A packet from a card whose counter is taken and that has not come to its end: read again after a crash.
CREATE TABLE card_words (
    -- The card: the row in associated data. Immutable.
    card BYTEA PRIMARY KEY NOT NULL REFERENCES cards (card) ON DELETE CASCADE,
    -- The packet as it came, sealed. Immutable.
    packet BYTEA NOT NULL
);
