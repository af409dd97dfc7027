-- +goose Up
-- Who saw and changed what, a row for each. It holds ids and words; where a request came from is sealed. once is what is written at most once
-- in a while. mac is the code over all of it, by which an entry is known that the program did not write so. Nothing here refers to another table:
-- an entry outlives what it is about.
CREATE TABLE audit_entries (
  id         text PRIMARY KEY, -- sorts by time
  at         timestamptz NOT NULL,
  actor_kind text NOT NULL,
  actor_id   text,
  role       text,
  action     text NOT NULL,
  branch_id  text,
  booking_id text,
  patient_id text,
  staff_id   text, -- of an account
  first_day  text, -- 2026-12-01
  last_day   text,
  result     text NOT NULL,
  route      text,
  request    text,
  once       bytea,
  mac        bytea NOT NULL,
  sealed     bytea
);
CREATE UNIQUE INDEX audit_entries_once ON audit_entries (once) WHERE once IS NOT NULL;
CREATE INDEX audit_entries_of_patient ON audit_entries (patient_id, id) WHERE patient_id IS NOT NULL;
CREATE INDEX audit_entries_of_staff ON audit_entries (actor_id, id) WHERE actor_kind = 'staff';
CREATE INDEX audit_entries_of_days ON audit_entries (branch_id, first_day) WHERE first_day IS NOT NULL AND patient_id IS NULL;

-- The key of those codes, sealed. It is not among the keys of the file, so that it stays when those are replaced.
CREATE TABLE audit_keys (
  id     text PRIMARY KEY,
  sealed bytea NOT NULL
);

-- The entries in one chain: each number follows the one before, and its hash is made of that one's.
CREATE TABLE audit_chain (
  seq      bigint PRIMARY KEY,
  entry_id text NOT NULL UNIQUE,
  hash     bytea NOT NULL
);

-- Up to which number the chain was let go, because its time was over, and the hash from which the rest goes on.
CREATE TABLE audit_purges (
  seq  bigint PRIMARY KEY,
  at   timestamptz NOT NULL,
  hash bytea NOT NULL,
  mac  bytea NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log never changes' USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_stay';
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_entries_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit_chain c JOIN audit_purges p ON p.seq >= c.seq WHERE c.entry_id = OLD.id) THEN
    RAISE EXCEPTION 'the audit log never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_entries_stay';
  END IF;
  RETURN OLD;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_chain_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit_purges p WHERE p.seq >= OLD.seq) THEN
    RAISE EXCEPTION 'the audit log never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_chain_stays';
  END IF;
  RETURN OLD;
END $$;
-- +goose StatementEnd

CREATE TRIGGER audit_entries_stay BEFORE UPDATE OF id, at, actor_kind, actor_id, role, action, branch_id, booking_id, patient_id, staff_id, first_day, last_day, result, route, request, once, mac ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_entries_go BEFORE DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_entries_go();
CREATE TRIGGER audit_chain_stays BEFORE UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_chain_goes BEFORE DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_chain_goes();
CREATE TRIGGER audit_purges_stay BEFORE UPDATE OR DELETE ON audit_purges FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_entries_retired_key BEFORE INSERT OR UPDATE OF sealed ON audit_entries FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER audit_keys_retired_key BEFORE INSERT OR UPDATE OF sealed ON audit_keys FOR EACH ROW EXECUTE FUNCTION retired_key();
