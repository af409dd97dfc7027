-- +goose Up
-- The cautions that are applied to whoever was asked a version of the questionnaire: the files of config/. Unlike the
-- questions they may change under the same version, because nobody was asked them.
CREATE TABLE cautions (
  version    text PRIMARY KEY REFERENCES questionnaires (version),
  rules      blob NOT NULL, -- cautions.txt
  sources    blob NOT NULL, -- sources.json
  changed_at datetime NOT NULL,
  changed_by text NOT NULL -- who, as clinic.Actor names them
);
