package server_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/server/servertest"
)

// The switch of language leads from the answer to a patient's form back to the form's own page, whatever page the browser says it was
// sent from: the answer to an earlier try is no page that can be asked for, and many browsers say nothing.
func TestLanguage_LeadsBackToTheForm(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	v, free, other := b.Visitor(t), b.SlotOf(t, 0, 3).ID, b.SlotOf(t, 0, 4).ID
	wrong := servertest.BookingForm(free)
	maps.Copy(wrong, url.Values{"phone": {""}, "women": {"f"}, "campaign": {"autumn"}})
	changed, lost := maps.Clone(wrong), maps.Clone(wrong)
	changed.Set("change_slot", other)
	lost.Set("slot", b.Slots[0].ID)
	carried := url.Values{"women": {"f"}, "area": {"back"}, "article": {"back-fat"}, "campaign": {"autumn"}}
	book := func(slot string) string {
		query := maps.Clone(carried)
		query.Set("slot", slot)
		return "/book?" + query.Encode()
	}
	choice := url.Values{"branch": {b.Branch.ID}, "sex": {"f"}, "week": {"2026-11-25"}, "area": {"back"}}
	hold := maps.Clone(choice)
	maps.Copy(hold, url.Values{"slot": {b.Slots[0].ID}, "doctor": {""}})
	section := b.Questions.Intake[0]
	intake := "/intake/" + b.Token + "/" + section.ID + "?edit=1"
	asked := servertest.SectionForm(section, url.Values{})
	for _, c := range []struct {
		path, back string
		form       url.Values
	}{
		{"/book", book(free), wrong},
		{"/book", book(b.Slots[0].ID), lost},
		{"/hold", "/slots?" + choice.Encode(), hold},
		{intake, intake, asked},
		{"/booking/" + b.Token + "/email", "/booking/" + b.Token, url.Values{"email": {"hana@"}}},
		{"/book", book(other), changed},
	} {
		for _, from := range []string{"", "http://yoyaku.example.jp" + c.path} {
			header := servertest.FormHeader()
			header.Set("Referer", from)
			a := v.Send(http.MethodPost, c.path, strings.NewReader(c.form.Encode()), header)
			if got := a.Find("form[action='/language'] input[name=back]").First().AttrOr("value", ""); got != c.back {
				t.Errorf("%s, answered %d and sent from %q, leads back to %s, want %s", c.path, a.Status, from, got, c.back)
			}
			if to := v.Get(c.back).Status; to >= http.StatusInternalServerError || to == http.StatusMethodNotAllowed || to == http.StatusNotFound {
				t.Errorf("%s answers %d", c.back, to)
			}
		}
	}
}
