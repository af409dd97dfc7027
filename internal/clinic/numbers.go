package clinic

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Share is how many of some number have something. Of none, nobody knows.
type Share struct{ N, Of int }

// Known reports whether there is anything to have a share of.
func (s Share) Known() bool { return s.Of > 0 }

// Value is the share, from 0 to 1; 0 where it is not known.
func (s Share) Value() float64 {
	if !s.Known() {
		return 0
	}
	return float64(s.N) / float64(s.Of)
}

func (s *Share) add(has bool) {
	s.Of++
	if has {
		s.N++
	}
}

// Source is what led somebody to the clinic's pages, as far as their link said it: the article and the campaign. The zero Source is
// everybody else.
type Source struct{ Article, Campaign string }

// SourceCount is how far the people who came from one Source got.
type SourceCount struct {
	Source
	Seen, Held                int // visitors, see VisitorStep; whoever comes again is counted again
	Booked, Answered, Visited int // bookings
}

func (c *SourceCount) add(o SourceCount) {
	c.Seen += o.Seen
	c.Held += o.Held
	c.Booked += o.Booked
	c.Answered += o.Answered
	c.Visited += o.Visited
}

// maxSources is how many Sources are told apart; further ones count as the zero Source. A code in a link is whatever somebody wrote
// there, and counting must not need more memory the more of them there are.
const maxSources = 1000

// WeekCount is what one week of a period comes to, by the day of the counseling.
type WeekCount struct {
	First, Last Date // its days in the period
	Bookings    int  // all of them, those that were cancelled included
	Visits      int
	NoShows     int
	Cancelled   int
}

// NoShow is the share of those who did not come of those whose coming, or not coming, was recorded.
func (w WeekCount) NoShow() Share { return Share{w.NoShows, w.NoShows + w.Visits} }

// LeadClass is a run of numbers of days, between the booking and the counseling, that are counted together. The last one has no end,
// and Last -1.
type LeadClass struct{ First, Last int }

// LeadClasses are all of them, in order.
var LeadClasses = []LeadClass{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 6}, {7, 13}, {14, 29}, {30, -1}}

// maxLead is the number of days from which on nobody counts how many they are exactly. Staff book two years ahead at most.
const maxLead = 800

// Numbers is what a branch's counselings in a period come to. It is told of each slot, booking and step of visitors once, in any
// order, and keeps nothing but sums.
type Numbers struct {
	Period    Period
	Weeks     []WeekCount
	Bookings  int
	Visits    int
	NoShows   int
	Cancelled int
	Prepared  int // visits for which the questionnaire was complete when the counseling began
	Answered  int // bookings, whatever became of them, of which the same is true
	Fill      Share
	ByDoctor  map[string]Share // the fill of a doctor's slots, by the doctor's id
	ByHour    [7][24]Share     // by weekday and hour of the day, as the branch's clocks show it
	ByArea    map[string]int   // bookings by the code of an area that they name; one may name several
	WithArea  int              // bookings that name any
	All       SourceCount      // what all sources come to

	loc     *time.Location
	now     time.Time
	sources map[Source]SourceCount
	leads   [maxLead + 1]int // bookings by the days between them and their counseling
}

// NewNumbers begins to count a period of a branch. now decides which slots have begun.
func NewNumbers(p Period, loc *time.Location, now time.Time) *Numbers {
	n := &Numbers{
		Period: p, ByDoctor: map[string]Share{}, ByArea: map[string]int{}, loc: loc, now: now, sources: map[Source]SourceCount{},
		Weeks: make([]WeekCount, p.weeks()),
	}
	monday := mondayOf(p.First)
	for i := range n.Weeks {
		w := &n.Weeks[i]
		w.First, w.Last = monday.AddDays(7*i), monday.AddDays(7*i+6)
		if w.First.Before(p.First) {
			w.First = p.First
		}
		if p.Last.Before(w.Last) {
			w.Last = p.Last
		}
	}
	return n
}

// holds reports whether the period has the day of an instant.
func (n *Numbers) holds(at time.Time) bool {
	day := DateOf(at, n.loc)
	return !day.Before(n.Period.First) && !n.Period.Last.Before(day)
}

// CountedSlot is what is counted of an open slot.
type CountedSlot struct {
	DoctorID string
	StartsAt time.Time
	Taken    bool // by a booking
}

