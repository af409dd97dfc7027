package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// listenChannel is the name under which the instances on one PostgreSQL database tell one another what changed.
const listenChannel = "madoguchi_changes"

// relistenAfter is how long a lost connection is left before the next try.
const relistenAfter = time.Second

// notify sends the events inside their transaction, so that PostgreSQL tells them after its commit or not at all.
func notify(db *gorm.DB, events []Event) error {
	for _, e := range events {
		if err := db.Exec("SELECT pg_notify(?, ?)", listenChannel, payloadOf(e)).Error; err != nil {
			return err
		}
	}
	return nil
}

// payloadOf writes an event for the other instances.
func payloadOf(e Event) string {
	return strings.Join([]string{e.BranchID, e.Day.String(), e.News.Op, e.News.By, strconv.FormatInt(e.News.At.Unix(), 10), strconv.Itoa(e.News.N)}, " ")
}

// eventOf reads what payloadOf wrote. What cannot be read is of another version, and may mean anything; one that knew no news wrote none.
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
	conn, err := s.dialListener(ctx)
	if err != nil {
		return err
	}
	background, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	s.stopListening = func() {
		stop()
		<-done
	}
	go func() {
		defer close(done)
		s.hear(background, conn)
	}()
	return nil
}

func (s *Store) dialListener(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, s.postgres.Copy())
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+listenChannel); err != nil {
		closeListener(conn)
		return nil, err
	}
	return conn, nil
}

// hear publishes what the other end tells until ctx ends. After a lost connection everything may have changed.
func (s *Store) hear(ctx context.Context, conn *pgx.Conn) {
	for {
		for {
			n, err := conn.WaitForNotification(ctx)
			if err != nil {
				break
			}
			s.watchers.publish(eventOf(n.Payload))
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
			if conn, err = s.dialListener(ctx); err == nil {
				break
			}
		}
		s.watchers.setDeaf(false)
		s.watchers.publish(Event{})
	}
}

// closeListener says goodbye for as long as a healthy server takes to hear it.
func closeListener(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // the connection is lost or no longer wanted, so there is nothing to do about it
}
