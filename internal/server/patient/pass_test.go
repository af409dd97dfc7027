package patient_test

import (
	"net/http"
	"testing"

	"madoguchi/internal/server/servertest"
)

// prove is a browser that has given the birth date of a booking by servertest.BookingForm.
func prove(t *testing.T, s *servertest.Site, token string) *servertest.Visitor {
	t.Helper()
	form := servertest.BookingForm("")
	v := s.Visitor(t)
	v.Post("/booking/"+token+"/proof", "open-page", "contact",
		"birth_year", form.Get("birth_year"), "birth_month", form.Get("birth_month"), "birth_day", form.Get("birth_day")).Want(http.StatusSeeOther)
	return v
}
