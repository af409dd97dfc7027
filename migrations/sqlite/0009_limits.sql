-- +goose Up
-- Limits are counted in the database, so that they hold across instances. client is the blind index of the network address
-- that a booking came from, for counting only; it is none where a limit does not apply.
ALTER TABLE bookings ADD COLUMN client blob;
CREATE INDEX bookings_of_client ON bookings (client, created_at) WHERE client IS NOT NULL;

-- When a hold's visitor first typed something into the form. Holds of people who typed nothing yet may not fill a day.
ALTER TABLE claims ADD COLUMN typed_at datetime;

-- Programs that may book through the JSON API. A key is stored as its hash only.
CREATE TABLE api_keys (
  id         text PRIMARY KEY,
  name       text NOT NULL,
  token_hash blob NOT NULL UNIQUE,
  created_at datetime NOT NULL,
  used_at    datetime,
  revoked_at datetime
);

-- A letter that is held waits for a person: its address got too many.
INSERT INTO letter_statuses VALUES ('held');
