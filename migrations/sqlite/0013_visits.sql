-- +goose Up
-- The patient is with the doctor. FHIR Encounter.status has the word; Appointment.status has none for it.
INSERT INTO booking_statuses (status, live) VALUES ('in-progress', true);

-- When a booking came to stand where it stands, and which member of staff said so: none since it was made, or by nobody of the
-- staff. When the patient arrived stays known while the visit goes on.
ALTER TABLE bookings ADD COLUMN status_at datetime;
ALTER TABLE bookings ADD COLUMN status_by text REFERENCES staff (id);
ALTER TABLE bookings ADD COLUMN arrived_at datetime;

-- What the front desk wrote down about a booking. revision counts the saves.
CREATE TABLE booking_memos (
  booking_id text PRIMARY KEY REFERENCES bookings (id),
  revision   integer NOT NULL,
  sealed     blob NOT NULL,
  updated_at datetime NOT NULL,
  updated_by text REFERENCES staff (id) -- none where nobody of the staff
) WITHOUT ROWID;

-- Which member of staff holds the slot for a caller.
ALTER TABLE claims ADD COLUMN staff_id text REFERENCES staff (id);

INSERT INTO letter_kinds VALUES ('request'), ('change'), ('decline');
