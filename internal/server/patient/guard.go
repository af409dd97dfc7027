package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// guarded is a form that nobody needs a link for, as it was sent or is to be shown.
type guarded struct {
	key    string // its idempotency key
	about  string // the slot, or the branch of a place in line
	branch clinic.Branch
	email  string
	again  bool // it comes back
}

func (p *Pages) puzzleOf(c *gin.Context, g guarded) clinic.PuzzleOf {
	return clinic.PuzzleOf{Form: g.key, About: g.about, Visitor: p.Visitor(c).Token}
}

// newGuard is what the form is to have.
func (p *Pages) newGuard(c *gin.Context, g guarded) (view.Guard, error) {
	if !p.Puzzles {
		return view.Guard{}, nil
	}
	puzzle, err := p.Store.NewPuzzle(c.Request.Context(), p.puzzleOf(c, g), g.again)
	return view.Guard{Puzzle: puzzle.String()}, err
}

// trapped answers a program that has filled in what nobody sees, as if all were well.
func (p *Pages) trapped(c *gin.Context, branch clinic.Branch) (bool, error) {
	if c.PostForm(view.TrapField) == "" {
		return false, nil
	}
	p.Store.CountForm(clinic.FormTrapped)
	page.Private(c)
	c.Abort()
	return true, page.Show(c, http.StatusOK, view.TakenPage(branch))
}

// proved reports whether a form whose fields are right came with its proof of work, or with the code that was sent to its address. Where it came without
// either, the code is sent, and refusal is why it was not, or what is wrong with the one that was typed.
func (p *Pages) proved(c *gin.Context, g guarded) (ok bool, asks view.Guard, refusal *clinic.Error, err error) {
	if !p.Puzzles {
		return true, asks, nil, nil
	}
	puzzle, answered, err := p.Store.CheckPuzzle(p.puzzleOf(c, g), c.PostForm("guard-puzzle"), c.PostForm("guard-proof"))
	switch {
	case err != nil:
		return false, asks, nil, err
	case answered == clinic.Solved:
		if puzzle.HastyAt(p.Now()) {
			p.Store.CountForm(clinic.FormHasty)
		}
		return true, asks, nil, nil
	case answered == clinic.Expired:
		p.Store.CountForm(clinic.FormExpired)
		return false, asks, &clinic.Error{Code: clinic.Invalid, Message: "error.puzzle.expired"}, nil
	}
	asks.Code, asks.Typed = true, c.PostForm("guard-code")
	if asks.Typed != "" {
		if ok, err = p.Store.CodeFits(g.email, asks.Typed); ok || err != nil {
			return ok, asks, nil, err
		}
		refusal = &clinic.Error{Code: clinic.Invalid, Field: "guard-code", Message: "error.code.wrong"}
	}
	p.Store.CountForm(clinic.FormUnsolved)
	err = p.Store.SendCode(c.Request.Context(), p.Visitor(c), g.branch, g.email, page.Lang(c))
	if many := refusalOf(err); many != nil {
		return false, view.Guard{}, many, nil
	}
	return false, asks, refusal, err
}
