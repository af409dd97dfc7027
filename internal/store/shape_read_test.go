package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// known is what people know of a kept shape and the database does not.
type known struct {
	Emails   []string // of staff
	Links    []string // the tokens of the patients' links, revoked ones too
	Sessions []string // the cookies of those who have signed in
	Visitors []string // the cookies of those who hold a slot, or did
	Searches []string // what the front desk types
	Repeated repeated
}

// repeated is a keptRequest that was made under an idempotency key.
type repeated struct {
	SlotID  string
	Patient int
	Key     string
}

const repeatedRequest = "repeated request: "

// read says everything that the store reads of a shape, each fact in a line. The lines are kept with the shape and looked
// for after every migration to come. So a new fact gets a line of its own and the others stay as they are; where the program is
// meant to say something else from then on, the line goes, here and in what is kept.
func (k known) read(t *testing.T, s *store.Store) (lines []string) {
	t.Helper()
	ctx := t.Context()
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	branches, err := s.Branches(ctx)
	check(t, err)
	doctors, err := s.Doctors(ctx)
	check(t, err)
	nameOf := map[string]string{}
	for _, d := range doctors {
		nameOf[d.ID] = d.Name("ja")
	}
	var all []clinic.Appointment
	for _, b := range branches {
		add("branch %s, %s, %s, %s, %s, %s, %s, %s", b.Name, b.NameEn, b.Address, b.AddressEn, b.Access, b.AccessEn, b.Phone, b.Zone)
		if b.Photo != "" {
			add("photo of %s: %s", b.Name, b.Photo)
		}
		here, err := s.DoctorsAt(ctx, b.ID)
		check(t, err)
		for _, d := range here {
			add("works at %s: %s", b.Name, d.Name("ja"))
		}
		for day := clinic.DateOf(storetest.Begin, b.Location()); day.In(b.Location()).Before(storetest.Begin.AddDate(0, 0, 7)); day = day.AddDays(1) {
			entries, cancelled, err := s.Day(ctx, storetest.Owner, b, day)
			check(t, err)
			for _, e := range entries {
				add("slot %s of %s at %s: %s", whenOf(e.Slot.Slot), nameOf[e.Slot.DoctorID], b.Name, e.Slot.State)
				if e.Appointment != nil {
					all = append(all, *e.Appointment)
				}
			}
			all = append(all, cancelled...)
		}
	}
	for _, a := range all {
		p, d := a.Patient, a.Booking.Details
		add("booking %s: %s, %s, %s, %s, %s, %s, %s", a.Booking.Reference, whenOf(a.Slot), p.Name(), p.FamilyKana+p.GivenKana, p.Birth, p.Sex, p.Phone, p.Email)
		add("booking %s: %s, sequence %d, by %s, in %q, cancelled by %q, complete %t", a.Booking.Reference, a.Booking.Status, a.Booking.Sequence,
			a.Booking.Channel, a.Booking.Lang, a.Booking.CancelledBy, a.Answered)
		agreed := "nothing, because somebody else has booked"
		if len(d.Consents) > 0 {
			agreed = d.Consents[0].Kind
		}
		add("booking %s: %v, from %s, %s, %s, agreed to %s", a.Booking.Reference, d.Answers, d.Attribution.Area, d.Attribution.Article, d.Attribution.Campaign, agreed)
		byReference, err := s.AppointmentByReference(ctx, storetest.Owner, a.Booking.Reference)
		check(t, err)
		add("reference %s: %s", a.Booking.Reference, byReference.Patient.Name())
		for of, read := range map[string]func(context.Context, clinic.Actor, string) (clinic.Memo, error){a.Booking.ID: s.BookingMemo, a.Booking.PatientID: s.PatientMemo} {
			memo, err := read(ctx, storetest.Owner, of)
			if err == nil && memo.Text != "" {
				add("memo of %s: %s", a.Booking.Reference, memo.Text)
			}
		}
		letters, err := s.Letters(ctx, storetest.Owner, a.Booking.ID)
		check(t, err)
		for _, l := range letters {
			add("letter of %s: %s, %s, %d attempts, %q", a.Booking.Reference, l.Kind, l.Status, l.Attempts, l.Failure)
			add("letter of %s: dated %s, sent again %d times", a.Booking.Reference, dated(l), l.Resends)
		}
		erasures, err := s.ErasuresOf(ctx, storetest.Owner, a.Booking.PatientID)
		check(t, err)
		for _, e := range erasures {
			add("erasure asked of %s: %q, settled %t, %q", a.Booking.Reference, e.Outcome, e.SettledAt != nil, e.Reason)
		}
		tries, err := s.Tries(ctx, storetest.Owner, a.Booking.ID)
		check(t, err)
		if tries.GivenAt != nil {
			add("tries of %s: given %s, spent %t", a.Booking.Reference, tries.GivenAt.UTC().Format(time.RFC3339), tries.Spent)
		}
	}
	k.readDoctors(t, s, add)
	k.readPeople(t, s, add)
	// Last, because who reads a letter takes it.
	for {
		l, ok, err := s.ClaimLetter(ctx)
		check(t, err)
		if !ok {
			lines = append(lines, readNotes(t, s, doctors)...)
			lines = append(lines, readReleases(t, s, doctors)...)
			lines = append(lines, readDraft(t, s)...)
			return lines
		}
		add("due: %s to %s <%s>, %s, %s, %s, link %s", l.Kind, l.Content.ToName, l.Content.To, l.Content.Reference, l.Content.BranchName, l.Content.DoctorName, l.Content.Token)
	}
}

