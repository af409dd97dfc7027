-- +goose Up
-- What a branch says in its own words in the letters of a kind in a language. What is empty is said as it is delivered.
CREATE TABLE letter_texts (
  branch_id  text NOT NULL REFERENCES branches (id),
  kind       text NOT NULL REFERENCES letter_kinds (kind),
  lang       text NOT NULL,
  subject    text NOT NULL,
  lead       text NOT NULL,
  note       text NOT NULL,
  revision   integer NOT NULL,
  updated_by text REFERENCES staff (id), -- none where nobody of the staff
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (branch_id, kind, lang)
);
