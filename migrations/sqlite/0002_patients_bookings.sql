-- +goose Up
-- Everything about a person is in the one sealed column; the other columns are what the calendar queries.
CREATE TABLE patients (
  id         text PRIMARY KEY,
  sealed     blob NOT NULL,
  created_at datetime NOT NULL
) WITHOUT ROWID;

-- Keyed terms find a sealed patient by kana prefix, phone and mail.
CREATE TABLE patient_terms (
  term       blob NOT NULL,
  patient_id text NOT NULL REFERENCES patients (id),
  PRIMARY KEY (term, patient_id)
) WITHOUT ROWID;

CREATE TABLE bookings (
  id               text PRIMARY KEY,
  reference        text NOT NULL UNIQUE,
  slot_id          text NOT NULL REFERENCES slots (id),
  patient_id       text NOT NULL REFERENCES patients (id),
  status           text NOT NULL CHECK (status IN ('pending', 'booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')),
  lang             text NOT NULL,
  token_hash       blob NOT NULL UNIQUE,
  token_expires_at datetime NOT NULL,
  sealed           blob NOT NULL,
  created_at       datetime NOT NULL,
  cancelled_at     datetime,
  CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
);

-- A commit writes every index page it touches, so a booking carries no index that nothing asks for.
CREATE INDEX bookings_of_slot ON bookings (slot_id);

-- The one row that says who has a slot: a hold that expires, or a live booking. Its key decides every tie.
CREATE TABLE claims (
  slot_id    text PRIMARY KEY REFERENCES slots (id),
  visitor    blob,
  client     blob,
  expires_at datetime,
  booking_id text REFERENCES bookings (id),
  CHECK ((booking_id IS NULL) <> (expires_at IS NULL)),
  CHECK ((visitor IS NULL) = (expires_at IS NULL))
) WITHOUT ROWID;

-- A visitor has one hold at a time.
CREATE UNIQUE INDEX claims_of_visitor ON claims (visitor) WHERE visitor IS NOT NULL;
CREATE INDEX claims_of_client ON claims (client, expires_at) WHERE client IS NOT NULL;

-- The intake as answered; the answers are sealed under a key of their own.
CREATE TABLE intakes (
  booking_id   text PRIMARY KEY REFERENCES bookings (id),
  version      text NOT NULL,
  sealed       blob NOT NULL,
  completed_at datetime,
  updated_at   datetime NOT NULL
);

-- What was answered to an idempotency key. The key and the content are stored as keyed terms only.
CREATE TABLE replays (
  id         text PRIMARY KEY,
  content    blob NOT NULL,
  sealed     blob NOT NULL,
  created_at datetime NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE replays;
DROP TABLE intakes;
DROP TABLE claims;
DROP TABLE bookings;
DROP TABLE patient_terms;
DROP TABLE patients;
