-- +goose Up
-- Letters that are over are emptied some time later. Their index held those that wait to be sent as well: each booking wrote into it.
DROP INDEX letters_kept;
CREATE INDEX letters_over ON letters (due_at) WHERE purged_at IS NULL AND status NOT IN ('waiting', 'sending');
