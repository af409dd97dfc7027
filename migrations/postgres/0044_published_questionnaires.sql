-- +goose Up
-- Nearly every page asks which version is asked now. SQLite needs this index (see its migration); here it is the same for both engines.
CREATE INDEX questionnaires_published ON questionnaires (status, published_at, version);
