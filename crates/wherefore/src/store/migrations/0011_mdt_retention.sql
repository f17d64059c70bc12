-- When a segment was taken, seconds since 1970, so that the books do not grow for ever; 0 of those from before, until the first pass.
ALTER TABLE mdt_segments ADD COLUMN taken_s BIGINT NOT NULL DEFAULT 0;
CREATE INDEX mdt_segments_by_taken ON mdt_segments (taken_s);
