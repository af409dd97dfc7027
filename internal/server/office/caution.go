package office

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// cautionsOf are the cautions of the version that the query names, or else of the one that is asked now.
func (p *Pages) cautionsOf(c *gin.Context, version string) (view.Cautions, error) {
	ctx := c.Request.Context()
	v := view.Cautions{Frame: p.frame(c, clinic.Branch{}), Loc: time.UTC}
	q, err := p.QuestionnaireOf(ctx, version)
	if err != nil {
		return v, err
	}
	v.Questions = q
	if v.Sets, err = p.Store.CautionSets(ctx, page.Actor(c), q.Version); err != nil {
		return v, err
	}
	if v.All, err = p.Store.Questionnaires(ctx); err != nil {
		return v, err
	}
	v.Loc, err = p.zoneOf(c, page.Staff(c).DoctorID)
	return v, err
}

// cautionsToSign are the cautions of a version with what there is to know before they are signed.
func (p *Pages) cautionsToSign(c *gin.Context, version string) (view.Cautions, error) {
	v, err := p.cautionsOf(c, version)
	if err != nil {
		return v, err
	}
	ctx, doctor := c.Request.Context(), page.Actor(c)
	if v.Misfits, err = p.Store.Misfits(ctx, doctor, v.Questions.Version); err != nil {
		return v, err
	}
	if v.Covered, err = p.Store.CautionsCovered(ctx, doctor, v.Sets[0]); err != nil {
		return v, err
	}
	var older []intake.CautionSet
	if at := slices.IndexFunc(v.All, func(q *intake.Questionnaire) bool { return q.Version == v.Questions.Version }) + 1; at > 0 && at < len(v.All) {
		if older, err = p.Store.CautionSets(ctx, doctor, v.All[at].Version); err != nil {
			return v, err
		}
	}
	if since, ok := intake.Since(v.Sets, older); ok {
		v.Since = &since
	}
	if _, on, err := p.offered(c); err != nil || !on {
		return v, err
	}
	shipped, err := p.Shipped.Parse()
	if err != nil {
		return v, err
	}
	v.Offer = &view.CautionsOffer{Questions: shipped, Changes: intake.RuleChanges(v.Sets[0].Delivered, shipped.Rules)}
	return v, nil
}

// ShowCautions lists the rules with who has signed them.
func (p *Pages) ShowCautions(c *gin.Context) error {
	v, err := p.cautionsToSign(c, c.Query("version"))
	if err != nil {
		return err
	}
	v.Done = c.Query("done")
	for _, name := range c.QueryArray("too") {
		for _, q := range v.All {
			if set := setNamed(name); q.Set.Name() == set && q.Set.SignedBy(page.Staff(c).DoctorID) {
				v.Too = append(v.Too, set)
			}
		}
	}
	return page.Show(c, http.StatusOK, view.CautionsPage(v))
}

// SignCautions signs the set that the doctor has read. Where another is applied by now, that one is shown instead.
func (p *Pages) SignCautions(c *gin.Context) error {
	form := c.Request.PostForm
	version := form.Get("version")
	number, err := strconv.Atoi(form.Get("number"))
	if err != nil {
		number = 0 // who does not say which one they have read has read none
	}
	also := make([]intake.SetNumber, len(form["also"]))
	for i, name := range form["also"] {
		also[i] = setNamed(name)
	}
	switch err := p.Store.SignCautions(c.Request.Context(), page.Actor(c), intake.SetNumber{Version: version, Number: number}, also...); {
	case clinic.IsStale(err):
		stay(c, view.CautionsURL(version))
		v, err := p.cautionsToSign(c, version)
		if err != nil {
			return err
		}
		v.Stale = true
		return page.Show(c, http.StatusConflict, view.CautionsPage(v))
	case err != nil:
		return err
	}
	to := view.CautionsURL(version) + "&done=signed"
	for _, name := range form["also"] {
		to += "&too=" + url.QueryEscape(name)
	}
	return page.GoTo(c, to)
}

// setNamed is the set that a form calls by its name, such as 3-2.
func setNamed(name string) intake.SetNumber {
	at := strings.LastIndex(name, "-")
	if at < 0 {
		return intake.SetNumber{Version: name}
	}
	number, err := strconv.Atoi(name[at+1:])
	if err != nil {
		number = 0 // no set has it
	}
	return intake.SetNumber{Version: name[:at], Number: number}
}

