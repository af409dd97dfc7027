-- +goose Up
-- The outbox. A letter is written in the transaction of what it tells, once for each (booking, kind): both together are
-- its key, in one column so that one index serves.
CREATE TABLE letters (
  id          text PRIMARY KEY,
  booking_id  text NOT NULL REFERENCES bookings (id),
  kind        text NOT NULL CHECK (kind IN ('confirmation', 'cancellation')),
  status      text NOT NULL CHECK (status IN ('waiting', 'sending', 'sent', 'failed', 'withdrawn')),
  attempts    integer NOT NULL DEFAULT 0,
  due_at      datetime NOT NULL,
  lease_until datetime,
  failure     text NOT NULL DEFAULT '',
  sent_at     datetime,
  created_at  datetime NOT NULL,
  sealed      blob NOT NULL,
  CHECK (id = booking_id || '-' || kind),
  CHECK ((status = 'sending') = (lease_until IS NOT NULL))
);

CREATE INDEX letters_due ON letters (due_at) WHERE status = 'waiting';
CREATE INDEX letters_leased ON letters (lease_until) WHERE status = 'sending';
CREATE INDEX letters_failed ON letters (created_at) WHERE status = 'failed';

-- +goose Down
DROP TABLE letters;
