package clinic

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestHandover_Revives only where the very move that ended it is undone, and the colleague can still be given it.
func TestHandover_Revives(t *testing.T) {
	at := time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)
	other := at.Add(time.Second)
	there := []Doctor{{ID: "a"}, {ID: "b"}}
	ended := Handover{SlotID: "slot", To: Doctor{ID: "b"}, Ended: HandedMoved, EndedAt: &at}
	with := func(change func(*Handover)) Handover {
		h := ended
		change(&h)
		return h
	}
	for what, c := range map[string]struct {
		h      Handover
		moved  *time.Time
		slot   string
		others []Doctor
		want   bool
	}{
		"undone":                  {ended, &at, "slot", there, true},
		"of an earlier move":      {ended, &other, "slot", there, false},
		"never moved":             {ended, nil, "slot", there, false},
		"to another slot":         {ended, &at, "else", there, false},
		"to somebody who is gone": {ended, &at, "slot", there[:1], false},
		"handed on":               {with(func(h *Handover) { h.Ended = HandedOn }), &at, "slot", there, false},
		"in force":                {with(func(h *Handover) { h.Ended, h.EndedAt = "", nil }), &at, "slot", there, false},
	} {
		if got := c.h.Revives(Booking{MovedAt: c.moved}, Slot{ID: c.slot}, c.others); got != c.want {
			t.Errorf("%s: %t", what, got)
		}
	}
}

// TestCheckLeaving_NamesWhatIsToCome and nothing else.
func TestCheckLeaving_NamesWhatIsToCome(t *testing.T) {
	now := time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var handed []Appointment
		var want []string
		for i := range rapid.IntRange(0, 8).Draw(t, "n") {
			status := rapid.SampledFrom([]Status{Pending, Booked, Arrived, InProgress, Fulfilled, NoShow, Cancelled}).Draw(t, "status")
			ends := now.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "hours")) * time.Hour)
			a := Appointment{Booking: Booking{Reference: "KN3-000" + string(rune('A'+i)), Status: status}, Slot: Slot{StartsAt: ends.Add(-time.Hour), EndsAt: ends}}
			handed = append(handed, a)
			if ends.After(now) && status != Fulfilled && status != NoShow && status != Cancelled {
				want = append(want, a.Booking.Reference)
			}
		}
		err := CheckLeaving(handed, now)
		var refusal *Error
		switch errors.As(err, &refusal); {
		case len(want) == 0 && err != nil, len(want) > 0 && refusal == nil:
			t.Fatalf("of %v the answer is %v", want, err)
		case len(want) > 0 && !strings.HasPrefix(refusal.Args["References"], strings.Join(want[:min(len(want), mostNamed)], " ")):
			t.Fatalf("of %v it names %q", want, refusal.Args["References"])
		}
	})
}

// TestWhyAway tells what happened last.
func TestWhyAway(t *testing.T) {
	at := func(hour int) *time.Time {
		when := time.Date(2026, 11, 25, hour, 0, 0, 0, time.UTC)
		return &when
	}
	me, other := Doctor{ID: "me"}, Doctor{ID: "other"}
	given := Handover{From: me, To: other, At: *at(1), InForce: true}
	got := Handover{From: other, To: me, At: *at(1), EndedAt: at(3), Ended: HandedToGone}
	for what, c := range map[string]struct {
		moved     *time.Time
		handovers []Handover
		want      Away
	}{
		"nothing known":           {nil, nil, Away{}},
		"of others":               {nil, []Handover{{From: other, To: Doctor{ID: "third"}, At: *at(1)}}, Away{}},
		"handed":                  {nil, []Handover{given}, Away{HandedOn, *at(1), other}},
		"moved before":            {at(0), []Handover{given}, Away{HandedOn, *at(1), other}},
		"moved after":             {at(2), []Handover{given}, Away{Because: HandedMoved, At: *at(2)}},
		"only moved":              {at(2), nil, Away{Because: HandedMoved, At: *at(2)}},
		"what they were given":    {nil, []Handover{got}, Away{Because: HandedToGone, At: *at(3)}},
		"what they handed onward": {nil, []Handover{{From: me, To: other, At: *at(2), InForce: true}, {From: other, To: me, At: *at(1), EndedAt: at(2), Ended: HandedOn}}, Away{HandedOn, *at(2), other}},
	} {
		if away := WhyAway("me", c.moved, c.handovers); away != c.want {
			t.Errorf("%s: %+v", what, away)
		}
	}
}
