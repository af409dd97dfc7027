-- +goose Up
-- A letter that staff send again is a new message with a date of its own. resends counts them, and dated_at is the date of the
-- latest.
ALTER TABLE letters ADD COLUMN resends integer NOT NULL DEFAULT 0;
ALTER TABLE letters ADD COLUMN dated_at datetime;

-- A letter that was sent and came back.
INSERT INTO letter_statuses VALUES ('bounced');

-- Every page of the staff counts the letters in trouble, which are among those that are not yet where they should be.
DROP INDEX letters_failed;
CREATE INDEX letters_open ON letters (created_at) WHERE status NOT IN ('sent', 'withdrawn');

-- The workers, so that one that has fallen silent is seen.
CREATE TABLE workers (
  id         text PRIMARY KEY,
  started_at datetime NOT NULL,
  seen_at    datetime NOT NULL
);
