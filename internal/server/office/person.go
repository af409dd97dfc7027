package office

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	"madoguchi/web/letter"
	view "madoguchi/web/office"
)

// ExportPerson sends all that the clinic has of a person as a file, for the person.
func (p *Pages) ExportPerson(c *gin.Context) error {
	file, err := p.personFile(c)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	if err := page.NoteSeen(c); err != nil {
		return err
	}
	page.Private(c)
	c.Header("Content-Disposition", `attachment; filename="person.json"`)
	c.Data(http.StatusOK, "application/json; charset=utf-8", append(body, '\n'))
	return nil
}

// ShowPersonSheet shows the same to be printed.
func (p *Pages) ShowPersonSheet(c *gin.Context) error {
	file, err := p.personFile(c)
	if err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, http.StatusOK, view.PersonPage(c.Param("id"), file))
}

// personFile reads all that the clinic has of the person in the path.
func (p *Pages) personFile(c *gin.Context) (f view.PersonFile, err error) {
	ctx, l := c.Request.Context(), web.LocaleOf(c.Request.Context())
	person, err := p.Store.Person(ctx, page.Actor(c), c.Param("id"))
	if err != nil {
		return f, err
	}
	page.Saw(c, clinic.Exported, clinic.Subject{Patient: c.Param("id")})
	f = view.PersonFile{
		Format: view.PersonFormat, MadeAt: p.Now().UTC(), Clinic: web.ClinicOf(ctx).Name,
		Records: []view.PersonRecord{}, Bookings: []view.PersonBooking{}, Waiting: []view.PersonPlace{}, Letters: p.personLetters(l, person.Letters), Memos: []view.PersonText{},
		Requests: []view.PersonRequest{}, Seen: []view.PersonSeen{},
	}
	for _, r := range person.Records {
		f.Records = append(f.Records, personRecord(r))
	}
	for _, m := range person.Memos {
		f.Memos = append(f.Memos, view.PersonText{At: m.UpdatedAt, Text: m.Text})
	}
	for _, b := range person.Bookings {
		booking, err := p.personBooking(c, l, b)
		if err != nil {
			return f, err
		}
		f.Bookings = append(f.Bookings, booking)
	}
	branches, err := p.Store.Branches(ctx)
	if err != nil {
		return f, err
	}
	named := func(id string) string {
		if i := slices.IndexFunc(branches, func(b clinic.Branch) bool { return b.ID == id }); i >= 0 {
			return branches[i].In(l.Lang()).Name
		}
		return ""
	}
	for _, w := range person.Places {
		f.Waiting = append(f.Waiting, view.PersonPlace{
			Branch: named(w.BranchID), Since: w.CreatedAt, Status: string(w.Status), First: w.Wish.First.String(), Last: w.Wish.Last.String(), Typed: personRecord(w.Patient),
		})
	}
	for _, e := range person.Requests {
		f.Requests = append(f.Requests, view.PersonRequest{AskedAt: e.AskedAt, Outcome: string(e.Outcome), SettledAt: e.SettledAt, Reason: e.Reason})
	}
	for _, e := range person.Seen {
		line := view.AuditLine{AuditEntry: e}
		who := line.Person(l)
		if e.Kind == clinic.ActorStaff && e.Role != "" {
			who = l.Word("role", string(e.Role))
		}
		f.Seen = append(f.Seen, view.PersonSeen{At: e.At, Who: who, Action: string(e.Action), Word: line.Word(l), Branch: named(e.Branch), Result: e.Result})
	}
	return f, nil
}

func personRecord(p clinic.Patient) view.PersonRecord {
	r := view.PersonRecord{
		FamilyName: p.FamilyName, GivenName: p.GivenName, FamilyKana: p.FamilyKana, GivenKana: p.GivenKana, Sex: string(p.Sex), Phone: p.Phone, Email: p.Email, Since: p.CreatedAt.UTC(),
	}
	if !p.Birth.IsZero() {
		r.Birth = p.Birth.String()
	}
	return r
}

