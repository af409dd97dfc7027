-- +goose Up
-- Every revision of an intake that a doctor has read, and when, so that what was read once can always be told from what was answered
-- later. A reading that its doctor took back, because they only had the page open, counts no longer as read.
CREATE TABLE chart_readings (
  booking_id    text NOT NULL REFERENCES bookings (id),
  doctor_id     text NOT NULL REFERENCES doctors (id),
  revision      integer NOT NULL,
  read_at       datetime NOT NULL,
  taken_back_at datetime,
  PRIMARY KEY (booking_id, doctor_id, revision)
) WITHOUT ROWID;
INSERT INTO chart_readings (booking_id, doctor_id, revision, read_at) SELECT booking_id, doctor_id, revision, read_at FROM chart_reads;
DROP TABLE chart_reads;
ALTER TABLE chart_readings RENAME TO chart_reads;
