package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	"madoguchi/web/letter"
	view "madoguchi/web/office"
)

// ShowLetters lists the letters in trouble, at every branch of whoever asks: nobody else will see to them.
func (p *Pages) ShowLetters(c *gin.Context) error {
	letters, err := p.Store.LettersInTrouble(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	ids := make([]string, len(letters))
	for i, l := range letters {
		ids[i] = l.BookingID
	}
	appointments, err := p.Store.Appointments(c.Request.Context(), page.Actor(c), ids...)
	if err != nil {
		return err
	}
	data := view.Letters{Frame: p.frame(c, clinic.Branch{}), Now: p.Now()}
	for _, l := range letters {
		data.Letters = append(data.Letters, view.TroubledLetter{BookingLetter: bookingLetter(c, l), Appointment: appointments[l.BookingID]})
	}
	return page.Show(c, http.StatusOK, view.LettersPage(data))
}

// bookingLetter is a letter with the sentence about why it has not arrived.
func bookingLetter(c *gin.Context, l clinic.Letter) view.BookingLetter {
	shown := view.BookingLetter{Letter: l}
	switch {
	case l.Status == clinic.LetterHeld:
		shown.Sentence = web.LocaleOf(c.Request.Context()).T("office.booking.letter.held")
	case l.Failure != "":
		shown.Sentence = letter.Failure(page.Lang(c), l.Failure)
	}
	return shown
}
