package office

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

const patientsPath = "/office/patients"

// foundPatients is how many patients a page shows.
const foundPatients = 20

// ShowPatients shows the form and who was registered lately.
func (p *Pages) ShowPatients(c *gin.Context) error {
	return p.showPatients(c, http.StatusOK, view.Patients{})
}

// FindPatients finds patients by what is typed.
func (p *Pages) FindPatients(c *gin.Context) error {
	text := c.PostForm("q")
	stay(c, patientsPath)
	v := view.Patients{Text: text, Asked: clinic.Tidy(text) != ""}
	if v.Error = clinic.BadSign("q", clinic.Tidy(text)); v.Error != nil {
		v.Asked = false
		return p.showPatients(c, http.StatusUnprocessableEntity, v)
	}
	return p.showPatients(c, http.StatusOK, v)
}

func (p *Pages) showPatients(c *gin.Context, status int, v view.Patients) error {
	v.Frame = p.frame(c, clinic.Branch{})
	if v.Error == nil {
		found, err := p.Store.SearchPatients(c.Request.Context(), page.Actor(c), v.Text, foundPatients)
		if err != nil {
			return err
		}
		v.Found, v.More = found.Patients, found.More
		page.SawEach(c, clinic.SawFound, v.Found, aboutRecord)
	}
	page.Private(c)
	return page.Show(c, status, view.PatientsPage(v))
}

func patientURL(id string) string { return patientsPath + "/" + id }

// ShowPatient shows one patient: what they have booked at the branches that the reader may see, and how they are called and reached.
func (p *Pages) ShowPatient(c *gin.Context) error {
	return p.showPatient(c, http.StatusOK, view.Patient{Notice: view.PatientNotice(c.Query("done"))})
}

func (p *Pages) showPatient(c *gin.Context, status int, v view.Patient) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	record, err := p.Store.Patient(ctx, actor, c.Param("id"))
	if err != nil {
		return err
	}
	id := record.Patient.ID
	if id != c.Param("id") && c.Request.Method == http.MethodGet { // merged into them
		return page.GoTo(c, patientURL(id))
	}
	page.Saw(c, clinic.SawPatient, aboutRecord(record))
	v.Frame, v.Record, v.Now = p.frame(c, clinic.Branch{}), record, p.Now()
	if v.Bookings, v.Elsewhere, err = p.Store.BookingsOf(ctx, actor, id); err != nil {
		return err
	}
	for _, a := range v.Bookings {
		q, err := p.QuestionnaireOf(ctx, a.Booking.QuestionnaireVersion)
		if err != nil {
			return err
		}
		v.Consents = append(v.Consents, view.Consents(q, a)...)
	}
	v.Zone = (clinic.Branch{Zone: clinic.DefaultZone}).Location()
	if len(v.Bookings) > 0 {
		v.Zone = v.Bookings[0].Branch.Location()
	}
	if v.Memo.Action == "" {
		memo, err := p.Store.PatientMemo(ctx, actor, id)
		if err != nil {
			return err
		}
		v.Memo = view.MemoForm{Action: patientURL(id) + "/memo", Typed: memo.Text, Stored: memo}
	}
	v.Memo.Zone = v.Zone
	if v.Duplicates, err = p.Store.Duplicates(ctx, actor, record.Patient); err != nil {
		return err
	}
	page.SawEach(c, clinic.SawFound, v.Duplicates, aboutRecord)
	if v.Merges, err = p.Store.MergesInto(ctx, actor, id); err != nil {
		return err
	}
	if v.Erasures, err = p.Store.ErasuresOf(ctx, actor, id); err != nil {
		return err
	}
	if slices.ContainsFunc(v.Erasures, clinic.Erasure.Open) {
		last, err := p.Store.LastNote(ctx, actor, id)
		if err != nil {
			return err
		}
		if !last.IsZero() {
			v.NotesKept = clinic.NoteKeptUntil(last, v.Zone)
		}
	}
	settled := make([]string, len(v.Erasures))
	for i, e := range v.Erasures {
		settled[i] = e.SettledBy
	}
	if v.Names, err = p.Store.StaffNames(ctx, settled...); err != nil {
		return err
	}
	if len(v.Contact.Errors) == 0 && v.Problem == nil {
		typed := record.Patient.Contact()
		typed.Phone = clinic.FormatPhone(typed.Phone)
		v.Contact = view.PatientForm{ContactForm: view.ContactForm{Typed: typed, Revision: record.Revision}, Birth: view.BirthShort(record.Patient.Birth)}
	}
	page.Private(c)
	return page.Show(c, status, view.PatientPage(v))
}