func (p *Pages) personBooking(c *gin.Context, l web.Locale, b store.PersonBooking) (view.PersonBooking, error) {
	a := b.Appointment
	details := a.Booking.Details
	out := view.PersonBooking{
		Reference: a.Booking.Reference, Branch: a.Branch.In(l.Lang()).Name, Doctor: a.Doctor.Name(l.Lang()), StartsAt: a.Slot.StartsAt, EndsAt: a.Slot.EndsAt,
		Status: string(a.Booking.Status), BookedAt: a.Booking.CreatedAt.UTC(), Channel: string(a.Booking.Channel), Language: a.Booking.Lang, Questionnaire: a.Booking.QuestionnaireVersion,
		Area: details.Attribution.Area, Article: details.Attribution.Article, Campaign: details.Attribution.Campaign, Typed: personRecord(a.Patient),
		Consents: []view.PersonConsent{}, Answers: []view.PersonAnswers{}, Notes: []view.PersonNote{}, Releases: []view.PersonRelease{},
		Letters: p.personLetters(l, b.Letters), Appointment: a,
	}
	q, err := p.QuestionnaireOf(c.Request.Context(), a.Booking.QuestionnaireVersion)
	if err != nil {
		return out, err
	}
	lang := a.Booking.Lang // as they were asked
	out.Consents = view.Consents(q, a)
	if out.Said, err = p.personAnswers(c, q, lang, details.Answers); err != nil {
		return out, err
	}
	for _, v := range b.Versions {
		answers, err := p.personAnswers(c, q, lang, v.Answers)
		if err != nil {
			return out, err
		}
		out.Answers = append(out.Answers, view.PersonAnswers{Revision: v.Revision, SentAt: &v.SentAt, Answers: answers})
	}
	if n := len(b.Versions); len(b.Intake.Answers) > 0 && (n == 0 || b.Versions[n-1].Revision != b.Intake.Revision) {
		answers, err := p.personAnswers(c, q, lang, b.Intake.Answers)
		if err != nil {
			return out, err
		}
		out.Answers = append(out.Answers, view.PersonAnswers{Revision: b.Intake.Revision, Answers: answers})
	}
	for _, n := range b.Notes {
		out.Notes = append(out.Notes, view.PersonNote{Version: n.Version, Doctor: n.Author, SignedAt: n.SignedAt, Reason: n.Reason, Lines: view.PersonNoteLines(l, q.Areas(), n.Note)})
	}
	for _, r := range b.Releases {
		out.Releases = append(out.Releases, view.PersonRelease{
			Doctor: r.Doctor.In(l.Lang()), At: r.At, Fact: r.Title.In(l.Lang()), Treatment: l.Word("treatment", string(r.Treatment)), Reason: r.Reason, WithdrawnAt: r.WithdrawnAt,
		})
	}
	if b.Memo.Text != "" {
		out.Memo = &view.PersonText{At: b.Memo.UpdatedAt, Text: b.Memo.Text}
	}
	return out, nil
}

// personAnswers are answers with the questions as they were worded, in the order of the questionnaire. What it does not ask comes last.
func (p *Pages) personAnswers(c *gin.Context, q *intake.Questionnaire, lang string, answers map[string][]string) ([]view.PersonAnswer, error) {
	out := []view.PersonAnswer{}
	asked := map[string]bool{}
	for _, s := range q.All() {
		for _, question := range s.Questions {
			if values, said := answers[question.ID]; said && len(values) > 0 {
				question = q.WithOptions(question)
				asked[question.ID] = true
				out = append(out, view.PersonAnswer{ID: question.ID, Question: question.Label.In(lang), Answer: question.Show(values, lang)})
			}
		}
	}
	var rest []string
	for id, values := range answers {
		if !asked[id] && len(values) > 0 {
			rest = append(rest, id)
		}
	}
	slices.Sort(rest)
	for _, id := range rest {
		question, err := p.QuestionByID(c.Request.Context(), q, id)
		if err != nil {
			return nil, err
		}
		out = append(out, view.PersonAnswer{ID: id, Question: question.Label.In(lang), Answer: question.Show(answers[id], lang)})
	}
	return out, nil
}

// personLetters are letters as they read. A token in one opens the booking, so that it is left out.
func (p *Pages) personLetters(l web.Locale, all []clinic.Letter) []view.PersonLetter {
	out := []view.PersonLetter{}
	for _, one := range all {
		v := view.PersonLetter{
			Kind: l.Word("letter", string(one.Kind)), Status: l.Word("letter_status", string(one.Status)), DueAt: one.DueAt, SentAt: one.SentAt, To: one.Content.To, PurgedAt: one.PurgedAt,
		}
		if one.Content.To != "" {
			if written, err := letter.Write(one, p.BaseURL); err == nil { // one that cannot be written has said nothing to anybody
				v.Subject, v.Text = written.Subject, written.Text
				if token := one.Content.Token; token != "" {
					v.Text = strings.ReplaceAll(v.Text, token, "…")
				}
			}
		}
		out = append(out, v)
	}
	return out
}
