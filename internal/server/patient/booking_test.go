package patient_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// TestBadInput_Booking makes every mistake in the booking form, in both languages: 422, the field is marked in words, for
// the eye and for a screen reader, everything typed stays, and nothing was written.
func TestBadInput_Booking(t *testing.T) {
	for engine := range storetest.Engines {
		for _, lang := range web.Languages() {
			if engine == "postgres" && lang == "ja" {
				continue // the words are the same on either engine; once each is enough
			}
			t.Run(engine+"/"+lang, func(t *testing.T) {
				s := servertest.Open(t, engine)
				v := s.Visitor(t).Speak(lang)
				slot := s.Slots[0].ID
				v.Post("/hold", "slot", slot).Want(http.StatusSeeOther)
				v.Post("/typed").Want(http.StatusNoContent)
				before := s.Facts(t)
				for _, m := range servertest.BookingMistakes() {
					if m.Lang != "" && m.Lang != lang {
						continue
					}
					t.Run(m.Name(), func(t *testing.T) {
						form := m.With(servertest.BookingForm(slot))
						doc := v.For(t).PostForm("/book", form).Want(http.StatusUnprocessableEntity).Page()
						checkMarked(t, doc, lang, m)
						checkKept(t, doc, form)
						if doc.Find("[data-left]").Length() != 1 {
							t.Error("the time is no longer kept")
						}
					})
				}
				s.WantUnchanged(t, before)
				// The same form without a mistake is good.
				v.PostForm("/book", servertest.BookingForm(slot)).Want(http.StatusSeeOther)
			})
		}
	}
}

// TestBadInput_EverythingAtOnce: an empty form names every field at once, in the order of the page.
func TestBadInput_EverythingAtOnce(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	before := s.Facts(t)
	doc := s.Visitor(t).Post("/book", "slot", s.Slots[0].ID).Want(http.StatusUnprocessableEntity).Page()
	var got []string
	doc.Find(".wrongs a").Each(func(_ int, s *goquery.Selection) { got = append(got, s.AttrOr("href", "")) })
	want := []string{
		"#family_name", "#given_name", "#family_kana", "#given_kana", "#birth_date", "#sex", "#phone", "#email", "#visited", "#areas", "#c_privacy", "#c_cancel",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the summary leads to %v, want %v", got, want)
	}
	s.WantUnchanged(t, before)
}

// TestBadInput_Slot: a slot that was tampered with, or that is somebody else's, or past. The form comes back as it was
// typed, with the next free times to choose from.
func TestBadInput_Slot(t *testing.T) {
	for engine := range storetest.Engines {
		for _, lang := range web.Languages() {
			t.Run(engine+"/"+lang, func(t *testing.T) {
				s := servertest.Open(t, engine)
				other, v := s.Visitor(t), s.Visitor(t).Speak(lang)
				held, booked, past := s.Slots[0].ID, s.Slots[1].ID, s.Slots[2].ID
				other.Book(booked)
				other.Post("/hold", "slot", held).Want(http.StatusSeeOther)
				before := s.Facts(t)
				for _, c := range []struct {
					name, slot string
					status     int
					message    string
				}{
					{"unknown", clinic.NewID(), http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"empty", "", http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"SQL", "' OR 1=1 --", http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"NUL", "\x00", http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"no UTF-8", "\xff", http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"huge", strings.Repeat("a", 100_000), http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"another's hold", held, http.StatusConflict, "error.slot.taken"},
					{"booked", booked, http.StatusConflict, "error.slot.taken"},
					{"past", past, http.StatusConflict, "error.slot.past"},
				} {
					t.Run(c.name, func(t *testing.T) {
						if c.name == "past" {
							s.Clock.Advance(28 * time.Hour) // 13:00 on the day of the slots
							defer s.Clock.Advance(-28 * time.Hour)
						}
						form := servertest.BookingForm(c.slot)
						form.Set("key", "of this case") // or the answer of the booking above is given again
						doc := v.For(t).PostForm("/book", form).Want(c.status).Page()
						form.Del("slot")
						form.Del("key")
						checkKept(t, doc, form)
						if said := text(doc.Find(".notice")); !strings.Contains(said, web.Find(lang).T(c.message)) {
							t.Errorf("the page says %q", said)
						}
						if doc.Find("[name=change_slot]").Length() == 0 {
							t.Error("no other time is offered")
						}
						// The hold itself is refused the same way.
						v.For(t).Post("/hold", "slot", c.slot).Want(c.status)
					})
				}
				s.WantUnchanged(t, before)
			})
		}
	}
}
