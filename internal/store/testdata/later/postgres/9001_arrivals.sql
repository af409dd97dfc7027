-- +goose Up
-- A migration as one may come: a new kind of letter, a column of bookings that may be empty, and a rule about it.
INSERT INTO letter_kinds VALUES ('reminder');

ALTER TABLE bookings ADD COLUMN arrived_at timestamptz;
ALTER TABLE bookings ADD CHECK (arrived_at IS NULL OR live);

UPDATE bookings SET arrived_at = created_at WHERE status = 'arrived';
