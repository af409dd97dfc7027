package patient_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

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

// fieldsOf are the fields of a struct by the names by which a form could ask for them.
func fieldsOf(of any) (names []string) {
	for _, field := range reflect.VisibleFields(reflect.TypeOf(of)) {
		var snake strings.Builder
		for i, r := range field.Name {
			if unicode.IsUpper(r) && i > 0 && !unicode.IsUpper(rune(field.Name[i-1])) {
				snake.WriteByte('_')
			}
			snake.WriteRune(unicode.ToLower(r))
		}
		names = append(names, field.Name, strings.ToLower(field.Name), snake.String(), strings.ReplaceAll(snake.String(), "_", "-"))
	}
	return names
}

// TestBadInput_MoreThanTheForm: what a request, a booking or a patient has and the form does not show is not set by it, under whatever name it is sent.
func TestBadInput_MoreThanTheForm(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		known := s.Book(t, s.Slots[0].Slot, 1)
		before, err := s.Store.Appointment(t.Context(), storetest.Owner, known.BookingID)
		servertest.Must(t, err)
		book := func(slotID, phone string, more bool) clinic.Appointment {
			t.Helper()
			form := servertest.BookingForm(slotID)
			form.Set("given_name", map[bool]string{true: "澪", false: "花子"}[more])
			form.Set("email", phone+"@example.jp")
			form.Set("phone", phone)
			form.Set("birth_day", phone[len(phone)-1:])
			names := slices.Concat(fieldsOf(clinic.Request{}), fieldsOf(clinic.Booking{}), fieldsOf(clinic.Patient{}), fieldsOf(clinic.Actor{}))
			for _, name := range names {
				if asked := name == "another" || name == "key"; more && !asked && !form.Has(name) { // which the form shows
					form.Set(name, before.Booking.PatientID)
				}
			}
			s.Visitor(t).PostForm("/book", form).Token()
			a, err := s.Store.Appointment(t.Context(), storetest.Owner, s.BookingAt(t, slotID))
			servertest.Must(t, err)
			return a
		}
		plain, full := book(s.Slots[1].ID, "09000000007", false), book(s.Slots[2].ID, "09000000009", true)
		for what, a := range map[string]clinic.Appointment{"the form": plain, "the form with more": full} {
			b := a.Booking
			if b.PatientID == before.Booking.PatientID || b.ID == before.Booking.PatientID || a.Patient.ID == before.Patient.ID && a.Patient.Phone == before.Patient.Phone {
				t.Errorf("%s books for somebody else: %+v", what, b)
			}
			storetest.LetterOf(t, s.Store, b.ID, clinic.Confirmation)
			b.ID, b.Reference, b.SlotID, b.PatientID, b.CreatedAt, b.Details = "", "", "", "", time.Time{}, clinic.Details{}
			want := clinic.Booking{Status: clinic.Booked, Channel: plain.Booking.Channel, Lang: "ja", QuestionnaireVersion: s.Questions.Version, Revision: plain.Booking.Revision}
			if !reflect.DeepEqual(b, want) {
				t.Errorf("%s makes the booking %+v, want %+v", what, b, want)
			}
		}
		after, err := s.Store.Appointment(t.Context(), storetest.Owner, known.BookingID)
		servertest.Must(t, err)
		if !reflect.DeepEqual(after, before) {
			t.Errorf("the other booking was %+v and is %+v", before, after)
		}
	})
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
