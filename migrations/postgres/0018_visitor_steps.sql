-- +goose Up
-- What visitors do before they book.
CREATE TABLE visitor_step_words (step text PRIMARY KEY);
INSERT INTO visitor_step_words VALUES ('seen'), ('held');

-- How often they did it on a day of the branch, by what their link said. No row is about one visitor. The key is in the order in which
-- a branch's days are read.
CREATE TABLE visitor_steps (
  branch_id text NOT NULL REFERENCES branches (id),
  day       text NOT NULL, -- 2026-11-24
  step      text NOT NULL REFERENCES visitor_step_words (step),
  article   text NOT NULL DEFAULT '',
  campaign  text NOT NULL DEFAULT '',
  area      text NOT NULL DEFAULT '',
  times     integer NOT NULL CHECK (times > 0),
  PRIMARY KEY (branch_id, day, step, article, campaign, area)
);
