-- +goose Up
-- When the content of a letter was erased, some time after the visit. A letter without content that has not been written yet has none.
ALTER TABLE letters ADD COLUMN purged_at timestamptz;

-- The blind index of the domain of the letter's mail address, so that letters to one domain can wait without holding up the others.
ALTER TABLE letters ADD COLUMN domain bytea;

-- What may be sent now is looked for past the letters of a domain that has got enough, so the entries say the domain as well.
DROP INDEX letters_due;
CREATE INDEX letters_due ON letters (due_at, id, domain) WHERE status = 'waiting';

-- Staff see the letters of a period, and what is old enough is erased.
CREATE INDEX letters_by_due ON letters (due_at, id);
CREATE INDEX letters_kept ON letters (due_at) WHERE purged_at IS NULL;

-- When letters were taken to be sent in the last minutes, by the domain they went to: the rates count them across instances.
CREATE TABLE letter_sendings (
  at     timestamptz NOT NULL,
  domain bytea
);
CREATE INDEX letter_sendings_at ON letter_sendings (at, domain);
