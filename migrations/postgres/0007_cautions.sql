-- +goose Up
-- The cautions that are applied to whoever was asked a version of the questionnaire: the files of config/. Unlike the
-- questions they may change under the same version, because nobody was asked them.
CREATE TABLE cautions (
  version    text PRIMARY KEY REFERENCES questionnaires (version),
  rules      bytea NOT NULL, -- cautions.txt
  sources    bytea NOT NULL, -- sources.json
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL -- who, as clinic.Actor names them
);
