-- +goose Up
-- The versions of the questionnaire. The body is the file of config/ as it was published.
CREATE TABLE questionnaires (
  version      text PRIMARY KEY,
  status       text NOT NULL REFERENCES questionnaire_statuses (status),
  body         blob NOT NULL,
  created_at   datetime NOT NULL,
  published_at datetime,
  published_by text, -- who, as clinic.Actor names them
  CHECK ((status = 'published') = (published_at IS NOT NULL))
);

-- What was published never changes: somebody was asked it.
-- +goose StatementBegin
CREATE TRIGGER questionnaires_stay_update BEFORE UPDATE ON questionnaires WHEN OLD.status = 'published'
BEGIN
  SELECT RAISE(ABORT, 'questionnaires_stay');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER questionnaires_stay_delete BEFORE DELETE ON questionnaires WHEN OLD.status = 'published'
BEGIN
  SELECT RAISE(ABORT, 'questionnaires_stay');
END;
-- +goose StatementEnd
