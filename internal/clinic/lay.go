package clinic

import (
	"cmp"
	"slices"
	"time"
)

// layingDays is for how many days slots are laid, today included: the twelve weeks that visitors see, and two weeks more, so that a
// worker that stands still over the New Year's holidays leaves no hole at the end of what they see.
const layingDays = publicDays + 14

// LayingHorizon is the days on which slots are laid. today is the day at the branch.
func LayingHorizon(today Date) Horizon { return Horizon{today, today.AddDays(layingDays - 1)} }

// Plan is what the slots of a branch are laid from.
type Plan struct {
	Branch     Branch
	Days       Horizon
	Hours      []OpeningHours // of the branch
	Exceptions []Exception    // of the branch
	Holiday    func(Date) bool
	DoctorID   string // whose slots are laid; "" for those of all
}

// KnownSlot is a slot that is there when slots are laid.
type KnownSlot struct {
	Slot
	Booked       bool
	Held         bool // kept for somebody for a few minutes
	Kept         bool // somebody decided that its booking stays though the hours do not want it
	ClosedByHand bool // by staff; a closed slot that is not was closed because the hours changed
}

// Laying is what the opening hours ask for, compared with what there is.
type Laying struct {
	Add    []Slot      // appear; they have no id yet
	Close  []KnownSlot // disappear, because nothing wants them any more
	Change []KnownSlot // get another room or audience where they are: as they will be
	Keep   []KnownSlot // are wanted as they are, or but for their room or audience
	Person []KnownSlot // are booked and no longer wanted, and nobody has decided yet: as they are, nothing moves by itself
	Held   []KnownSlot // are kept for somebody just now, and left alone until the next laying

	Shut    int // times that the hours want and that staff have closed by hand
	Blocked int // times that the hours want and at which the doctor or the room is taken by another slot
}

// Nothing reports whether there is nothing to be done.
func (l Laying) Nothing() bool { return len(l.Add) == 0 && len(l.Close) == 0 && len(l.Change) == 0 }

// Lay decides which slots of a branch appear, change and disappear on the days of a plan. It is the one rule for that, of the preview
// as well as of the job. known are the slots of the branch on those days, and those that its doctors have elsewhere.
//
// Slots that were made by hand, slots elsewhere, and such as have begun, are left alone. What staff closed by hand stays closed, also
// when the hours divide that time in another way. A slot that is wanted at the same time for the same doctor gets the room and the
// audience that are wanted where it is; one whose new room is taken keeps its own. A slot that is booked is neither moved nor closed:
// where the hours no longer want it, it leaves public sale, so that after a cancellation nobody else gets it, and a person
// decides. Nothing is laid over a slot that stays. Laying twice changes nothing.
func Lay(p Plan, known []KnownSlot, now time.Time) Laying {
	order, wanted := p.wanted(now)
	var out Laying
	stay, shut := board{}, board{}
	var moves []move
	for _, k := range known {
		key := keyOf(k.Slot)
		want, isWanted := wanted[key]
		switch {
		case k.ClosedAt != nil:
			if k.ClosedByHand {
				shut.put(&k.Slot)
			}
			continue
		case !p.lays(k.Slot, now):
			stay.put(&k.Slot)
			continue
		case k.Held && !k.Booked:
			out.Held = append(out.Held, k)
		case isWanted:
			out.Keep = append(out.Keep, k)
		case k.Booked:
			if !k.Kept {
				out.Person = append(out.Person, k)
			}
			want = k.Slot
			want.Audience = StaffOnly
		default:
			out.Close = append(out.Close, k)
			continue
		}
		delete(wanted, key)
		to := k
		if !k.Held || k.Booked {
			to.Room, to.Audience, to.Kept = want.Room, want.Audience, k.Kept && !isWanted
		}
		if to.Room == k.Room && to.Audience == k.Audience && to.Kept == k.Kept {
			stay.put(&to.Slot)
		} else {
			moves = append(moves, move{from: k, to: &to})
		}
	}
	settle(moves, stay)
	for _, m := range moves {
		if m.to.Room != m.from.Room || m.to.Audience != m.from.Audience || m.to.Kept != m.from.Kept {
			out.Change = append(out.Change, *m.to)
		}
	}
	for _, key := range order {
		s, ok := wanted[key]
		switch {
		case !ok:
		case shut.any(&s, func(o *Slot) bool { return o.DoctorID == s.DoctorID && o.overlaps(s) }):
			out.Shut++
		case stay.any(&s, s.collides):
			out.Blocked++
		default:
			out.Add = append(out.Add, s)
			stay.put(&s)
		}
	}
	return out
}

// wanted are the slots that hours and exceptions ask for and that have not begun, in their order.
func (p Plan) wanted(now time.Time) (order []slotKey, wanted map[slotKey]Slot) {
	loc := p.Branch.Location()
	wanted = map[slotKey]Slot{}
	for day := p.Days.First; p.Days.Holds(day); day = day.AddDays(1) {
		for _, s := range p.slotsOf(day, loc) {
			key := keyOf(s)
			if _, twice := wanted[key]; !twice && s.StartsAt.After(now) {
				wanted[key] = s
				order = append(order, key)
			}
		}
	}
	return order, wanted
}

