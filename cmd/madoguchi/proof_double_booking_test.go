package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store/storetest"
)

// TestProof_FiftyBookingsForOneSlot: there is no double booking. Whoever asks at the same moment, one gets the slot, the
// others are told so, and there is one row of everything and one letter. On PostgreSQL the calls go to two servers at once.
func TestProof_FiftyBookingsForOneSlot(t *testing.T) {
	for _, run := range []struct {
		calls  int
		limits string
	}{{50, "on"}, {200, "off"}} {
		for engine, servers := range map[string]int{"sqlite": 1, "postgres": 2} {
			t.Run(fmt.Sprintf("%s/%d calls, limits %s", engine, run.calls, run.limits), func(t *testing.T) {
				mails := mailtest.Start(t, mailtest.Script{})
				s := newSettings(t, engine).mailTo(mails, "")
				s["MADOGUCHI_LIMITS"] = run.limits
				c := openClinic(t, s, 2)
				var processes []*process
				var visitors []*visitor
				for range servers {
					p := serve(t, s)
					processes, visitors = append(processes, p), append(visitors, newVisitor(t, p))
				}

				answers := race(t, run.calls, func(n int) (answer, error) { return visitors[n%servers].callBooking(c.slots[0], n) })
				checkRace(t, answers, run.calls)
				messages := arrive(t, mails, 1)
				eventually(t, "the letter is recorded as sent", func() bool {
					letters := storetest.Read(t, s["MADOGUCHI_DATABASE"])["letters"]
					return len(letters) == 1 && strings.Contains(letters[0], "status=sent")
				})
				for _, p := range processes {
					p.stop(t) // a letter that were on its way would be finished
				}
				facts := storetest.Read(t, s["MADOGUCHI_DATABASE"])
				want := map[string]int{"bookings": 1, "patients": 1, "claims": 1, "letters": 1, "idempotency_keys": 1}
				if got := facts.Count("bookings", "patients", "claims", "letters", "idempotency_keys"); !reflect.DeepEqual(got, want) {
					t.Errorf("there are %v, want %v", got, want)
				}
				if n := len(mails.Messages()); n != 1 || !strings.HasPrefix(messages[0].To, "patient") {
					t.Errorf("%d letters went out, the first to %s", n, messages[0].To)
				}
			})
		}
	}
}

// race makes n calls that all begin when the last one is ready.
func race(t *testing.T, n int, call func(n int) (answer, error)) []answer {
	t.Helper()
	answers, errs := make([]answer, n), make([]error, n)
	begin := make(chan struct{})
	var line, done sync.WaitGroup
	line.Add(n)
	for i := range n {
		done.Go(func() {
			line.Done()
			<-begin
			answers[i], errs[i] = call(i)
		})
	}
	line.Wait()
	close(begin)
	done.Wait()
	for _, err := range errs {
		must(t, err)
	}
	return answers
}

// checkRace: one 201, and for everybody else 409 with the code that says why.
func checkRace(t *testing.T, answers []answer, calls int) {
	t.Helper()
	statuses, codes := map[int]int{}, map[string]int{}
	for _, a := range answers {
		statuses[a.Status]++
		if a.Status == http.StatusCreated {
			continue
		}
		var problem struct{ Code string }
		must(t, json.Unmarshal(a.Body, &problem))
		codes[problem.Code]++
	}
	if want := map[int]int{http.StatusCreated: 1, http.StatusConflict: calls - 1}; !reflect.DeepEqual(statuses, want) {
		t.Errorf("the statuses are %v, want %v", statuses, want)
	}
	if want := map[string]int{"slot_taken": calls - 1}; !reflect.DeepEqual(codes, want) {
		t.Errorf("the codes are %v, want %v", codes, want)
	}
}
