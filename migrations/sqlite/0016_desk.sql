-- +goose Up
-- The few bookings that wait for an approval are counted on every page of the front desk's calendar.
CREATE INDEX bookings_pending ON bookings (slot_id) WHERE status = 'pending';