// patientFields are the fields of the form, in their order.
var patientFields = append(append([]string{}, contactFields...), "birth")

func patientForm(p clinic.Patient) url.Values {
	form := contactForm(p.Contact())
	if !p.Birth.IsZero() {
		form.Set("birth", view.BirthShort(p.Birth))
	}
	return form
}

// CorrectPatient corrects how a patient is called and reached, or shows what is wrong, or what somebody else has saved since the form
// was drawn.
func (p *Pages) CorrectPatient(c *gin.Context) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	record, err := p.Store.Patient(ctx, actor, c.Param("id"))
	if err != nil {
		return err
	}
	id, sent := record.Patient.ID, c.Request.PostForm
	seen, before := page.ReadSeen(sent), patientForm(record.Patient)
	form := decided(sent, before)
	typed, birth := readContact(form), form.Get("birth")
	corrected, errs := record.Patient.CorrectedRecord(typed, birth, clinic.DateOf(p.Now(), (clinic.Branch{Zone: clinic.DefaultZone}).Location()))
	if question := clinic.AskEmail(corrected.Email, sent.Get("email-asked")); question != nil && corrected.Email != record.Patient.Email && corrected.Email != "" {
		errs = append(errs, question)
	}
	contact := view.PatientForm{ContactForm: view.ContactForm{Typed: typed, EmailAsked: typed.Email, Revision: seen.Revision, Errors: errs}, Birth: birth}
	if len(errs) > 0 {
		stay(c, patientURL(id))
		return p.showPatient(c, http.StatusUnprocessableEntity, view.Patient{Contact: contact})
	}
	if differ := differences(seen, record.Revision, patientFields, before, patientForm(corrected)); len(differ) > 0 {
		for i, d := range differ {
			if d.Name == "phone" {
				differ[i].Stored, differ[i].Typed = shownPhones(d.Stored), shownPhones(d.Typed)
			}
		}
		page.Saw(c, clinic.SawPatient, aboutRecord(record))
		conflict := p.conflict(c, id, sent, record.Revision, differ)
		stay(c, patientURL(id))
		return page.Show(c, http.StatusConflict, view.PatientConflictPage(conflict))
	}
	if corrected == record.Patient {
		return page.GoTo(c, patientURL(id))
	}
	err = p.Store.CorrectPatient(ctx, actor, id, record.Revision, corrected)
	if clinic.IsStale(err) { // saved by somebody else since it was read: what they saved is compared anew
		return p.CorrectPatient(c)
	}
	return p.afterPatient(c, id, err, view.PatientSaved, contact)
}

// afterPatient goes back to the patient and says what was done, or shows why nothing was.
func (p *Pages) afterPatient(c *gin.Context, id string, err error, done view.PatientNotice, contact view.PatientForm) error {
	var refusal *clinic.Error
	switch {
	case err == nil:
		return page.GoTo(c, patientURL(id)+"?done="+string(done))
	case errors.As(err, &refusal) && refusal.Code == clinic.Conflict:
		stay(c, patientURL(id))
		return p.showPatient(c, page.Status(refusal.Code), view.Patient{Problem: refusal, Contact: contact})
	}
	return err
}