// dated is when somebody last had a letter sent again.
func dated(l clinic.Letter) string {
	if l.DatedAt == nil {
		return "as it was written"
	}
	return l.DatedAt.UTC().Format(time.RFC3339)
}

func whenOf(s clinic.Slot) string { return s.StartsAt.UTC().Format(time.RFC3339) }

func (k known) readDoctors(t *testing.T, s *store.Store, add func(format string, args ...any)) {
	t.Helper()
	doctors, err := s.Doctors(t.Context())
	check(t, err)
	for _, d := range doctors {
		if d.Photo != "" {
			large, err := s.Photo(t.Context(), d.Photo, clinic.LargePhoto)
			check(t, err)
			small, err := s.Photo(t.Context(), d.Photo, clinic.SmallPhoto)
			check(t, err)
			add("photo of %s: %x, %x", d.Name("ja"), large, small)
		}
		add("doctor %s, %s, %s, %s, %v, %v", d.Name("ja"), d.Kana(), d.NameEn, d.Sex, d.CareerLines("ja"), d.SocietyLines("ja"))
		charts, err := s.Charts(t.Context(), storetest.DoctorActor(d.ID), storetest.Begin, storetest.Begin.AddDate(0, 0, 7))
		check(t, err)
		for _, c := range charts {
			r := c.Intake
			add("chart %s: %v, done %v, revision %d, complete %t", c.Appointment.Booking.Reference, r.Answers, r.Done, r.Revision, r.CompletedAt != nil)
			if c.Read > 0 {
				add("chart %s was read up to revision %d", c.Appointment.Booking.Reference, c.Read)
			}
			version := c.Appointment.Booking.QuestionnaireVersion
			if version == "" {
				continue
			}
			q, err := s.Questionnaire(t.Context(), version)
			check(t, err)
			add("chart %s was asked %s: %s", c.Appointment.Booking.Reference, q.Version, q.Booking.Title.JA)
		}
	}
}

