package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// waitingRow is somebody's place in line as it is stored.
type waitingRow struct {
	ID          string
	BranchID    string
	DoctorID    *string
	Sex         *clinic.Sex
	BookingID   *string
	Weekdays    int
	Parts       int
	FromMinute  clinic.Clock
	UntilMinute clinic.Clock
	FirstDay    string
	LastDay     string
	ByMail      bool
	Status      clinic.WaitingStatus
	InLine      bool
	Lang        string
	Client      []byte
	Sealed      []byte
	CreatedAt   time.Time
	EndedAt     *time.Time
}

// TableName is the table of waitingRow.
func (waitingRow) TableName() string { return "waitings" }

func waitingAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "waitings", ID: id} }

// wishColumns are the columns of what somebody wishes for.
func wishColumns(w clinic.Waiting) map[string]any {
	columns := map[string]any{
		"doctor_id": nil, "sex": nil, "weekdays": 0, "parts": 0, "from_minute": w.Wish.From, "until_minute": w.Wish.Until,
		"first_day": w.Wish.First.String(), "last_day": w.Wish.Last.String(),
	}
	if len(w.Wish.DoctorIDs) > 0 {
		columns["doctor_id"] = w.Wish.DoctorIDs[0]
	}
	if w.Wish.Sex != "" {
		columns["sex"] = w.Wish.Sex
	}
	weekdays, parts := 0, 0
	for _, day := range w.Wish.Weekdays {
		weekdays |= 1 << int(day)
	}
	for i, part := range clinic.DayParts {
		if slices.Contains(w.Parts, part) {
			parts |= 1 << i
		}
	}
	columns["weekdays"], columns["parts"] = weekdays, parts
	return columns
}

// waiting is the row without the person.
func (r waitingRow) waiting() clinic.Waiting {
	w := clinic.Waiting{
		ID: r.ID, BranchID: r.BranchID, Lang: r.Lang, ByMail: r.ByMail, Status: r.Status, CreatedAt: r.CreatedAt.UTC(),
		Wish: clinic.Wish{From: r.FromMinute, Until: r.UntilMinute, At: -1},
	}
	w.Wish.First, _ = clinic.ParseDate(r.FirstDay)
	w.Wish.Last, _ = clinic.ParseDate(r.LastDay)
	for day := time.Sunday; day <= time.Saturday; day++ {
		if r.Weekdays&(1<<int(day)) != 0 {
			w.Wish.Weekdays = append(w.Wish.Weekdays, day)
		}
	}
	for i, part := range clinic.DayParts {
		if r.Parts&(1<<i) != 0 {
			w.Parts = append(w.Parts, part)
		}
	}
	if r.DoctorID != nil {
		w.Wish.DoctorIDs = []string{*r.DoctorID}
	}
	if r.Sex != nil {
		w.Wish.Sex = *r.Sex
	}
	if r.BookingID != nil {
		w.BookingID = *r.BookingID
	}
	if r.EndedAt != nil {
		at := r.EndedAt.UTC()
		w.EndedAt = &at
	}
	return w
}

// offerRow is an offer as it is stored.
type offerRow struct {
	ID        string
	WaitingID string
	SlotID    string
	LetterID  *string
	StaffID   *string
	Minutes   int
	OfferedAt time.Time
	SentAt    *time.Time
	ExpiresAt time.Time
	EndedAt   *time.Time
	Outcome   *clinic.OfferOutcome
}

// TableName is the table of offerRow.
func (offerRow) TableName() string { return "offers" }

func (r offerRow) offer() clinic.Offer {
	o := clinic.Offer{
		ID: r.ID, WaitingID: r.WaitingID, SlotID: r.SlotID, Minutes: r.Minutes, OfferedAt: r.OfferedAt.UTC(), SentAt: r.SentAt,
		ExpiresAt: r.ExpiresAt.UTC(), EndedAt: r.EndedAt,
	}
	if r.LetterID != nil {
		o.LetterID = *r.LetterID
	}
	if r.StaffID != nil {
		o.StaffID = *r.StaffID
	}
	if r.Outcome != nil {
		o.Outcome = *r.Outcome
	}
	return o
}

