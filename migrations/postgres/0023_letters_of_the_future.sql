-- +goose Up
-- Letters that are due at a time of their own, and letters to staff.
INSERT INTO letter_kinds VALUES ('approval'), ('called_off'), ('corrected'), ('unfinished'), ('reminder'), ('morning'), ('thanks'), ('new_booking'), ('failed_today');

-- A letter of the future that makes sense no more. Its failure says why; nobody has to see to it.
INSERT INTO letter_statuses VALUES ('dropped');
DROP INDEX letters_open;
CREATE INDEX letters_open ON letters (created_at) WHERE status NOT IN ('sent', 'withdrawn', 'dropped');

-- When a booking got the time that it has, so that a reminder that was due before is not sent after the letter that says the time. None
-- where it has never moved.
ALTER TABLE bookings ADD COLUMN moved_at timestamptz;

-- Until when a duty of the worker has been done, for what a worker that was stopped must not pass over.
CREATE TABLE duties (
  duty       text PRIMARY KEY,
  done_until timestamptz NOT NULL
);
