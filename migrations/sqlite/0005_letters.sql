-- +goose Up
-- The outbox. A letter is written in the transaction of what it tells; once_key makes it the only one of its occasion:
-- BOOKING/confirmation, BOOKING/changed/3. Its content is sealed, or none until it is due.
CREATE TABLE letters (
  id          text PRIMARY KEY,
  booking_id  text REFERENCES bookings (id),
  kind        text NOT NULL REFERENCES letter_kinds (kind),
  once_key    text NOT NULL UNIQUE,
  channel     text NOT NULL REFERENCES letter_channels (channel),
  sequence    integer NOT NULL DEFAULT 0, -- RFC 5545 SEQUENCE of its calendar entry
  status      text NOT NULL REFERENCES letter_statuses (status),
  attempts    integer NOT NULL DEFAULT 0,
  due_at      datetime NOT NULL,
  lease_until datetime,
  failure     text NOT NULL DEFAULT '',
  sent_at     datetime,
  created_at  datetime NOT NULL,
  sealed      blob,
  CHECK ((status = 'sending') = (lease_until IS NOT NULL))
);

CREATE INDEX letters_of_booking ON letters (booking_id);
CREATE INDEX letters_due ON letters (due_at) WHERE status = 'waiting';
CREATE INDEX letters_leased ON letters (lease_until) WHERE status = 'sending';
CREATE INDEX letters_failed ON letters (created_at) WHERE status = 'failed';
