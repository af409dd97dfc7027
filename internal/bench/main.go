// Command bench measures what Madoguchi promises about speed, each figure as a ratio to something simple done in the same
// run on the same machine, so that a slow machine or a busy disk does not matter. It prints a table, and a line of JSON
// for each figure.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"madoguchi/web"
)

// figure is one measured value.
type figure struct {
	Bench string  `json:"bench"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Aim   string  `json:"aim"`
}

func main() {
	debug.SetGCPercent(400) // as in cmd/madoguchi
	letters := flag.Bool("letters", false, "measure the sending of many letters instead, which takes minutes")
	abuse := flag.Bool("abuse", false, "measure instead what attackers do to others, which takes minutes")
	attackers := flag.String("attack", "", "be the attackers of such a kind; -abuse starts them")
	flag.Parse()
	var err error
	switch {
	case *attackers != "":
		err = attack(context.Background(), *attackers)
	case *letters:
		err = run(context.Background(), measureLetters)
	case *abuse:
		err = run(context.Background(), measureAbuse)
	default:
		err = run(context.Background(), measureAll)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run prints what is measured in a folder of its own, which goes again.
func run(ctx context.Context, measure func(ctx context.Context, dir string) ([]figure, error)) (err error) {
	// Here and not in the system's /tmp, which may be memory that never waits for a disk.
	if err := os.MkdirAll("tmp", 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("tmp", "bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	figures, err := measure(ctx, dir)
	if err != nil {
		return err
	}
	return show(figures)
}

// measureAll measures what does not take minutes.
func measureAll(ctx context.Context, dir string) ([]figure, error) {
	bookings, err := measureBookings(ctx, dir)
	if err != nil {
		return nil, err
	}
	pages, err := measureGrid(ctx, dir)
	if err != nil {
		return nil, err
	}
	calendar, err := measureCalendar(ctx, dir)
	if err != nil {
		return nil, err
	}
	charts, err := measureChart(ctx, dir)
	if err != nil {
		return nil, err
	}
	live, err := measureLive(ctx, dir)
	if err != nil {
		return nil, err
	}
	growth, err := measureGrowth(ctx, dir)
	if err != nil {
		return nil, err
	}
	sizes := map[string]int{}
	for name, n := range web.Sizes() {
		if strings.HasPrefix(name, "patient") {
			sizes[path.Ext(name)] += n
		}
	}
	return slices.Concat(bookings, growth, pages, calendar, charts, live, []figure{
		{"javascript on the patients' pages", float64(sizes[".js"]), "bytes gzip", "≤ 61440"},
		{"styles on the patients' pages", float64(sizes[".css"]), "bytes gzip", "≤ 25600"},
	}), nil
}

// show prints the figures as a table, and each as a line of JSON.
func show(figures []figure) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, f := range figures {
		if _, err := fmt.Fprintf(table, "%s\t%.4g\t%s\t%s\n", f.Bench, f.Value, f.Unit, f.Aim); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, f := range figures {
		if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
			return err
		}
	}
	return nil
}

// perSecond does n pieces of work with so many clients at once and returns how many were done in a second.
func perSecond(clients, n int, work func(i int) error) (float64, error) {
	var next atomic.Int64
	var failed error
	var once sync.Once
	var all sync.WaitGroup
	began := time.Now()
	for range clients {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := work(i); err != nil {
					once.Do(func() { failed = err })
					return
				}
			}
		})
	}
	all.Wait()
	return float64(n) / time.Since(began).Seconds(), failed
}

// median of an odd number of values.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
