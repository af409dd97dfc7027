package server_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// hostile would become an element, end an attribute or a script, and read like an entity, wherever it is not escaped.
// bare is the same in what is left when some checks of ours took things away.
const (
	hostile = `"'><hostile-mark onclick=1>&lt;</textarea></title></script><hostile-mark>{{7*7}}`
	element = "hostile-mark"
)

// TestMarkers_InEveryField plants what would be a page's end or a script's beginning in everything that anybody can say,
// the patient, the staff and the browser, past all checks, and reads every page there is.
func TestMarkers_InEveryField(t *testing.T) {
	for _, lang := range web.Languages() {
		t.Run(lang, func(t *testing.T) {
			b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Lang: lang, Request: hostile, Answer: hostile})
			plant(t, b)
			pages := everyPage(t, b)
			maps.Copy(pages, hostileRequests(t, b))
			shown := map[string]bool{}
			for what, a := range pages {
				if a.Status >= http.StatusInternalServerError {
					t.Errorf("%s: %s answered %d", what, a.Asked, a.Status)
				}
				for name, values := range a.Header {
					if strings.Contains(strings.Join(values, ""), "<"+element) {
						t.Errorf("%s: the header %s holds it", what, name)
					}
				}
				if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
					continue
				}
				doc := a.Page()
				if doc.Find(element+", [onclick]").Length() > 0 {
					t.Errorf("%s: what was typed has become a part of the page", what)
				}
				if strings.Contains(doc.Text(), "<"+element) || doc.Find("[value*='"+element+"']").Length() > 0 {
					shown[what] = true
				}
			}
			// Where it must be read as the words it is; on pages without it, this test would have shown nothing.
			for _, what := range []string{
				"patient /", "times of a branch", "form", "patient /booking/:token", "section goal", "section wish", "patient /intake/:token/review", "typed in every field",
				"front desk /office/bookings/:id", "day", "search", "typed search", "admin /office/branches", "admin /office/branches/:id", "admin /office/doctors/:id",
				"slots", "doctor /office/charts/:id", "doctor's day", "typed branch", "typed clinic", "typed doctor", "admin /office/clinic", "patient /privacy", "typed sign-in",
			} {
				if !shown[what] {
					t.Errorf("%s does not show it; these do: %v", what, slices.Sorted(maps.Keys(shown)))
				}
			}
		})
	}
}

// plant writes it into the branches, the doctors and a second booking, as no form would let it.
func plant(t *testing.T, b *servertest.Booked) {
	t.Helper()
	ctx := t.Context()
	branch := b.Branch
	branch.Name, branch.NameEn, branch.Address, branch.AddressEn, branch.Access, branch.AccessEn, branch.Phone = hostile, hostile, hostile, hostile, hostile, hostile, hostile
	branch.Settings = clinic.BranchSettings{PhoneHours: hostile, PhoneHoursEn: hostile}
	servertest.Must(t, b.Store.ChangeSettings(ctx, storetest.Owner, func(now clinic.Settings) clinic.Settings {
		now.Name, now.NameEn = hostile, hostile
		return now
	}))
	_, err := b.Store.SaveBranch(ctx, storetest.Owner, branch)
	servertest.Must(t, err)
	for _, doctor := range b.Doctors {
		doctor.FamilyName, doctor.GivenName, doctor.FamilyKana, doctor.GivenKana, doctor.NameEn = hostile, hostile, hostile, hostile, hostile
		doctor.Career, doctor.CareerEn, doctor.Societies, doctor.SocietiesEn = hostile, hostile, hostile, hostile
		_, err := b.Store.SaveDoctor(ctx, storetest.Owner, doctor, []string{branch.ID})
		servertest.Must(t, err)
	}
	r := storetest.Request(b.Slots[1].ID, 1)
	r.Patient.FamilyName, r.Patient.GivenName, r.Patient.GivenKana, r.Patient.Email, r.Patient.Phone = hostile, hostile, hostile, hostile+"@example.jp", hostile
	r.Details = clinic.Details{
		Answers: map[string][]string{"areas": {hostile}, "request": {hostile}, "contact": {hostile}}, Attribution: clinic.Attribution{Area: hostile, Article: hostile, Campaign: hostile},
		Consents: []clinic.Consent{{Kind: hostile, Version: hostile}},
	}
	receipt := storetest.Book(t, b.Store, r)
	_, err = b.Store.AnswerIntake(ctx, clinic.PatientByLink(receipt.Token), func(c store.Chart) (intake.Record, error) {
		record := c.Intake
		record.Version, record.Answers, record.Done = hostile, intake.Answers{}, []string{hostile}
		for _, section := range b.Questions.Intake {
			for _, q := range section.Questions {
				record.Answers[q.ID] = []string{hostile}
			}
		}
		return record, nil
	})
	servertest.Must(t, err)
	l, ok, err := b.Store.ClaimLetter(ctx)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	servertest.Must(t, b.Store.LetterFailed(ctx, l, hostile, true))
}

