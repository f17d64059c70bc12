-- When people were given jobs of MDT, so that the cap on duty outlives the process. No identity: records of the consent register have
-- random names, of which a keyed hash stands here. A row goes when nothing of it counts any more.
CREATE TABLE mdt_duty (
    -- Keyed hash of the name of the person's record: the row in associated data. Immutable.
    person BYTEA PRIMARY KEY NOT NULL,
    -- That name, until when a job of their own may log, and when they were given jobs, sealed.
    record BYTEA NOT NULL,
    -- When the last of them counts no more, seconds since 1970.
    ends_s BIGINT NOT NULL
);
CREATE INDEX mdt_duty_by_end ON mdt_duty (ends_s);
