-- +goose Up
-- A correction ends all links of one booking, and must not look through those of every other.
CREATE INDEX links_of_booking ON links (booking_id);
