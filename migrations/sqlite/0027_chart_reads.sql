-- +goose Up
-- Which revision of an intake its doctor has read, and when. What was answered later is unread again.
CREATE TABLE chart_reads (
  booking_id text NOT NULL REFERENCES bookings (id),
  doctor_id  text NOT NULL REFERENCES doctors (id),
  revision   integer NOT NULL,
  read_at    datetime NOT NULL,
  PRIMARY KEY (booking_id, doctor_id)
) WITHOUT ROWID;
