package office

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowClinic shows the form of what belongs to the clinic as a whole: its name, its logo and who answers for personal data.
func (p *Pages) ShowClinic(c *gin.Context) error {
	settings, err := p.Store.Settings(c.Request.Context())
	if err != nil {
		return err
	}
	return p.showClinic(c, http.StatusOK, view.ClinicForm{Edited: settings, Saved: justSaved(c)})
}

func (p *Pages) showClinic(c *gin.Context, status int, form view.ClinicForm) error {
	form.Frame = p.frame(c, clinic.Branch{})
	return page.Show(c, status, view.ClinicPage(form))
}

// clinicFields are the fields of the form but for its file, in their order.
var clinicFields = []string{
	"name", "name_en", "remove_logo", "operator", "address", "contact", "processors", "operator_en", "address_en", "contact_en", "processors_en",
}

// clinicForm fills the form in.
func clinicForm(s clinic.Settings) url.Values {
	lines := strings.NewReplacer("\r\n", "\n")
	return filled("name", s.Name, "name_en", s.NameEn, "operator", s.Operator, "operator_en", s.OperatorEn, "address", s.Address, "address_en", s.AddressEn,
		"contact", s.Contact, "contact_en", s.ContactEn, "processors", lines.Replace(s.Processors), "processors_en", lines.Replace(s.ProcessorsEn))
}

func readClinic(form url.Values) clinic.Settings {
	return clinic.Settings{
		Name: form.Get("name"), NameEn: form.Get("name_en"), Operator: form.Get("operator"), OperatorEn: form.Get("operator_en"),
		Address: form.Get("address"), AddressEn: form.Get("address_en"), Contact: form.Get("contact"), ContactEn: form.Get("contact_en"),
		Processors: form.Get("processors"), ProcessorsEn: form.Get("processors_en"),
	}
}

// SaveClinic stores the settings and, where a file was chosen, the logo, or shows what is wrong with them, or what somebody else has
// saved since the form was drawn.
func (p *Pages) SaveClinic(c *gin.Context) error {
	sent, err := page.ReadUpload(c.Request, "logo", clinic.MaxLogoBytes)
	if err != nil {
		return err
	}
	return p.saveClinic(c, sent)
}

func (p *Pages) saveClinic(c *gin.Context, sent page.Upload) error {
	stored, err := p.Store.Settings(c.Request.Context())
	if err != nil {
		return err
	}
	seen, before := page.ReadSeen(sent.Values), clinicForm(stored)
	form := decided(sent.Values, before)
	remove := form.Get("remove_logo") != ""
	typed := readClinic(form)
	typed.Revision = seen.Revision
	checked, errs := checkClinic(typed, sent)
	if len(errs) > 0 {
		typed.Logo = stored.Logo
		stay(c, c.Request.URL.Path)
		return p.showClinic(c, http.StatusUnprocessableEntity, view.ClinicForm{Edited: typed, Remove: remove, Errors: errs})
	}
	after := clinicForm(checked)
	if remove && !stored.Logo.IsZero() {
		after.Set("remove_logo", "yes")
	}
	// A logo that was chosen goes over one that may be new, so that it is chosen again after that was said.
	differ := differences(seen, stored.Revision, clinicFields, before, after)
	if unseen := max(seen.Revision, seen.Shown) < stored.Revision; len(differ) > 0 || unseen && sent.Chosen {
		return page.Show(c, http.StatusConflict, view.ClinicConflictPage(p.conflict(c, "", sent.Values, stored.Revision, differ), sent.Chosen))
	}
	err = p.Store.ChangeSettings(c.Request.Context(), page.Actor(c), func(now clinic.Settings) clinic.Settings {
		next := checked
		next.Revision, next.SecondFactor = stored.Revision, now.SecondFactor // which has a page of its own
		if next.Logo.IsZero() && !remove {
			next.Logo = now.Logo
		}
		return next
	})
	switch {
	case clinic.IsStale(err): // saved by somebody else since it was read: what they saved is compared anew
		return p.saveClinic(c, sent)
	case err != nil:
		return err
	}
	return page.GoTo(c, "/office/clinic"+savedMark)
}

// checkClinic checks what was typed and the file that came with it.
func checkClinic(typed clinic.Settings, sent page.Upload) (clinic.Settings, clinic.Errors) {
	checked, errs := clinic.CheckSettings(typed)
	switch {
	case sent.TooLong:
		errs = append(errs, clinic.LogoTooLarge())
	case sent.Chosen:
		logo, wrong := clinic.NewLogo(sent.File)
		checked.Logo, errs = logo, append(errs, wrong...)
	}
	return checked, errs
}
