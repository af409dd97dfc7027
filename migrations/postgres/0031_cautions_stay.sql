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
  split_part(version, '.', 1))
WHERE stem IS NULL;

-- A set of cautions, a signature under it and a release never change and never go. A release is taken back once.
-- +goose StatementBegin
CREATE FUNCTION caution_sets_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.number < 1 OR NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM caution_sets s WHERE s.version = NEW.version AND s.number = NEW.number - 1) THEN
    RAISE EXCEPTION 'a set of cautions follows the one before' USING ERRCODE = 'check_violation', CONSTRAINT = 'caution_sets_follow';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER caution_sets_follow BEFORE INSERT ON caution_sets FOR EACH ROW EXECUTE FUNCTION caution_sets_follow();

-- +goose StatementBegin
CREATE FUNCTION caution_sets_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a set of cautions never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'caution_sets_stay';
END $$;
-- +goose StatementEnd
CREATE TRIGGER caution_sets_stay BEFORE UPDATE OR DELETE ON caution_sets FOR EACH ROW EXECUTE FUNCTION caution_sets_stay();

-- +goose StatementBegin
CREATE FUNCTION caution_signatures_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a signature never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'caution_signatures_stay';
END $$;
-- +goose StatementEnd
CREATE TRIGGER caution_signatures_stay BEFORE UPDATE OR DELETE ON caution_signatures FOR EACH ROW EXECUTE FUNCTION caution_signatures_stay();

-- +goose StatementBegin
CREATE FUNCTION hold_releases_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND NEW.withdrawn_by IS NOT NULL
      AND (NEW.id, NEW.booking_id, NEW.doctor_id, NEW.staff_id, NEW.released_at, NEW.sealed)
        IS NOT DISTINCT FROM (OLD.id, OLD.booking_id, OLD.doctor_id, OLD.staff_id, OLD.released_at, OLD.sealed) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a release never changes but for being taken back once' USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_releases_stay';
END $$;
-- +goose StatementEnd
CREATE TRIGGER hold_releases_stay BEFORE UPDATE OR DELETE ON hold_releases FOR EACH ROW EXECUTE FUNCTION hold_releases_stay();