// AddSlot counts an open slot of the period. One that has not begun counts for nothing yet: it may still be taken.
func (n *Numbers) AddSlot(s CountedSlot) {
	if !n.holds(s.StartsAt) || s.StartsAt.After(n.now) {
		return
	}
	n.Fill.add(s.Taken)
	doctor := n.ByDoctor[s.DoctorID]
	doctor.add(s.Taken)
	n.ByDoctor[s.DoctorID] = doctor
	local := s.StartsAt.In(n.loc)
	n.ByHour[local.Weekday()][local.Hour()].add(s.Taken)
}

// CountedBooking is what is counted of a booking. None of it is an answer to the questionnaire.
type CountedBooking struct {
	Status    Status
	CreatedAt time.Time
	StartsAt  time.Time // of the counseling
	Complete  time.Time // when its questionnaire was complete; zero while it is not
	Areas     []string  // that were named with the booking
	Source    Source
}

// AddBooking counts a booking whose counseling is in the period.
func (n *Numbers) AddBooking(b CountedBooking) {
	if !n.holds(b.StartsAt) {
		return
	}
	day := DateOf(b.StartsAt, n.loc)
	week := &n.Weeks[mondayOf(day).daysFrom(mondayOf(n.Period.First))/7]
	week.Bookings++
	n.Bookings++
	prepared := !b.Complete.IsZero() && !b.Complete.After(b.StartsAt)
	from := SourceCount{Booked: 1}
	if prepared {
		n.Answered++
		from.Answered = 1
	}
	switch b.Status {
	case Arrived, InProgress, Fulfilled:
		week.Visits++
		n.Visits++
		from.Visited = 1
		if prepared {
			n.Prepared++
		}
	case NoShow:
		week.NoShows++
		n.NoShows++
	case Cancelled:
		week.Cancelled++
		n.Cancelled++
	case Pending, Booked:
	}
	n.leads[min(max(day.daysFrom(DateOf(b.CreatedAt, n.loc)), 0), maxLead)]++
	areas := slices.Compact(slices.Sorted(slices.Values(b.Areas)))
	if len(areas) > 0 {
		n.WithArea++
	}
	for _, area := range areas {
		n.ByArea[area]++
	}
	n.addSource(b.Source, from)
}

// AddSteps counts steps of visitors who came from somewhere.
func (n *Numbers) AddSteps(from Source, step Step, times int) {
	switch step {
	case StepSeen:
		n.addSource(from, SourceCount{Seen: times})
	case StepHeld:
		n.addSource(from, SourceCount{Held: times})
	}
}

func (n *Numbers) addSource(from Source, more SourceCount) {
	n.All.add(more)
	if _, known := n.sources[from]; !known && len(n.sources) >= maxSources {
		from = Source{}
	}
	count := n.sources[from]
	count.add(more)
	n.sources[from] = count
}

// NoShow is the share of those who did not come of those whose coming, or not coming, was recorded.
func (n *Numbers) NoShow() Share { return Share{n.NoShows, n.NoShows + n.Visits} }

// Ready is the share of visits for which the questionnaire was complete when the counseling began.
func (n *Numbers) Ready() Share { return Share{n.Prepared, n.Visits} }

// Lead is how many bookings were made so many days before their counseling.
func (n *Numbers) Lead(c LeadClass) (bookings int) {
	last := c.Last
	if last < 0 {
		last = maxLead
	}
	for _, count := range n.leads[c.First : last+1] {
		bookings += count
	}
	return bookings
}

// MedianLead is the number of days between booking and counseling that half of the bookings do not exceed; false where there is none.
func (n *Numbers) MedianLead() (days int, ok bool) {
	so := 0
	for days, count := range n.leads {
		if so += count; count > 0 && 2*so >= n.Bookings {
			return days, true
		}
	}
	return 0, false
}

// Sources are those from which most bookings came, at most so many, and what all others come to, those with no source included.
func (n *Numbers) Sources(most int) (top []SourceCount, others SourceCount) {
	for from, count := range n.sources {
		count.Source = from
		top = append(top, count)
	}
	slices.SortFunc(top, func(a, b SourceCount) int {
		return cmp.Or(cmp.Compare(b.Booked, a.Booked), cmp.Compare(b.Seen, a.Seen), strings.Compare(a.Article, b.Article), strings.Compare(a.Campaign, b.Campaign))
	})
	named := 0
	for _, count := range top {
		if count.Source == (Source{}) || named == most {
			others.add(count)
			continue
		}
		top[named] = count
		named++
	}
	return top[:named], others
}
