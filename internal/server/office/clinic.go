package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowClinic shows the form of what belongs to the clinic as a whole: its name and its logo.
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
var clinicFields = []string{"name", "name_en", "remove_logo"}

// SaveClinic stores the clinic's name and, where a file was chosen, its logo, or shows what is wrong with them, or what somebody
// else has saved since the form was drawn.
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
	seen, before := page.ReadSeen(sent.Values), filled("name", stored.Name, "name_en", stored.NameEn)
	form := decided(sent.Values, before)
	remove := form.Get("remove_logo") != ""
	typed := clinic.Settings{Name: form.Get("name"), NameEn: form.Get("name_en"), Revision: seen.Revision}
	checked, errs := checkClinic(typed, sent)
	if len(errs) > 0 {
		typed.Logo = stored.Logo
		stay(c, c.Request.URL.Path)
		return p.showClinic(c, http.StatusUnprocessableEntity, view.ClinicForm{Edited: typed, Remove: remove, Errors: errs})
	}
	after := filled("name", checked.Name, "name_en", checked.NameEn)
	if remove && !stored.Logo.IsZero() {
		after.Set("remove_logo", "yes")
	}
	// A logo that was chosen goes over one that may be new, so that it is chosen again after that was said.
	differ := differences(seen, stored.Revision, clinicFields, before, after)
	if unseen := max(seen.Revision, seen.Shown) < stored.Revision; len(differ) > 0 || unseen && sent.Chosen {
		return page.Show(c, http.StatusConflict, view.ClinicConflictPage(p.conflict(c, sent.Values, stored.Revision, differ), sent.Chosen))
	}
	err = p.Store.ChangeSettings(c.Request.Context(), page.Actor(c), func(now clinic.Settings) clinic.Settings {
		next := checked
		next.Revision = stored.Revision
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
