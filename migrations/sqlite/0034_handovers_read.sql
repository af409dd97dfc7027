-- +goose Up
-- A handover is new until the doctor to whom the chart was given has read it; until then, whoever gave it may take it back.
ALTER TABLE handovers ADD COLUMN read_at datetime;
INSERT INTO handover_ends VALUES ('taken_back');

-- Nobody is told now of what they were given before.
UPDATE handovers SET read_at = at;

CREATE INDEX handovers_from_doctor ON handovers (from_doctor_id, starts_at) WHERE in_force;
