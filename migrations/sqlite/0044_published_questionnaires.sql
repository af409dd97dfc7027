-- +goose Up
-- Nearly every page asks which version is asked now. When it was published stands behind the questionnaire itself, which is a hundred
-- thousand bytes long and would be read to get there.
CREATE INDEX questionnaires_published ON questionnaires (status, published_at, version);
