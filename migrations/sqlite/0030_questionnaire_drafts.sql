-- +goose Up
-- Versions that the clinic has made itself. What a program ships is published only while there is none.
ALTER TABLE questionnaires ADD COLUMN of_clinic boolean NOT NULL DEFAULT false;
ALTER TABLE questionnaires ADD COLUMN based_on text; -- the version that it was made from; none where the program brought it

-- The one questionnaire that is being edited. The row stays when its draft is published or thrown away, without a body, so that
-- revisions go on and no page of an older draft is taken for one of the next.
CREATE TABLE questionnaire_drafts (
  id         integer PRIMARY KEY CHECK (id = 1),
  body       blob, -- as the file of config/ has it; none while nothing is edited
  base       text NOT NULL, -- the version that it was made from; empty for one from outside
  rules      blob, -- the cautions that came with it, and their sources; none for those of the version that is asked
  sources    blob,
  made       integer NOT NULL, -- how many ids were made for it
  changes    text NOT NULL, -- JSON: the revision in which each part changed last
  revision   integer NOT NULL,
  changed_at datetime NOT NULL,
  changed_by text NOT NULL, -- who, as clinic.Actor names them
  CHECK ((rules IS NULL) = (sources IS NULL))
);