func (k known) readPeople(t *testing.T, s *store.Store, add func(format string, args ...any)) {
	t.Helper()
	trials, err := s.TrialLetters(t.Context())
	check(t, err)
	add("trial letters: %d", len(trials))
	branches, err := s.Branches(t.Context())
	check(t, err)
	for _, b := range branches {
		words, err := s.LetterWordings(t.Context(), storetest.Owner, b.ID)
		check(t, err)
		for _, w := range words {
			add("words of %s for %s in %s: %+v, revision %d", b.Name, w.Kind, w.Lang, w.Text, w.Revision)
		}
	}
	ctx := t.Context()
	for _, email := range k.Emails {
		p, err := s.StaffByEmail(ctx, email)
		check(t, err)
		add("staff %s: %s, %s, every branch %t, %d branches, doctor %t, active %t, %s", email, p.Name, p.Role, p.EveryBranch, len(p.Branches), p.DoctorID != "", p.Active, p.PasswordHash)
	}
	for _, token := range k.Sessions {
		p, _, err := s.SignedIn(ctx, token)
		check(t, err)
		add("session %s: %s", token, p.Email)
	}
	for _, token := range k.Links {
		c, err := s.Intake(ctx, clinic.PatientByLink(token))
		if clinic.CodeOf(err) == clinic.NotFound {
			add("link %s opens nothing", token)
			continue
		}
		check(t, err)
		add("link %s: %s, %s, %v", token, c.Appointment.Booking.Reference, c.Appointment.Patient.Name(), c.Intake.Answers)
		if guesses, err := s.Guesses(ctx, clinic.PatientByLink(token)); guesses > 0 || err != nil {
			add("link %s: %d guesses, %v", token, guesses, err)
		}
	}
	for _, cookie := range k.Visitors {
		hold, err := s.HoldOf(ctx, clinic.Visitor(cookie, ""))
		if clinic.CodeOf(err) == clinic.NotFound {
			add("%s holds nothing", cookie)
			continue
		}
		check(t, err)
		add("%s holds %s until %s", cookie, whenOf(hold.Slot), hold.ExpiresAt.Format(time.RFC3339))
	}
	for _, text := range k.Searches {
		found, err := s.Search(ctx, storetest.Owner, text)
		check(t, err)
		var references []string
		for _, a := range found.Appointments {
			references = append(references, a.Booking.Reference)
		}
		add("search %s: %s", text, strings.Join(references, " "))
	}
	if k.Repeated.Key != "" {
		r := keptRequest(k.Repeated.SlotID, k.Repeated.Patient)
		r.Key = k.Repeated.Key
		receipt, err := s.Book(ctx, clinic.API(clinic.APIKey{}), r)
		check(t, err)
		add(repeatedRequest+"%s, link %s, %s", receipt.Reference, receipt.Token, receipt.Doctor)
	}
	keys, err := s.APIKeys(ctx)
	check(t, err)
	for _, key := range keys {
		add("API key %s: used %t, revoked %t", key.Name, key.UsedAt != nil, key.RevokedAt != nil)
	}
	k.readSteps(t, s, add)
	found, err := s.SearchPatients(ctx, storetest.Owner, "トリコミ", 9)
	check(t, err)
	for _, r := range found.Patients {
		add("taken over: %s, %s", r.Patient.Name(), r.Patient.Phone)
	}
	demo, err := s.IsDemo(ctx)
	check(t, err)
	add("demo %t", demo)
	seen, err := s.WorkerSeen(ctx)
	check(t, err)
	if !seen.IsZero() {
		add("a worker was seen at %s", seen.Format(time.RFC3339))
	}
	if report, err := s.VerifyAudit(ctx, store.AuditHead{}); report.Head.Seq > 0 {
		check(t, err)
		add("audit log: %q, begins at %s, ends at %s", report.Fault, report.Begins, report.Head)
	}
}

// readSteps says what visitors did before they booked.
func (k known) readSteps(t *testing.T, s *store.Store, add func(format string, args ...any)) {
	t.Helper()
	branches, err := s.Branches(t.Context())
	check(t, err)
	for _, b := range branches {
		day := clinic.DateOf(storetest.Begin, b.Location())
		n, err := s.Numbers(t.Context(), storetest.Owner, b, store.NumbersQuery{Period: clinic.Period{First: day, Last: day.AddDays(7)}})
		check(t, err)
		top, _ := n.Sources(9)
		for _, from := range top {
			if from.Seen+from.Held > 0 {
				add("came to %s by %s, %s: %d seen, %d held", b.Name, from.Article, from.Campaign, from.Seen, from.Held)
			}
		}
	}
}
