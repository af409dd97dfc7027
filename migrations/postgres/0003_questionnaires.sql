-- +goose Up
-- The versions of the questionnaire. The body is the file of config/ as it was published.
CREATE TABLE questionnaires (
  version      text PRIMARY KEY,
  status       text NOT NULL REFERENCES questionnaire_statuses (status),
  body         bytea NOT NULL,
  created_at   timestamptz NOT NULL,
  published_at timestamptz,
  published_by text, -- who, as clinic.Actor names them
  CHECK ((status = 'published') = (published_at IS NOT NULL))
);

-- What was published never changes: somebody was asked it.
-- +goose StatementBegin
CREATE FUNCTION questionnaires_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published questionnaire never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'questionnaires_stay';
END $$;
-- +goose StatementEnd
CREATE TRIGGER questionnaires_stay BEFORE UPDATE OR DELETE ON questionnaires
  FOR EACH ROW WHEN (OLD.status = 'published') EXECUTE FUNCTION questionnaires_stay();