// cautionFields are the fields of a rule's form, but for the reason, which is new each time.
var cautionFields = []string{"severity", "ja", "en"}

func cautionForm(r intake.Rule) url.Values {
	return url.Values{"severity": {string(r.Severity)}, "ja": {r.Words.JA}, "en": {r.Words.EN}}
}

// ruleToEdit is the rule that the path and the query name, with the number of the set in which it was changed last.
func (p *Pages) ruleToEdit(c *gin.Context) (v view.CautionRule, changed int, err error) {
	cautions, err := p.cautionsOf(c, c.Query("version"))
	if err != nil {
		return v, 0, err
	}
	named := func(r intake.Rule) bool { return r.Key() == c.Param("rule") }
	v = view.CautionRule{Frame: cautions.Frame, Questions: cautions.Questions, Set: cautions.Sets[0], Revision: cautions.Sets[0].Number}
	rules := v.Set.Rules()
	at := slices.IndexFunc(rules, named)
	if at < 0 {
		return v, 0, store.NotFound()
	}
	v.Rule, v.Delivered = rules[at], v.Set.Delivered[at]
	for _, other := range cautions.All {
		if r, has := other.Set.Rule(v.Rule.Key()); has && other.Version != v.Questions.Version {
			v.Others = append(v.Others, view.RuleElsewhere{Version: other.Version, Rule: r})
		}
	}
	changed = 1
	for i, set := range cautions.Sets[:len(cautions.Sets)-1] {
		before := cautions.Sets[i+1].Rules()
		j := slices.IndexFunc(before, named)
		now := set.Rules()
		k := slices.IndexFunc(now, named)
		if k >= 0 && (j < 0 || before[j].Severity != now[k].Severity || before[j].Words != now[k].Words) {
			changed = set.Number
			break
		}
	}
	return v, changed, nil
}

// ShowCaution shows the form of a rule.
func (p *Pages) ShowCaution(c *gin.Context) error {
	v, _, err := p.ruleToEdit(c)
	if err != nil {
		return err
	}
	v.Form = cautionForm(v.Rule)
	return page.Show(c, http.StatusOK, view.CautionPage(v))
}

// SaveCaution changes a rule, or shows what is wrong, or what somebody else has saved of it since the form was drawn. Asked to, it puts what was
// delivered into the form and changes nothing.
func (p *Pages) SaveCaution(c *gin.Context) error {
	v, changed, err := p.ruleToEdit(c)
	if err != nil {
		return err
	}
	path := view.CautionURL(v.Questions.Version, v.Rule)
	stay(c, path)
	sent, before := c.Request.PostForm, cautionForm(v.Rule)
	seen, form := page.ReadSeen(sent), decided(sent, before)
	if sent.Get("do") == "restore" {
		v.Form, v.Revision, v.Restored = cautionForm(v.Delivered), seen.Revision, true
		v.Form.Set("reason", sent.Get("reason"))
		return page.Show(c, http.StatusOK, view.CautionPage(v))
	}
	typed := intake.CautionChange{Rule: v.Rule.Key(), Severity: form.Get("severity"), JA: form.Get("ja"), EN: form.Get("en"), Reason: form.Get("reason")}
	if _, _, err := v.Set.Change(typed); err != nil {
		errs, ok := err.(clinic.Errors) //nolint:errorlint // it is what Change returns for what was typed
		if !ok {
			return err
		}
		v.Form, v.Revision, v.Errors = form, seen.Revision, errs
		return page.Show(c, http.StatusUnprocessableEntity, view.CautionPage(v))
	}
	words := typed.Words()
	normal := url.Values{"severity": {typed.Severity}, "ja": {words.JA}, "en": {words.EN}}
	if differ := differences(seen, changed, cautionFields, before, normal); len(differ) > 0 {
		conflict := p.conflict(c, "", sent, v.Set.Number, differ)
		stay(c, path)
		return page.Show(c, http.StatusConflict, view.CautionConflictPage(conflict, path))
	}
	switch err := p.Store.ChangeCaution(c.Request.Context(), page.Actor(c), v.Questions.Version, v.Set.Number, typed); {
	case clinic.IsStale(err): // another set was made since it was read: what it says is compared anew
		return p.SaveCaution(c)
	case err != nil:
		return err
	}
	return page.GoTo(c, view.CautionsURL(v.Questions.Version)+"&done=saved")
}
