-- +goose Up
-- Closed sets of words. A table for each instead of a CHECK, because a new word is then a new row on both engines, while
-- SQLite would have to rebuild the table that bears the CHECK. What the words mean stands in package clinic.
CREATE TABLE booking_statuses (
  status text PRIMARY KEY,
  live   boolean NOT NULL, -- has its slot
  UNIQUE (status, live)
);
INSERT INTO booking_statuses (status, live) VALUES
  ('pending', true), ('booked', true), ('arrived', true), ('fulfilled', true), ('noshow', true), ('cancelled', false);

CREATE TABLE booking_channels (channel text PRIMARY KEY);
INSERT INTO booking_channels VALUES ('web'), ('phone'), ('api');

CREATE TABLE slot_origins (origin text PRIMARY KEY);
INSERT INTO slot_origins VALUES ('hours'), ('manual'), ('phone');

CREATE TABLE slot_audiences (audience text PRIMARY KEY);
INSERT INTO slot_audiences VALUES ('public'), ('staff');

CREATE TABLE holder_kinds (kind text PRIMARY KEY);
INSERT INTO holder_kinds VALUES ('visitor'), ('offer'), ('staff'), ('booking');

CREATE TABLE link_purposes (purpose text PRIMARY KEY);
INSERT INTO link_purposes VALUES ('booking');

CREATE TABLE letter_kinds (kind text PRIMARY KEY);
INSERT INTO letter_kinds VALUES ('confirmation'), ('cancellation');

CREATE TABLE letter_channels (channel text PRIMARY KEY);
INSERT INTO letter_channels VALUES ('mail');

CREATE TABLE letter_statuses (status text PRIMARY KEY);
INSERT INTO letter_statuses VALUES ('waiting'), ('sending'), ('sent'), ('failed'), ('withdrawn');

CREATE TABLE questionnaire_statuses (status text PRIMARY KEY);
INSERT INTO questionnaire_statuses VALUES ('draft'), ('published');

CREATE TABLE roles (role text PRIMARY KEY);
INSERT INTO roles VALUES ('admin'), ('reception'), ('doctor');

CREATE TABLE sexes (sex text PRIMARY KEY);
INSERT INTO sexes VALUES ('f'), ('m');

CREATE TABLE actor_kinds (kind text PRIMARY KEY);
INSERT INTO actor_kinds VALUES ('visitor'), ('patient'), ('staff'), ('api'), ('job');
