-- +goose Up
-- The pictures of doctors and branches, small enough that the database is all there is of a clinic. A picture is of one of them, who names
-- it by its hash; it is not sealed, because every visitor sees it.
CREATE TABLE photos (
  hash  text PRIMARY KEY,
  large bytea NOT NULL, -- JPEG, for the patients' pages
  small bytea NOT NULL -- JPEG, for lists
);
ALTER TABLE doctors ADD COLUMN photo text NOT NULL DEFAULT '';
ALTER TABLE branches ADD COLUMN photo text NOT NULL DEFAULT '';

-- The letter by which an administrator sees that letters arrive. It is about no booking.
INSERT INTO letter_kinds VALUES ('trial');
