package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// SaveDoctorPhoto gives a doctor the photo that was uploaded, or takes theirs away.
func (p *Pages) SaveDoctorPhoto(c *gin.Context) error {
	doctor, worksAt, err := p.Store.Doctor(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	path := "/office/doctors/" + doctor.ID
	return p.savePhoto(c, path, doctor.ID, func(seen string, photo clinic.Photo) error {
		return p.Store.SetDoctorPhoto(c.Request.Context(), page.Actor(c), doctor.ID, seen, photo)
	}, func(status int, wrong view.PhotoForm) error {
		if doctor, worksAt, err = p.Store.Doctor(c.Request.Context(), doctor.ID); err != nil {
			return err
		}
		return p.showDoctor(c, status, doctor, worksAt, nil, wrong)
	})
}

// SaveBranchPhoto gives a branch the photo that was uploaded, or takes its own away.
func (p *Pages) SaveBranchPhoto(c *gin.Context) error {
	branch, err := p.branchToEdit(c)
	if err != nil {
		return err
	}
	path := "/office/branches/" + branch.ID
	return p.savePhoto(c, path, branch.ID, func(seen string, photo clinic.Photo) error {
		return p.Store.SetBranchPhoto(c.Request.Context(), page.Actor(c), branch.ID, seen, photo)
	}, func(status int, wrong view.PhotoForm) error {
		if branch, err = p.branchToEdit(c); err != nil {
			return err
		}
		return p.showBranch(c, status, branch, nil, wrong)
	})
}

// savePhoto reads the form, has the photo stored, and leads back to the page at a path, or shows it with what is wrong: with the file, or
// that somebody else has put another photo there since.
func (p *Pages) savePhoto(c *gin.Context, path, id string, store func(seen string, photo clinic.Photo) error, show func(status int, wrong view.PhotoForm) error) error {
	sent, err := page.ReadUpload(c.Request, "photo", clinic.MaxPhotoBytes)
	if err != nil {
		return err
	}
	stay(c, path)
	var photo clinic.Photo
	if sent.Get("do") != "remove" {
		var errs clinic.Errors
		if photo, errs = p.readPhoto(id, sent); len(errs) > 0 {
			return show(http.StatusUnprocessableEntity, view.PhotoForm{Errors: errs, Crop: clinic.PhotoCrop(sent.Get("crop"))})
		}
	}
	err = store(sent.Get("seen-photo"), photo)
	switch {
	case clinic.IsStale(err):
		return show(http.StatusConflict, view.PhotoForm{Conflict: true, Crop: clinic.PhotoCrop(sent.Get("crop"))})
	case err != nil:
		return err
	}
	return page.GoTo(c, path+savedMark+"#photo-form")
}

// readPhoto makes the photo of the file that was sent. One is made at a time: a picture that is unfolded takes as much memory as many pages.
func (p *Pages) readPhoto(id string, sent page.Upload) (clinic.Photo, clinic.Errors) {
	switch {
	case sent.TooLong:
		return clinic.Photo{}, clinic.Errors{clinic.PhotoTooLarge()}
	case !sent.Chosen:
		return clinic.Photo{}, clinic.Errors{clinic.NoPhoto()}
	}
	p.unfolding.Lock()
	defer p.unfolding.Unlock()
	return clinic.PhotoFor(id, sent.File, clinic.PhotoCrop(sent.Get("crop")))
}

// MoveDoctor moves a doctor a place up or down in the order in which patients and calendars have them.
func (p *Pages) MoveDoctor(c *gin.Context) error {
	if err := p.Store.MoveDoctor(c.Request.Context(), page.Actor(c), c.Param("id"), c.PostForm("do") == "up"); err != nil {
		return err
	}
	return page.GoTo(c, "/office/doctors")
}

// MoveBranch is MoveDoctor for a branch.
func (p *Pages) MoveBranch(c *gin.Context) error {
	if err := p.Store.MoveBranch(c.Request.Context(), page.Actor(c), c.Param("id"), c.PostForm("do") == "up"); err != nil {
		return err
	}
	return page.GoTo(c, "/office/branches")
}
