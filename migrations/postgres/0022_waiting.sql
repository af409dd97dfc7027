-- +goose Up
CREATE TABLE waiting_statuses (
  status  text PRIMARY KEY,
  in_line boolean NOT NULL,
  UNIQUE (status, in_line)
);
INSERT INTO waiting_statuses (status, in_line) VALUES ('waiting', true), ('offered', true), ('accepted', false), ('left', false), ('over', false);

CREATE TABLE offer_outcomes (outcome text PRIMARY KEY);
INSERT INTO offer_outcomes VALUES ('accepted'), ('declined'), ('over'), ('unsent'), ('failed'), ('left'), ('withdrawn');

INSERT INTO letter_kinds VALUES ('in_line'), ('offer'), ('offer_over');

-- Whoever waits for a slot to come free. Who they are is in the sealed column, which is erased some time after their wait has ended; what
-- decides which slot suits them is not.
CREATE TABLE waitings (
  id           text PRIMARY KEY,
  branch_id    text NOT NULL REFERENCES branches (id),
  doctor_id    text REFERENCES doctors (id), -- none for any
  sex          text REFERENCES sexes (sex),  -- of the doctor; none for any
  booking_id   text REFERENCES bookings (id), -- the booking that would move; none for whoever has none
  weekdays     integer NOT NULL CHECK (weekdays BETWEEN 0 AND 127), -- a bit for each, the lowest is Sunday; 0 for any
  parts        integer NOT NULL CHECK (parts BETWEEN 0 AND 7), -- of the day, a bit for each; 0 for any
  from_minute  integer NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
  until_minute integer NOT NULL CHECK (until_minute BETWEEN 0 AND 1440), -- 0 for any
  first_day    text NOT NULL, -- 2026-12-01
  last_day     text NOT NULL,
  by_mail      boolean NOT NULL, -- a letter can be sent to them
  status       text NOT NULL,
  in_line      boolean NOT NULL,
  lang         text NOT NULL,
  client       bytea, -- a blind index
  sealed       bytea, -- none once it is erased
  created_at   timestamptz NOT NULL,
  ended_at     timestamptz, -- when they were in line no more
  FOREIGN KEY (status, in_line) REFERENCES waiting_statuses (status, in_line),
  CHECK (last_day >= first_day),
  CHECK (in_line = (ended_at IS NULL))
);
CREATE INDEX waitings_in_line ON waitings (branch_id, created_at, id) WHERE in_line;
CREATE INDEX waitings_to_erase ON waitings (ended_at) WHERE sealed IS NOT NULL AND ended_at IS NOT NULL;
CREATE INDEX waitings_of_client ON waitings (client, created_at) WHERE client IS NOT NULL;
CREATE UNIQUE INDEX waitings_of_booking ON waitings (booking_id) WHERE booking_id IS NOT NULL AND in_line;

-- Blind indexes of the telephone number and the mail address, by which those who wait are counted.
CREATE TABLE waiting_terms (
  term       bytea NOT NULL,
  waiting_id text NOT NULL REFERENCES waitings (id),
  PRIMARY KEY (term, waiting_id)
);
CREATE INDEX waiting_terms_of_waiting ON waiting_terms (waiting_id);

-- What opens somebody's place in line: the hash of a token. Each letter carries its own.
CREATE TABLE waiting_links (
  token_hash bytea PRIMARY KEY,
  waiting_id text NOT NULL REFERENCES waitings (id),
  created_at timestamptz NOT NULL
);
CREATE INDEX waiting_links_of_waiting ON waiting_links (waiting_id);

-- A letter to somebody who waits is about no booking. lapses_at is when a letter that has not gone is not to go any more.
ALTER TABLE letters ADD COLUMN waiting_id text REFERENCES waitings (id);
ALTER TABLE letters ADD COLUMN lapses_at timestamptz;
CREATE INDEX letters_of_waiting ON letters (waiting_id) WHERE waiting_id IS NOT NULL;
CREATE INDEX letters_lapsing ON letters (lapses_at) WHERE lapses_at IS NOT NULL AND status IN ('waiting', 'sending');

-- A slot that was offered to somebody who waits. While it is live there is a claim on the slot, which has the same expiry. The slot is in
-- one live offer, and whoever waits has one.
CREATE TABLE offers (
  id         text PRIMARY KEY,
  waiting_id text NOT NULL REFERENCES waitings (id),
  slot_id    text NOT NULL REFERENCES slots (id),
  letter_id  text REFERENCES letters (id),
  staff_id   text REFERENCES staff (id), -- who made it by hand; none for the worker
  minutes    integer NOT NULL CHECK (minutes > 0), -- for which the slot is kept once the letter has gone
  offered_at timestamptz NOT NULL,
  sent_at    timestamptz,
  expires_at timestamptz NOT NULL,
  ended_at   timestamptz,
  outcome    text REFERENCES offer_outcomes (outcome),
  CHECK ((outcome IS NULL) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX offers_live_of_slot ON offers (slot_id) WHERE outcome IS NULL;
CREATE UNIQUE INDEX offers_live_of_waiting ON offers (waiting_id) WHERE outcome IS NULL;
CREATE INDEX offers_of_waiting ON offers (waiting_id);
CREATE INDEX offers_expiring ON offers (expires_at) WHERE outcome IS NULL;
CREATE INDEX offers_of_letter ON offers (letter_id) WHERE letter_id IS NOT NULL;
