package office_test

import (
	"net/http"
	"testing"

	"madoguchi/internal/store/storetest"
)

// The link to a patient's mailbox names that mailbox and adds nothing: no subject, no other recipient.
func TestBooking_EscapesTheMailAddress(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		r := storetest.Request(o.slotOf(0, 0).ID, 1)
		r.Patient.Email = "a?bcc=b&c%d@example.jp"
		receipt := storetest.Book(t, o.store, r)
		a := o.signedIn(receptionMail).get("/office/bookings/" + receipt.BookingID).want(http.StatusOK)
		a.wantText("a[href^='mailto:']", "a?bcc=b&c%d@example.jp")
		if link := a.Find("a[href^='mailto:']").AttrOr("href", ""); link != "mailto:a%3Fbcc%3Db%26c%25d@example.jp" {
			t.Errorf("the link is %s", link)
		}
	})
}
