-- +goose Up
-- A patient is alone when the clinic knows one booking of theirs at most, and nobody else has their phone number, their mailbox, or their
-- reading and birth date. It is said only where that is certain, so that the front desk's day looks for other bookings of the few of whom
-- it is not. Of those who are here already it is not said.
ALTER TABLE patients ADD COLUMN alone boolean NOT NULL DEFAULT false;
CREATE INDEX patients_not_alone ON patients (id) WHERE NOT alone;

-- Staff look all day at the letters that did not arrive. The index held every letter that had not been sent yet; each booking wrote into it, and
-- again when its letter went out.
DROP INDEX letters_open;
CREATE INDEX letters_in_trouble ON letters (created_at)
  WHERE status NOT IN ('sent', 'withdrawn', 'dropped') AND (status IN ('failed', 'bounced', 'held') OR failure <> '');