// SavePatientMemo writes down what is typed about a patient. It comes again and again while somebody types; to htmx it answers the
// form alone.
func (p *Pages) SavePatientMemo(c *gin.Context) error {
	ctx, actor, id := c.Request.Context(), page.Actor(c), c.Param("id")
	typed := c.PostForm("memo")
	revision := clinic.ReadSeen(c.PostForm("seen-revision"), "", nil).Revision
	stored, err := p.Store.PatientMemo(ctx, actor, id)
	if err != nil {
		return err
	}
	if c.PostForm("do") == "both" && stored.Text != typed { // both were shown
		typed = stored.Text + "\n" + typed
	}
	err = p.Store.SavePatientMemo(ctx, actor, id, revision, typed)
	form := view.MemoForm{Action: patientURL(id) + "/memo", Typed: typed, Zone: (clinic.Branch{Zone: clinic.DefaultZone}).Location()}
	status := http.StatusOK
	errs, wrong := atField(err)
	switch {
	case err == nil && !asksForPart(c):
		return page.GoTo(c, patientURL(id)+"#memo-part")
	case err == nil:
	case clinic.IsStale(err):
		status, form.Stale = http.StatusConflict, true
	case wrong:
		status, form.Error = http.StatusUnprocessableEntity, errs.For("memo")
	default:
		return err
	}
	if form.Stored, err = p.Store.PatientMemo(ctx, actor, id); err != nil {
		return err
	}
	page.Private(c)
	c.Header("Vary", "HX-Request")
	if asksForPart(c) {
		page.Saw(c, clinic.SawPatient, clinic.Subject{Patient: id})
		return page.Show(c, status, view.MemoPart(form))
	}
	stay(c, patientURL(id))
	return p.showPatient(c, status, view.Patient{Memo: form})
}

// CloseOnline lets a patient book by telephone only, or online again.
func (p *Pages) CloseOnline(c *gin.Context) error {
	id := c.Param("id")
	err := p.Store.CloseOnline(c.Request.Context(), page.Actor(c), id, c.PostForm("closed") != "")
	return p.afterPatient(c, id, err, view.PatientSaved, view.PatientForm{})
}

// ShowMerge shows what merging two patients would do: ?with=ID is the one who is merged into the patient.
func (p *Pages) ShowMerge(c *gin.Context) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	v := view.Merging{Frame: p.frame(c, clinic.Branch{}), Now: p.Now()}
	var err error
	if v.Kept, err = p.Store.Patient(ctx, actor, c.Param("id")); err != nil {
		return err
	}
	if v.Merged, err = p.Store.Patient(ctx, actor, c.Query("with")); err != nil {
		return err
	}
	if v.Kept.Patient.ID == v.Merged.Patient.ID {
		return page.GoTo(c, patientURL(v.Kept.Patient.ID))
	}
	page.Saw(c, clinic.SawPatient, aboutRecord(v.Kept), aboutRecord(v.Merged))
	var elsewhere int
	if v.Bookings, elsewhere, err = p.Store.BookingsOf(ctx, actor, v.Merged.Patient.ID); err != nil {
		return err
	}
	v.Elsewhere = elsewhere
	page.Private(c)
	return page.Show(c, http.StatusOK, view.MergePage(v))
}

// Merge makes two patients one.
func (p *Pages) Merge(c *gin.Context) error {
	id := c.Param("id")
	_, err := p.Store.MergePatients(c.Request.Context(), page.Actor(c), id, c.PostForm("with"))
	return p.afterPatient(c, id, err, view.PatientMerged, view.PatientForm{})
}

// UndoMerge makes two patients of one again.
func (p *Pages) UndoMerge(c *gin.Context) error {
	id := c.Param("id")
	err := p.Store.UndoMerge(c.Request.Context(), page.Actor(c), id, c.PostForm("merge"))
	return p.afterPatient(c, id, err, view.MergeUndone, view.PatientForm{})
}