// hostileRequests say it in every parameter, field, cookie and header.
func hostileRequests(t *testing.T, b *servertest.Booked) map[string]*servertest.Answer {
	t.Helper()
	pages := map[string]*servertest.Answer{}
	everyName := func(form url.Values) url.Values {
		for name := range form {
			if name != "slot" && name != "asked" {
				form[name] = []string{hostile}
			}
		}
		return form
	}
	typed := everyName(servertest.BookingForm(b.Slots[6].ID))
	pages["typed in every field"] = b.Patient.PostForm("/book", typed)
	for _, section := range b.Questions.Intake {
		form := servertest.SectionForm(section, servertest.Answers())
		pages["typed in "+section.ID] = b.Patient.PostForm("/intake/"+b.Token+"/"+section.ID, everyName(form))
	}
	query := url.Values{}
	for _, name := range []string{"area", "article", "campaign", "branch", "doctor", "week", "sex", "slot", "date", "q", "done", "next", "later", "from", "days", "lang", "back"} {
		query.Set(name, hostile)
	}
	header := http.Header{"Cookie": {"lang=" + hostile + "; visitor=" + hostile}, "Referer": {hostile}, "User-Agent": {hostile}, "Accept-Language": {hostile}, "X-Forwarded-For": {hostile}, "X-Request-Id": {hostile}}
	for _, r := range server.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		for who, v := range b.Everybody() {
			pages[who+" asks "+r.Path] = v.Send(r.Method, b.Fill(r.Path)+"?"+query.Encode(), nil, header)
		}
		path := strings.NewReplacer(":id", url.PathEscape(hostile), ":token", url.PathEscape(hostile), ":section", url.PathEscape(hostile), ":name", url.PathEscape(hostile)).Replace(r.Path)
		pages["path "+r.Path] = b.Admin.Get(path)
	}
	pages["unknown path with it"] = b.Patient.Get("/" + url.PathEscape(hostile))
	pages["typed search"] = b.FrontDesk.Post("/office/search", "q", hostile)
	pages["typed branch"] = b.Admin.PostForm("/office/branches/new", url.Values{"name": {hostile}, "address": {hostile}, "zone": {hostile}, "phone": {hostile}})
	pages["typed clinic"] = b.Admin.Upload("/office/clinic", "logo", hostile, []byte(hostile), "name", hostile, hostile, hostile)
	pages["typed doctor"] = b.Admin.PostForm("/office/doctors/new", url.Values{"family_name": {hostile}, "career": {hostile}, "sex": {hostile}, "branches": {hostile}})
	pages["typed slots"] = b.Admin.PostForm("/office/slots", url.Values{"branch": {b.Branch.ID}, "doctor": {hostile}, "date": {hostile}, "from": {hostile}, "minutes": {hostile}})
	pages["typed sign-in"] = b.Visitor(t).PostForm("/office/sign-in", url.Values{"email": {hostile}, "next": {hostile}})
	pages["API query"] = b.Patient.Get("/api/v1/slots?" + query.Encode())
	return pages
}
