package office

import (
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/encoding/japanese"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const importPath = "/office/import"

// importMinutes is how long a counseling is taken to be of which a file does not say it, unless somebody says otherwise.
const importMinutes = "60"

// ShowImports shows the form by which a file is sent, and what has come of those before.
func (p *Pages) ShowImports(c *gin.Context) error {
	branch, _, err := p.branchOf(c, clinic.ManageClinic, c.Query("branch"))
	if err != nil {
		return err
	}
	kind := clinic.ImportPatients
	if c.Query("kind") == string(clinic.ImportBookings) {
		kind = clinic.ImportBookings
	}
	return p.showImports(c, http.StatusOK, view.Imports{Typed: clinic.Import{Kind: kind, BranchID: branch.ID}, Minutes: importMinutes})
}

func (p *Pages) showImports(c *gin.Context, status int, v view.Imports) error {
	branch, branches, err := p.branchOf(c, clinic.ManageClinic, v.Typed.BranchID)
	if err != nil {
		return err
	}
	v.Frame, v.Branches, v.Now = p.frame(c, clinic.Branch{}), branches, p.Now()
	v.Zone = branch.Location()
	if v.Past, err = p.Store.Imports(c.Request.Context(), page.Actor(c)); err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, status, view.ImportsPage(v))
}

// SendImport takes a file and shows what would come of it, or what is wrong with it.
func (p *Pages) SendImport(c *gin.Context) error {
	sent, err := page.ReadUpload(c.Request, "file", clinic.MaxImportBytes)
	if err != nil {
		return err
	}
	i, errs := clinic.CheckImport(clinic.Import{
		Kind: clinic.ImportKind(sent.Get("kind")), BranchID: sent.Get("branch"), Source: sent.Get("source"), Letters: sent.Get("letters") != "",
	}, sent.Get("minutes"))
	branch, _, err := p.branchOf(c, clinic.ManageClinic, i.BranchID)
	if err != nil {
		return err
	}
	if branch.ID == "" || branch.ID != i.BranchID {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "branch", Message: "error.choose"})
	}
	switch {
	case sent.TooLong:
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "file", Message: "error.import.large", Args: map[string]string{"MB": view.ImportMegabytes}})
	case !sent.Chosen:
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "file", Message: "error.import.file"})
	case errs.For("kind") == nil:
		i.Text = readText(sent.File)
		if _, wrong := clinic.ReadImport(i.Kind, i.Text); wrong != nil {
			errs = append(errs, wrong)
		}
	}
	if len(errs) > 0 {
		stay(c, importPath)
		return p.showImports(c, http.StatusUnprocessableEntity, view.Imports{Typed: i, Minutes: sent.Get("minutes"), Errors: errs})
	}
	id, err := p.Store.KeepImport(c.Request.Context(), page.Actor(c), i)
	if err != nil {
		return err
	}
	return page.GoTo(c, importPath+"/"+id)
}

// readText is the text of a file in the encoding in which the fewest of its signs are none: UTF-8, or Shift_JIS as Windows writes it (CP932),
// or EUC-JP. UTF-16 is told by its first sign.
func readText(file []byte) string {
	if text, ok := readUTF16(file); ok {
		return clinic.Showable(text)
	}
	best, fewest := strings.ToValidUTF8(string(file), string(unicode.ReplacementChar)), 0
	if utf8.Valid(file) {
		return clinic.Showable(best)
	}
	for i, decode := range []func([]byte) ([]byte, error){
		func(b []byte) ([]byte, error) {
			return []byte(strings.ToValidUTF8(string(b), string(unicode.ReplacementChar))), nil
		},
		japanese.ShiftJIS.NewDecoder().Bytes, japanese.EUCJP.NewDecoder().Bytes,
	} {
		text, err := decode(file)
		if err != nil {
			continue
		}
		if broken := strings.Count(string(text), string(unicode.ReplacementChar)); i == 0 || broken < fewest {
			best, fewest = string(text), broken
		}
	}
	return clinic.Showable(best)
}

// readUTF16 reads what Excel calls Unicode text.
func readUTF16(file []byte) (string, bool) {
	big := len(file) >= 2 && file[0] == 0xfe && file[1] == 0xff
	if !big && (len(file) < 2 || file[0] != 0xff || file[1] != 0xfe) {
		return "", false
	}
	var units []uint16
	for pair := range slices.Chunk(file[2:len(file)-len(file)%2], 2) {
		if big {
			units = append(units, uint16(pair[0])<<8|uint16(pair[1]))
		} else {
			units = append(units, uint16(pair[1])<<8|uint16(pair[0]))
		}
	}
	return string(utf16.Decode(units)), true
}

// ShowImport shows what would come of a file that was sent; how far it has been taken over; or what has come of it.
func (p *Pages) ShowImport(c *gin.Context) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	i, err := p.Store.Import(ctx, actor, c.Param("id"))
	if err != nil {
		return err
	}
	branch, err := p.Store.Branch(ctx, i.BranchID)
	if err != nil {
		return err
	}
	v := view.Import{Frame: p.frame(c, clinic.Branch{}), Of: i, At: branch, Now: p.Now()}
	if !i.Ended(p.Now()) && !i.Begun() {
		if v.Examined, err = p.Store.ExamineImport(ctx, actor, i); err != nil {
			return err
		}
	}
	if v.Doctors, err = p.Store.Doctors(ctx); err != nil {
		return err
	}
	page.Saw(c, clinic.SawImport, clinic.Subject{Branch: i.BranchID})
	page.Private(c)
	return page.Show(c, http.StatusOK, view.ImportPage(v))
}

// RunImport takes some lines over, or throws the file away. Whoever has asked is shown how far it has come, and the page asks again.
func (p *Pages) RunImport(c *gin.Context) error {
	ctx, actor, id := c.Request.Context(), page.Actor(c), c.Param("id")
	var err error
	if c.PostForm("do") == "stop" {
		err = p.Store.EndImport(ctx, actor, id)
	} else {
		_, err = p.Store.RunImport(ctx, actor, id)
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, importPath+"/"+id)
}

// ImportTemplate is a file to begin with: the heads that are understood, and a line that shows how they are filled in.
func (p *Pages) ImportTemplate(c *gin.Context) error {
	kind := clinic.ImportKind(c.Query("kind"))
	if kind != clinic.ImportPatients && kind != clinic.ImportBookings {
		return &clinic.Error{Code: clinic.NotFound, Message: "error.not_found"}
	}
	l := web.LocaleOf(c.Request.Context())
	branch, _, err := p.branchOf(c, clinic.ManageClinic, "")
	if err != nil {
		return err
	}
	doctors, err := p.Store.DoctorsAt(c.Request.Context(), branch.ID)
	if err != nil {
		return err
	}
	_ = csvFile(c, "import-"+string(kind)).WriteAll(view.ImportTemplate(l, kind, branch, doctors, clinic.DateOf(p.Now(), branch.Location())))
	return nil
}
