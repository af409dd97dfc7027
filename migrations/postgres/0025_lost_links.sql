-- +goose Up
-- Somebody who has lost the link of their booking asks for another. What they typed is sealed, and forgotten once it was seen to. The rest
-- is kept for a day, to be counted: client is the blind index of the network address, wanted that of the reference or the mail address.
CREATE TABLE lost_requests (
  id         text PRIMARY KEY,
  client     bytea,
  wanted     bytea NOT NULL,
  sealed     bytea,
  created_at timestamptz NOT NULL,
  done_at    timestamptz,
  CHECK ((sealed IS NULL) = (done_at IS NOT NULL))
);
CREATE INDEX lost_requests_of_client ON lost_requests (client, created_at) WHERE client IS NOT NULL;
CREATE INDEX lost_requests_of_wanted ON lost_requests (wanted, created_at);
CREATE INDEX lost_requests_open ON lost_requests (created_at) WHERE done_at IS NULL;

INSERT INTO letter_kinds VALUES ('lost');

-- A patient asks that what is stored of them be deleted. It hangs on the booking whose link they had, so that it goes along where two
-- patients turn out to be one. What the clinic answered is sealed. A booking has one that is open at the most.
CREATE TABLE erasure_outcomes (outcome text PRIMARY KEY);
INSERT INTO erasure_outcomes VALUES ('done'), ('refused');

CREATE TABLE erasure_requests (
  id         text PRIMARY KEY,
  booking_id text NOT NULL REFERENCES bookings (id),
  asked_at   timestamptz NOT NULL,
  outcome    text REFERENCES erasure_outcomes (outcome),
  settled_at timestamptz,
  settled_by text REFERENCES staff (id), -- none where nobody of the staff
  sealed     bytea,
  CHECK ((outcome IS NULL) = (settled_at IS NULL)),
  CHECK ((outcome IS NULL) = (sealed IS NULL))
);
CREATE UNIQUE INDEX erasure_requests_open ON erasure_requests (booking_id) WHERE settled_at IS NULL;
CREATE INDEX erasure_requests_of_booking ON erasure_requests (booking_id);

-- Whoever was identified on the telephone is given new tries of the proof, by a member of the staff.
INSERT INTO link_act_kinds VALUES ('tries');
ALTER TABLE link_acts ADD COLUMN staff_id text REFERENCES staff (id); -- none where nobody of the staff
