-- +goose Up
-- The letter with the code that whoever books without scripts types into the form. It is about no booking yet, and deleted after a day.
INSERT INTO letter_kinds VALUES ('code');
CREATE INDEX letters_of_codes ON letters (created_at) WHERE kind = 'code';

-- How often something about the forms of visitors was noticed in a minute. No row is about one visitor.
CREATE TABLE form_events (event text PRIMARY KEY);
INSERT INTO form_events VALUES ('trapped'), ('hasty'), ('unsolved'), ('expired'), ('refused');
CREATE TABLE form_counts (
  minute datetime NOT NULL,
  event  text NOT NULL REFERENCES form_events (event),
  times  integer NOT NULL CHECK (times > 0),
  PRIMARY KEY (minute, event)
) WITHOUT ROWID;

-- What was booked of late is looked for again and again.
CREATE INDEX bookings_of_late ON bookings (created_at) WHERE client IS NOT NULL;
