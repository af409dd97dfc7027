package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// A link is copied with what stands behind it, and some programs write addresses in capitals. The token is all there then.
func TestLink_IsCleaned(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	token := s.Book(t, s.SlotOf(t, 0, 0), 1).Token
	v := s.Visitor(t)
	for _, before := range []string{"/booking/", "/intake/"} {
		for _, typed := range []string{token + "/", token + "。", token + ")", token + "）です", token + ">", token + ". ", strings.ToUpper(token), strings.ToUpper(token) + "//"} {
			a := v.Get(before + url.PathEscape(typed)).Want(http.StatusSeeOther)
			if a.Location() != before+token || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s%s leads to %q, kept as %q", before, typed, a.Location(), a.Header.Get("Cache-Control"))
			}
		}
		if a := v.Get(before + token + "/?lang=en").Want(http.StatusSeeOther); a.Location() != before+token+"?lang=en" {
			t.Errorf("with a query it leads to %s", a.Location())
		}
		for _, typed := range []string{token[:25] + "/", token + "a", "(" + token, token + "/nothing/", clinic.NewToken() + "a)"} {
			if a := v.Get(before + typed); a.Status != http.StatusNotFound {
				t.Errorf("%s%s answers %d", before, typed, a.Status)
			}
		}
	}
	v.Get("/booking/" + token).Want(http.StatusOK)
	if a := v.Post("/booking/" + token + "/"); a.Status != http.StatusNotFound && a.Status != http.StatusMethodNotAllowed {
		t.Errorf("a form sent to it answers %d", a.Status)
	}
}
