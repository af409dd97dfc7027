package server

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
)

// Answers counts answers by the first digit of their status.
type Answers [6]atomic.Int64

// Count counts one.
func (a *Answers) Count(status int) { a[min(max(status/100, 0), len(a)-1)].Add(1) }

// Metrics serves figures in the text format of Prometheus, at /metrics. They are counts, without anybody's name, address or id; still they say how busy a
// clinic is, so that they have an address of their own and are served only where the settings say so.
func Metrics(site *page.Site, answers *Answers) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		in, err := site.Store.Inflow(r.Context())
		trouble, unread := site.Store.CountLettersInTrouble(r.Context(), clinic.Job("metrics"))
		var b strings.Builder
		write := func(name, kind, help string, samples ...sample) {
			fmt.Fprintf(&b, "# HELP madoguchi_%[1]s %[2]s\n# TYPE madoguchi_%[1]s %[3]s\n", name, help, kind)
			for _, s := range samples {
				fmt.Fprintf(&b, "madoguchi_%s%s %d\n", name, s.label, s.value)
			}
		}
		var classes, events []sample
		for class := 1; class < len(answers); class++ {
			classes = append(classes, sample{fmt.Sprintf(`{class="%dxx"}`, class), answers[class].Load()})
		}
		noticed := site.Store.CountedForms()
		for _, event := range clinic.FormEvents {
			events = append(events, sample{fmt.Sprintf("{event=%q}", event), int64(noticed[event])})
		}
		write("answers_total", "counter", "Answers by status.", classes...)
		write("form_events_total", "counter", "What was noticed about visitors' forms.", events...)
		if err == nil {
			flood := 0
			if in.Flood() {
				flood = 1
			}
			write("flood", "gauge", "1 while a flood is seen.", sample{"", int64(flood)})
			write("recent_bookings", "gauge", "Bookings that were made online in the last ten minutes.", sample{"", int64(in.Bookings)})
			write("recent_holds", "gauge", "Slots that visitors hold.", sample{"", int64(in.Holds)})
			write("recent_networks", "gauge", "Network addresses these came from.", sample{"", int64(in.Networks)})
			write("usual_bookings", "gauge", "Bookings that are made online on a usual day.", sample{"", int64(in.Usual())})
		}
		if unread == nil {
			write("letters_in_trouble", "gauge", "Letters that somebody must see to.", sample{"", int64(trouble)})
		}
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		write("goroutines", "gauge", "Goroutines.", sample{"", int64(runtime.NumGoroutine())})
		write("memory_bytes", "gauge", "Memory that was taken from the system.", sample{"", int64(memory.Sys - memory.HeapReleased)})
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte(b.String())) // who asked may have gone
	})
	return mux
}

// sample is one value of a figure.
type sample struct {
	label string
	value int64
}