// waitings are the places in line for which a condition holds, who came first first, with the booking that would move and what was offered;
// open says whether the person is needed as well. It is at an instant.
func (s *Store) waitings(db *gorm.DB, now time.Time, open bool, condition string, args ...any) ([]clinic.Waiting, error) {
	var rows []waitingRow
	if err := db.Raw("SELECT * FROM waitings w WHERE "+condition+" ORDER BY w.created_at, w.id", args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, nil
	}
	ids, bookings := make([]string, len(rows)), []string{}
	for i, r := range rows {
		ids[i] = r.ID
		if r.BookingID != nil {
			bookings = append(bookings, *r.BookingID)
		}
	}
	has := map[string]clinic.Appointment{}
	if len(bookings) > 0 {
		all, err := s.appointments(db, "b.id IN ?", bookings)
		if err != nil {
			return nil, err
		}
		has = byID(all, func(a clinic.Appointment) string { return a.Booking.ID })
	}
	var made []offerRow
	if err := db.Raw("SELECT * FROM offers WHERE waiting_id IN ? ORDER BY offered_at, id", ids).Scan(&made).Error; err != nil {
		return nil, err
	}
	offers := map[string][]clinic.Offer{}
	for _, r := range made {
		offers[r.WaitingID] = append(offers[r.WaitingID], r.offer())
	}
	out := make([]clinic.Waiting, len(rows))
	for i, r := range rows {
		out[i] = r.waiting().With(offers[r.ID], now)
		if a, ok := has[out[i].BookingID]; ok {
			out[i].Has = &a
		}
		if !open || r.Sealed == nil {
			continue
		}
		var stored storedWaiting
		if err := s.keyring.Open(seal.Contact, waitingAD(r.ID), r.Sealed, &stored); err != nil {
			return nil, err
		}
		out[i].Patient, out[i].Booked = stored.open()
	}
	return out, nil
}

// inLine are those who wait at a branch, who came first first.
func (s *Store) inLine(db *gorm.DB, now time.Time, open bool, branchID string) ([]clinic.Waiting, error) {
	return s.waitings(db, now, open, "w.branch_id = "+aText+" AND w.in_line", branchID)
}

// offered is a slot with its branch and doctor, as it is offered.
func (s *Store) offered(db *gorm.DB, slotID string) (a clinic.Appointment, err error) {
	if err = one(db.Where("id = ?", slotID), &a.Slot); err != nil {
		return a, err
	}
	a.Slot.StartsAt, a.Slot.EndsAt = a.Slot.StartsAt.UTC(), a.Slot.EndsAt.UTC()
	var branch branchRow
	if err = one(db.Where("id = ?", a.Slot.BranchID), &branch); err != nil {
		return a, err
	}
	a.Branch = branch.branch()
	return a, one(db.Where("id = ?", a.Slot.DoctorID), &a.Doctor)
}

// byPlace is the place in line w that a token opens.
const byPlace = "w.id = (SELECT l.waiting_id FROM waiting_links l WHERE l.token_hash = ?)"

// place is the place in line that a token opens, with the person, or NotFound, also once the person was erased.
func (s *Store) place(db *gorm.DB, now time.Time, token string) (clinic.Waiting, error) {
	all, err := s.waitings(db, now, true, byPlace+" AND w.sealed IS NOT NULL", clinic.TokenHash(token))
	if err != nil || len(all) == 0 {
		if err == nil {
			err = NotFound()
		}
		return clinic.Waiting{}, err
	}
	return all[0], nil
}

// Place is the place in line that a token opens, with the slot that was offered last, if one was, or NotFound.
func (s *Store) Place(ctx context.Context, token string) (clinic.Waiting, error) {
	w, err := s.place(s.reader(ctx), s.now(), token)
	if err != nil {
		return w, wrap("Place", err)
	}
	return w, wrap("Place", s.showOffered(s.reader(ctx), &w))
}

func (s *Store) showOffered(db *gorm.DB, w *clinic.Waiting) error {
	if w.Offer == nil {
		return nil
	}
	a, err := s.offered(db, w.Offer.SlotID)
	w.Offered = &a
	return err
}

// InLine are those who wait at a branch whose calendar the actor may see, who came first first; any other answers NotFound.
func (s *Store) InLine(ctx context.Context, actor clinic.Actor, branchID string) ([]clinic.Waiting, error) {
	if !actor.May(clinic.SeeCalendar, branchID) {
		return nil, NotFound()
	}
	all, err := s.inLine(s.reader(ctx), s.now(), true, branchID)
	if err != nil {
		return nil, wrap("InLine", err)
	}
	for i := range all {
		if err := s.showOffered(s.reader(ctx), &all[i]); err != nil {
			return nil, wrap("InLine", err)
		}
	}
	return all, nil
}

// WaitsAt reports how many wait at a branch, and how many of them would come on one of some slots.
func (s *Store) WaitsAt(ctx context.Context, branch clinic.Branch, free []clinic.Slot, doctors []clinic.Doctor) (all, fit int, err error) {
	in, err := s.inLine(s.reader(ctx), s.now(), false, branch.ID)
	for _, w := range in {
		if w.FitsOne(free, doctors, branch) {
			fit++
		}
	}
	return len(in), fit, wrap("WaitsAt", err)
}

// WaitingFor is somebody's place in line at a branch where the actor may change bookings, with what was offered last, or NotFound.
func (s *Store) WaitingFor(ctx context.Context, actor clinic.Actor, waitingID string) (clinic.Waiting, error) {
	all, err := s.waitings(s.reader(ctx), s.now(), true, "w.id = "+aText, waitingID)
	if isInvalidText(err) || err == nil && (len(all) == 0 || !actor.May(clinic.ChangeBooking, all[0].BranchID)) {
		err = NotFound()
	}
	if err != nil {
		return clinic.Waiting{}, wrap("WaitingFor", err)
	}
	return all[0], wrap("WaitingFor", s.showOffered(s.reader(ctx), &all[0]))
}