// lays reports whether a slot is one that the plan decides about.
func (p Plan) lays(s Slot, now time.Time) bool {
	return s.Origin == FromHours && s.BranchID == p.Branch.ID && (p.DoctorID == "" || s.DoctorID == p.DoctorID) &&
		s.StartsAt.After(now) && p.Days.Holds(DateOf(s.StartsAt, p.Branch.Location()))
}

// move is a slot that is to get another room or audience.
type move struct {
	from KnownSlot
	to   *KnownSlot
	room string // the room that is wanted
	has  string // the room that it surely has
}

// settle lets the moves have their rooms, as far as these are free once all have moved, and puts them on the board. Two slots may
// change their rooms with each other. Who waits for a room that stays taken keeps their own.
func settle(moves []move, stay board) {
	for i, m := range moves {
		moves[i].room, moves[i].has = m.to.Room, m.from.Room
		stay.put(&m.to.Slot)
	}
	for moved := true; moved; {
		for _, m := range moves {
			m.to.Room = m.room
		}
		for again := true; again; {
			again = false
			for _, m := range moves {
				if m.to.Room != m.has && stay.any(&m.to.Slot, m.to.collides) {
					m.to.Room, again = m.has, true
				}
			}
		}
		// Whoever has moved makes room: the others are asked again.
		moved = false
		for i, m := range moves {
			if m.to.Room != m.has {
				moves[i].has, moved = m.to.Room, true
			}
		}
	}
}

// board holds slots by the days, in UTC, that they touch, so that few are compared with one another.
type board map[int64][]*Slot

func (b board) put(s *Slot) {
	for day := s.StartsAt.Unix() / 86400; day <= (s.EndsAt.Unix()-1)/86400; day++ {
		b[day] = append(b[day], s)
	}
}

// any reports whether something holds for another slot near one.
func (b board) any(s *Slot, holds func(o *Slot) bool) bool {
	for day := s.StartsAt.Unix() / 86400; day <= (s.EndsAt.Unix()-1)/86400; day++ {
		if slices.ContainsFunc(b[day], func(o *Slot) bool { return o != s && holds(o) }) {
			return true
		}
	}
	return false
}

// slotKey tells slots of the hours apart: a doctor has one at a time.
type slotKey struct {
	doctor       string
	starts, ends int64
}

func keyOf(s Slot) slotKey { return slotKey{s.DoctorID, s.StartsAt.Unix(), s.EndsAt.Unix()} }

// overlaps reports whether two slots have an instant in common.
func (s Slot) overlaps(o Slot) bool {
	return s.StartsAt.Before(o.EndsAt) && o.StartsAt.Before(s.EndsAt)
}

// collides reports whether two slots cannot both be open: they overlap, and are of one doctor or in one room of one branch.
func (s Slot) collides(o *Slot) bool {
	return s.overlaps(*o) && (s.DoctorID == o.DoctorID || s.BranchID == o.BranchID && s.Room != "" && s.Room == o.Room)
}

// slotsOf are the slots that hours and exceptions make on a day, in order of start. Extra hours are worked on holidays and closed days
// as well, because somebody asked for them by name.
func (p Plan) slotsOf(day Date, loc *time.Location) []Slot {
	var slots []Slot
	if !p.Branch.Settings.Holidays.Closed(day, p.Holiday(day)) {
		for _, h := range p.Hours {
			if h.on(day) && p.isFor(h.BranchID, h.DoctorID) {
				slots = append(slots, h.Pattern.slots(h.BranchID, h.DoctorID, day, loc)...)
			}
		}
	}
	slots = slices.DeleteFunc(slots, func(s Slot) bool {
		return slices.ContainsFunc(p.Exceptions, func(e Exception) bool { return e.takes(s, day, loc) })
	})
	for _, e := range p.Exceptions {
		if e.Kind == ExtraHours && e.on(day) && p.isFor(e.BranchID, e.DoctorID) {
			slots = append(slots, e.Pattern.slots(e.BranchID, e.DoctorID, day, loc)...)
		}
	}
	slices.SortStableFunc(slots, func(a, b Slot) int {
		return cmp.Or(a.StartsAt.Compare(b.StartsAt), cmp.Compare(a.DoctorID, b.DoctorID))
	})
	return slots
}

func (p Plan) isFor(branchID, doctorID string) bool {
	return branchID == p.Branch.ID && (p.DoctorID == "" || doctorID == p.DoctorID)
}

// slots divides the span on a day. Where clocks change within it, a slot keeps its length and the span ends when clocks show its end.
func (p Pattern) slots(branchID, doctorID string, day Date, loc *time.Location) (slots []Slot) {
	if p.Minutes <= 0 || p.Pause < 0 {
		return nil
	}
	length, step := time.Duration(p.Minutes)*time.Minute, time.Duration(p.Minutes+p.Pause)*time.Minute
	until := p.Until.at(day, loc)
	for start := p.From.at(day, loc); !start.Add(length).After(until); start = start.Add(step) {
		slots = append(slots, Slot{
			BranchID: branchID, DoctorID: doctorID, StartsAt: start.UTC(), EndsAt: start.Add(length).UTC(),
			Origin: FromHours, Audience: p.Audience, Room: p.Room,
		})
	}
	return slots
}
