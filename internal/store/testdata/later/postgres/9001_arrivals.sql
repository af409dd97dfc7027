-- +goose Up
-- A migration as one may come: a new kind of letter, a column of bookings that may be empty, and a rule about it.
INSERT INTO letter_kinds VALUES ('birthday');

ALTER TABLE bookings ADD COLUMN came_at timestamptz;
ALTER TABLE bookings ADD CHECK (came_at IS NULL OR live);

UPDATE bookings SET came_at = created_at WHERE status = 'arrived';
