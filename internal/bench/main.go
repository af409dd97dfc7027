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
	only := flag.String("only", "", "measure this part alone: "+strings.Join(partNames(), ", "))
	be := flag.String("be", "", "be others of such a kind; the parts that need some start them")
	flag.Parse()
	var err error
	switch {
	case *be != "":
		err = beOthers(context.Background(), *be)
	case *only == "":
		err = run(context.Background(), measureAll)
	default:
		at := slices.IndexFunc(parts, func(p part) bool { return p.name == *only })
		if at < 0 {
			err = fmt.Errorf("there is no part %q; there are %s", *only, strings.Join(partNames(), ", "))
			break
		}
		err = run(context.Background(), parts[at].measure)
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
	return errors.Join(show(figures), err)
}

// part is what is measured together.
type part struct {
	name    string
	long    bool // it takes minutes, and is measured only where it is asked for
	measure func(ctx context.Context, dir string) ([]figure, error)
}

var parts = []part{
	{"bookings", false, measureBookings},
	{"audit", false, measureAudit},
	{"growth", false, measureGrowth},
	{"grid", false, measureGrid},
	{"calendar", false, measureCalendar},
	{"chart", false, measureChart},
	{"live", false, measureLive},
	{"sizes", false, measureSizes},
	{"letters", true, measureLetters},
	{"abuse", true, measureAbuse},
}

func partNames() (names []string) {
	for _, p := range parts {
		names = append(names, p.name)
	}
	return names
}

// measureAll measures what does not take minutes. A part that fails does not hide what the others have measured.
func measureAll(ctx context.Context, dir string) (out []figure, err error) {
	for _, p := range parts {
		if p.long {
			continue
		}
		figures, failed := p.measure(ctx, dir)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", p.name, failed))
		}
		out = append(out, figures...)
	}
	return out, err
}

// measureSizes is how much a patient's browser has to load.
func measureSizes(context.Context, string) ([]figure, error) {
	sizes := map[string]int{}
	for name, n := range web.Sizes() {
		if strings.HasPrefix(name, "patient") {
			sizes[path.Ext(name)] += n
		}
	}
	return []figure{
		{"javascript on the patients' pages", float64(sizes[".js"]), "bytes gzip", "≤ 61440"},
		{"styles on the patients' pages", float64(sizes[".css"]), "bytes gzip", "≤ 25600"},
	}, nil
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
