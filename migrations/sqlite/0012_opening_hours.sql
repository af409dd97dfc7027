-- +goose Up
-- A doctor's week at a branch, one span in a row: slots are laid from it. Times are minutes since midnight as the branch's clocks show
-- them. A row that no longer holds stays, with its last day.
CREATE TABLE opening_hours (
  id          text PRIMARY KEY,
  branch_id   text NOT NULL,
  doctor_id   text NOT NULL,
  weekday     integer NOT NULL CHECK (weekday BETWEEN 0 AND 6), -- 0 is Sunday
  from_minute integer NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
  until_minute integer NOT NULL CHECK (until_minute BETWEEN 1 AND 1440),
  minutes     integer NOT NULL CHECK (minutes > 0),
  pause       integer NOT NULL CHECK (pause >= 0),
  room        text NOT NULL DEFAULT '',
  audience    text NOT NULL REFERENCES slot_audiences (audience),
  valid_from  text NOT NULL, -- the first day: 2026-12-01
  valid_until text, -- the last day; none where there is no end
  FOREIGN KEY (doctor_id, branch_id) REFERENCES doctor_branches (doctor_id, branch_id),
  CHECK (until_minute > from_minute)
);
CREATE INDEX opening_hours_of_branch ON opening_hours (branch_id, doctor_id);

CREATE TABLE closure_kinds (kind text PRIMARY KEY);
INSERT INTO closure_kinds VALUES ('closed'), ('away'), ('extra');

-- Days, or a series of days, on which a branch or a doctor does not keep to the opening hours.
CREATE TABLE closures (
  id          text PRIMARY KEY,
  branch_id   text NOT NULL REFERENCES branches (id),
  doctor_id   text REFERENCES doctors (id), -- none for the whole branch
  kind        text NOT NULL REFERENCES closure_kinds (kind),
  first_day   text NOT NULL,
  last_day    text NOT NULL,
  nth         integer NOT NULL DEFAULT 0, -- of a series: which weekday of the month, -1 for the last; 0 for every day
  weekday     integer NOT NULL DEFAULT 0,
  from_minute integer NOT NULL DEFAULT 0,
  until_minute integer NOT NULL DEFAULT 1440,
  minutes     integer NOT NULL DEFAULT 0, -- this and the rest are of extra hours
  pause       integer NOT NULL DEFAULT 0,
  room        text NOT NULL DEFAULT '',
  audience    text NOT NULL DEFAULT 'public' REFERENCES slot_audiences (audience),
  reason      text NOT NULL DEFAULT '',
  created_at  datetime NOT NULL,
  CHECK (last_day >= first_day),
  CHECK (until_minute > from_minute)
);
CREATE INDEX closures_of_branch ON closures (branch_id, last_day);

-- Who closed a slot: what staff closed stays closed when slots are laid anew, what the hours closed may come back.
CREATE TABLE slot_closers (closer text PRIMARY KEY);
INSERT INTO slot_closers VALUES ('staff'), ('hours');
ALTER TABLE slots ADD COLUMN closed_by text REFERENCES slot_closers (closer);
UPDATE slots SET closed_by = 'staff' WHERE closed_at IS NOT NULL;

-- When somebody decided that a booking stays at a time that the hours no longer have.
ALTER TABLE slots ADD COLUMN kept_at datetime;

-- How often the hours of a doctor at a branch were saved.
ALTER TABLE doctor_branches ADD COLUMN hours_revision integer NOT NULL DEFAULT 1;
