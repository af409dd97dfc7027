package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/worker"
)

// booking is what a booker is told: first where the clinic is, and then which slots to book, for people of which numbers.
type booking struct {
	Address, Keys string
	Slots         []string
	Before        int
}

// bookers is the kind of others who book as fast as they can.
const bookers = "bookers"

// booker is one such process.
type booker struct {
	process *exec.Cmd
	pipe    io.Closer
	tell    *json.Encoder
	told    *json.Decoder
}

func startBooker(ctx context.Context, program string, clinic booking) (*booker, error) {
	b := &booker{process: exec.CommandContext(ctx, program, "-be", bookers)}
	b.process.Stderr = os.Stderr
	in, err := b.process.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := b.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := b.process.Start(); err != nil {
		return nil, err
	}
	b.pipe, b.tell, b.told = in, json.NewEncoder(in), json.NewDecoder(out)
	return b, errors.Join(b.tell.Encode(clinic), b.done())
}

// done waits until it has done what it was told last.
func (b *booker) done() error {
	var n int
	return b.told.Decode(&n)
}

func (b *booker) end() {
	_ = b.pipe.Close()
	_ = b.process.Wait() // what it has failed at it has said
}

// bookOn books what standard input says, until it ends. Meanwhile it chains the audit log, as a server does.
func bookOn(ctx context.Context) (err error) {
	told, say := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	var at booking
	if err := told.Decode(&at); err != nil {
		return err
	}
	s, err := openStore(ctx, at.Address, at.Keys)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	go func() {
		ticks := time.NewTicker(worker.Interval)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				if err := s.ChainAudit(ctx); err != nil && ctx.Err() == nil {
					fmt.Fprintln(os.Stderr, "bench: chain:", err)
				}
			}
		}
	}()
	if _, err := s.Settings(ctx); err != nil { // as in a running server
		return err
	}
	for {
		if err := say.Encode(len(at.Slots)); err != nil {
			return err
		}
		at = booking{}
		if err := told.Decode(&at); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		_, err := perSecond(auditClients, len(at.Slots), func(i int) error {
			_, err := s.Book(store.WithOrigin(ctx, store.Origin{Client: "198.18.0.0", Request: clinic.NewID()}), visitor(at.Before+i), request(at.Slots[i], at.Before+i))
			return err
		})
		if err != nil {
			return err
		}
	}
}
