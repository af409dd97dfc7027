-- +goose Up
-- How often what a form edits was saved. A form carries the revision it was drawn from, and one that is stale is refused with
-- both values side by side.
ALTER TABLE branches ADD COLUMN revision integer NOT NULL DEFAULT 1;
ALTER TABLE doctors ADD COLUMN revision integer NOT NULL DEFAULT 1;
ALTER TABLE bookings ADD COLUMN revision integer NOT NULL DEFAULT 1; -- of what was typed with it
ALTER TABLE settings ADD COLUMN revision integer NOT NULL DEFAULT 1;
