package office_test

import (
	"net/http"
	"testing"

	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestDoctors_SayWhoHasAnAccount: on the list, on the doctor's page and in the first steps; an account that is closed is none.
func TestDoctors_SayWhoHasAnAccount(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b, id := s.SignedIn(t, servertest.Admin), s.Doctors[0].ID
		says := func(tag, help string) {
			t.Helper()
			b.Get("/office/doctors").Want(http.StatusOK).WantText("tr:has(a[href='/office/doctors/"+id+"'])", tag)
			b.Get("/office/doctors/"+id).WantText("[data-account]", tag+" "+help)
			b.Get("/office/setup?branch="+s.Branch.ID+"&step=doctors").Want(http.StatusOK).WantText(".setup-there li:has(a[href='/office/doctors/"+id+"'])", tag)
		}
		says("アカウントあり", "サインインして、")
		storetest.Exec(t, s.Address, "UPDATE staff SET active = false WHERE doctor_id = '"+id+"'")
		says("アカウントなし", "サインインできないため、")
		b.Get("/office/setup?branch="+s.Branch.ID).WantText("[data-accounts]", s.Doctors[0].Name("ja"))
	})
}
