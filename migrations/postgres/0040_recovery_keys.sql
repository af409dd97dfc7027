-- +goose Up
-- The key of a recovery code's blind index, so that codes which nothing can find any more go with it. It is none for codes from before.
ALTER TABLE recovery_codes ADD COLUMN key_id bigint;
