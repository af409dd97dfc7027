-- +goose Up
-- Of which of the program's versions the cautions of a version are, so that what a program brings for that one reaches this one as well;
-- none where they came with a questionnaire from outside.
ALTER TABLE cautions ADD COLUMN stem text;
UPDATE cautions SET stem = version WHERE version IN (SELECT version FROM questionnaires WHERE NOT of_clinic);
-- A version that the clinic has made took its cautions over as they were, or else brought those of the program's version after which it is named.
UPDATE cautions SET stem = COALESCE(
  (SELECT p.version FROM caution_sets own
    JOIN caution_sets theirs ON theirs.rules = own.rules AND theirs.sources = own.sources
    JOIN questionnaires p ON p.version = theirs.version AND NOT p.of_clinic
    WHERE own.version = cautions.version AND own.number = 1 ORDER BY p.published_at DESC LIMIT 1),
  substr(version, 1, instr(version, '.') - 1))
WHERE stem IS NULL;

-- A set of cautions, a signature under it and a release never change and never go. A release is taken back once.
-- +goose StatementBegin
CREATE TRIGGER caution_sets_follow BEFORE INSERT ON caution_sets
WHEN NEW.number < 1 OR NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM caution_sets s WHERE s.version = NEW.version AND s.number = NEW.number - 1)
BEGIN
  SELECT RAISE(ABORT, 'caution_sets_follow');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER caution_sets_stay_update BEFORE UPDATE ON caution_sets
BEGIN
  SELECT RAISE(ABORT, 'caution_sets_stay');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER caution_sets_stay_delete BEFORE DELETE ON caution_sets
BEGIN
  SELECT RAISE(ABORT, 'caution_sets_stay');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER caution_signatures_stay_update BEFORE UPDATE ON caution_signatures
BEGIN
  SELECT RAISE(ABORT, 'caution_signatures_stay');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER caution_signatures_stay_delete BEFORE DELETE ON caution_signatures
BEGIN
  SELECT RAISE(ABORT, 'caution_signatures_stay');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER hold_releases_stay_update BEFORE UPDATE ON hold_releases
WHEN OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL OR NEW.withdrawn_by IS NULL
  OR NEW.id <> OLD.id OR NEW.booking_id <> OLD.booking_id OR NEW.doctor_id <> OLD.doctor_id OR NEW.staff_id IS NOT OLD.staff_id
  OR NEW.released_at <> OLD.released_at OR NEW.sealed <> OLD.sealed
BEGIN
  SELECT RAISE(ABORT, 'hold_releases_stay');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER hold_releases_stay_delete BEFORE DELETE ON hold_releases
BEGIN
  SELECT RAISE(ABORT, 'hold_releases_stay');
END;
-- +goose StatementEnd
