package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"madoguchi/internal/clinic"
)

// listenChannel is the name under which the instances on one PostgreSQL database tell one another what changed.
const listenChannel = "madoguchi_changes"

// relistenAfter is how long a lost connection is left before the next try.
const relistenAfter = time.Second

// listenerName is what the connections on which instances hear one another are called among those of the server.
const listenerName = "madoguchi listens"

// peersEvery is how often an instance looks whether another one is gone.
const peersEvery = 2 * time.Second

// payloadOf writes an event for the other instances, and by whom it was told.
func (s *Store) payloadOf(e Event) string {
	return strings.Join([]string{e.BranchID, e.Day.String(), e.News.Op, e.News.By, strconv.FormatInt(e.News.At.Unix(), 10), strconv.Itoa(e.News.N), s.instance}, " ")
}

// isOwn reports whether this instance has told it, which has published it already.
func (s *Store) isOwn(payload string) bool { return strings.HasSuffix(payload, " "+s.instance) }

// eventOf reads what payloadOf wrote. What cannot be read, and no day, may mean anything.
func eventOf(payload string) Event {
	parts := strings.Split(payload, " ")
	if len(parts) < 2 {
		return Event{}
	}
	date, ok := clinic.ParseDate(parts[1])
	if !ok {
		return Event{}
	}
	e := Event{BranchID: parts[0], Day: date}
	if len(parts) < 6 {
		return e
	}
	at, notAt := strconv.ParseInt(parts[4], 10, 64)
	n, notN := strconv.Atoi(parts[5])
	if notAt == nil && notN == nil {
		e.News = News{Op: parts[2], By: parts[3], At: time.Unix(at, 0).UTC(), N: n}
	}
	return e
}

// listen starts this store's one listening connection, unless it listens already. When it returns, no later change is
// missed.
func (s *Store) listen(ctx context.Context) error {
	s.listening.Lock()
	defer s.listening.Unlock()
	if s.stopListening != nil {
		return nil
	}
	conn, peers, err := s.dialListener(ctx)
	if err != nil {
		return err
	}
	s.stopListening = inBackground(func(ctx context.Context) { s.hear(ctx, conn, peers) })
	return nil
}

// dialListener opens the connection, and finds out who else listens.
func (s *Store) dialListener(ctx context.Context) (*pgx.Conn, []int32, error) {
	config := s.postgres.Copy()
	config.RuntimeParams["application_name"] = listenerName
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	peers, err := peersOf(ctx, conn)
	if err == nil {
		_, err = conn.Exec(ctx, "LISTEN "+listenChannel)
	}
	if err != nil {
		closeListener(conn)
		return nil, nil, err
	}
	return conn, peers, nil
}

// peersOf are the processes of the server that serve those who listen.
func peersOf(ctx context.Context, conn *pgx.Conn) ([]int32, error) {
	rows, err := conn.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1", listenerName)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int32])
}

// hear publishes what the other end tells until ctx ends. After a lost connection everything may have changed; and so it may when another
// instance is gone, which may have ended before it told what it had just changed.
func (s *Store) hear(ctx context.Context, conn *pgx.Conn, peers []int32) {
	for {
		for s.hearFor(ctx, conn, peersEvery) {
			now, err := peersOf(ctx, conn)
			if err != nil {
				break
			}
			if slices.ContainsFunc(peers, func(pid int32) bool { return !slices.Contains(now, pid) }) {
				s.watchers.publish(Event{})
			}
			peers = now
		}
		s.watchers.setDeaf(true)
		closeListener(conn)
		for {
			select {
			case <-time.After(relistenAfter):
			case <-ctx.Done():
				return
			}
			var err error
			if conn, peers, err = s.dialListener(ctx); err == nil {
				break
			}
		}
		s.watchers.setDeaf(false)
		s.watchers.publish(Event{})
	}
}

// hearFor publishes what the others tell for a while, and reports whether the connection still stands after it.
func (s *Store) hearFor(ctx context.Context, conn *pgx.Conn, while time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, while)
	defer cancel()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return errors.Is(ctx.Err(), context.DeadlineExceeded) && !conn.IsClosed()
		}
		if !s.isOwn(n.Payload) {
			s.watchers.publish(eventOf(n.Payload))
		}
	}
}

// closeListener says goodbye for as long as a healthy server takes to hear it.
func closeListener(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // the connection is lost or no longer wanted, so there is nothing to do about it
}
