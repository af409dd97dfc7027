-- +goose Up
-- A handover that is in force no more says since when, and why.
CREATE TABLE handover_ends (handover_end text PRIMARY KEY);
INSERT INTO handover_ends VALUES ('handed_on'), ('moved'), ('left_branch'), ('no_account');

ALTER TABLE handovers ADD COLUMN ended_at timestamptz;
ALTER TABLE handovers ADD COLUMN ended_because text REFERENCES handover_ends (handover_end);

-- Until now nothing ended but by the next handover, and one counted only while the booking had its slot.
UPDATE handovers SET ended_because = 'handed_on', ended_at = (
  SELECT min(n.at) FROM handovers n WHERE n.booking_id = handovers.booking_id AND n.at >= handovers.at AND n.id <> handovers.id
) WHERE NOT in_force;
UPDATE handovers SET in_force = false, ended_because = 'moved', ended_at = (SELECT b.moved_at FROM bookings b WHERE b.id = handovers.booking_id)
WHERE in_force AND slot_id <> (SELECT b.slot_id FROM bookings b WHERE b.id = handovers.booking_id);

-- Whoever has no account left by which a doctor signs in reads nothing any more, so that what they were given is the slot's doctor's again.
-- The program has no page that closes an account; whoever does so in the database need not think of this.
-- +goose StatementBegin
CREATE FUNCTION handovers_end_with_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM staff s WHERE s.doctor_id = OLD.doctor_id AND s.active) THEN
    UPDATE handovers SET in_force = false, ended_because = 'no_account', ended_at = now() WHERE to_doctor_id = OLD.doctor_id AND in_force;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER handovers_end_with_account AFTER UPDATE OF active, doctor_id ON staff
  FOR EACH ROW WHEN (OLD.doctor_id IS NOT NULL) EXECUTE FUNCTION handovers_end_with_account();
