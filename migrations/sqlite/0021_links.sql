-- +goose Up
-- What is counted of those who open a booking by its link: a link can neither be used to flood nor to guess.
CREATE TABLE link_act_kinds (kind text PRIMARY KEY);
INSERT INTO link_act_kinds VALUES ('move'), ('guess');

-- Each such act. n counts those of a kind of one booking.
CREATE TABLE link_acts (
  booking_id text NOT NULL REFERENCES bookings (id),
  kind       text NOT NULL REFERENCES link_act_kinds (kind),
  n          integer NOT NULL CHECK (n > 0),
  at         datetime NOT NULL,
  PRIMARY KEY (booking_id, kind, n)
) WITHOUT ROWID;
