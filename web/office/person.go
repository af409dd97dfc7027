package office

import (
	"slices"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
)

// PersonFormat is the version of the file's names. A name that is dropped, or that comes to mean something else, raises it.
const PersonFormat = 1

// PersonFile is all that the clinic has of one person, as the person is given it: as a file with the names below, which docs/person-file.md explains, and
// printed.
type PersonFile struct {
	Format   int             `json:"format"`
	MadeAt   time.Time       `json:"made_at"`
	Clinic   string          `json:"clinic"`
	Records  []PersonRecord  `json:"records"`
	Bookings []PersonBooking `json:"bookings"`
	Waiting  []PersonPlace   `json:"waiting"`
	Letters  []PersonLetter  `json:"letters"`
	Memos    []PersonText    `json:"memos"`
	Requests []PersonRequest `json:"erasure_requests"`
	Seen     []PersonSeen    `json:"seen"`
}

// PersonRecord is how a person is called and reached.
type PersonRecord struct {
	FamilyName string    `json:"family_name"`
	GivenName  string    `json:"given_name"`
	FamilyKana string    `json:"family_kana"`
	GivenKana  string    `json:"given_kana"`
	Birth      string    `json:"birth_date,omitempty"`
	Sex        string    `json:"sex,omitempty"`
	Phone      string    `json:"phone,omitempty"`
	Email      string    `json:"email,omitempty"`
	Since      time.Time `json:"since"`
}

// PersonBooking is one booking.
type PersonBooking struct {
	Reference     string          `json:"reference"`
	Branch        string          `json:"branch"`
	Doctor        string          `json:"doctor"`
	StartsAt      time.Time       `json:"starts_at"`
	EndsAt        time.Time       `json:"ends_at"`
	Status        string          `json:"status"`
	BookedAt      time.Time       `json:"booked_at"`
	Channel       string          `json:"channel"`
	Language      string          `json:"language"`
	Questionnaire string          `json:"questionnaire,omitempty"`
	Area          string          `json:"came_from_area,omitempty"`
	Article       string          `json:"came_from_article,omitempty"`
	Campaign      string          `json:"came_from_campaign,omitempty"`
	Typed         PersonRecord    `json:"typed"`
	Consents      []PersonConsent `json:"consents"`
	Said          []PersonAnswer  `json:"answers_with_booking"`
	Answers       []PersonAnswers `json:"answers"`
	Notes         []PersonNote    `json:"notes"`
	Releases      []PersonRelease `json:"releases"`
	Letters       []PersonLetter  `json:"letters"`
	Memo          *PersonText     `json:"memo,omitempty"`

	Appointment clinic.Appointment `json:"-"`
}

// PersonConsent is what somebody agreed to, in the words that they were shown.
type PersonConsent struct {
	ID      string    `json:"id"`
	Wording string    `json:"wording"`
	Terms   string    `json:"terms_version"`
	Asked   string    `json:"questionnaire"`
	At      time.Time `json:"at"`
}

// PersonAnswer is a question as it was worded, and what was answered.
type PersonAnswer struct {
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Answer   []string `json:"answer"`
}

// PersonAnswers are the answers of one version: as they were sent, or as they stand and were not sent yet.
type PersonAnswers struct {
	Revision int            `json:"revision"`
	SentAt   *time.Time     `json:"sent_at"`
	Answers  []PersonAnswer `json:"answers"`
}

// PersonNote is a version of what a doctor has written and signed.
type PersonNote struct {
	Version  int        `json:"version"`
	Doctor   string     `json:"doctor"`
	SignedAt time.Time  `json:"signed_at"`
	Reason   string     `json:"reason,omitempty"`
	Lines    []PersonOf `json:"lines"`
}

// PersonOf is a part of a note, and what it says.
type PersonOf struct {
	Part string `json:"part"`
	Text string `json:"text"`
}

// PersonRelease is a doctor's decision about a treatment that the cautions held.
type PersonRelease struct {
	Doctor      string     `json:"doctor"`
	At          time.Time  `json:"at"`
	Fact        string     `json:"fact"`
	Treatment   string     `json:"treatment"`
	Reason      string     `json:"reason"`
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty"`
}

// PersonLetter is a letter. The links in it are left out, because whoever has them opens the booking.
type PersonLetter struct {
	Kind     string     `json:"kind"`
	Status   string     `json:"status"`
	DueAt    time.Time  `json:"due_at"`
	SentAt   *time.Time `json:"sent_at"`
	To       string     `json:"to,omitempty"`
	Subject  string     `json:"subject,omitempty"`
	Text     string     `json:"text,omitempty"`
	PurgedAt *time.Time `json:"purged_at,omitempty"`
}

// PersonText is what the front desk has written down.
type PersonText struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// PersonPlace is a place in line.
type PersonPlace struct {
	Branch string       `json:"branch"`
	Since  time.Time    `json:"since"`
	Status string       `json:"status"`
	First  string       `json:"first_day"`
	Last   string       `json:"last_day"`
	Typed  PersonRecord `json:"typed"`
}

// PersonRequest is a request that the data be deleted.
type PersonRequest struct {
	AskedAt   time.Time  `json:"asked_at"`
	Outcome   string     `json:"outcome,omitempty"`
	SettledAt *time.Time `json:"settled_at"`
	Reason    string     `json:"reason,omitempty"`
}

// PersonSeen is that somebody saw or changed something. Of the clinic's people their role is said, and not their name.
type PersonSeen struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	Action string    `json:"action"`
	Word   string    `json:"word"`
	Branch string    `json:"branch,omitempty"`
	Result string    `json:"result"`
}

// Consents are what was agreed to with a booking, in the words of the questionnaire that was asked: a version that was published never changes.
func Consents(q *intake.Questionnaire, a clinic.Appointment) []PersonConsent {
	out := []PersonConsent{}
	for _, c := range a.Booking.Details.Consents {
		wording := ""
		if question, ok := q.Question(c.Kind); ok {
			parts := append([]string{question.Label.In(a.Booking.Lang), question.Help.In(a.Booking.Lang)}, question.Show(a.Booking.Details.Answers[c.Kind], a.Booking.Lang)...)
			wording = strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
		}
		out = append(out, PersonConsent{ID: c.Kind, Wording: wording, Terms: c.Version, Asked: a.Booking.QuestionnaireVersion, At: c.At})
	}
	return out
}

// PersonNoteLines are the parts of a note and what they say.
func PersonNoteLines(l web.Locale, areas intake.Question, n clinic.Note) []PersonOf {
	var out []PersonOf
	for _, line := range noteLines(l, areas, n) {
		out = append(out, PersonOf{line.label, line.words})
	}
	return out
}
