-- Reports that come one after another, and receivers that do not answer.

-- What it is one of: the name of a deferred request, 16 octets. NULL: alone. Immutable.
ALTER TABLE outbox ADD COLUMN stream BYTEA;
-- Its place there: sent only when nothing with a lower one is kept. Told to the client. Immutable.
ALTER TABLE outbox ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
-- Keyed hash of client and destination, 16 octets: what waits together when the receiver does not answer. NULL: waits by itself.
-- Beside it, "attempts" counts tries in vain of the receiver since it last took something. Immutable.
ALTER TABLE outbox ADD COLUMN receiver BYTEA;
CREATE UNIQUE INDEX outbox_stream ON outbox (stream, number);
CREATE INDEX outbox_receiver ON outbox (receiver, due_us);
CREATE INDEX outbox_client ON outbox (client_id, created_us);
