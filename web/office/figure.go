package office

import (
	"slices"

	"madoguchi/internal/intake"
	"madoguchi/web/ui"
)

// marked are the areas to draw: those of the booking, and the one that the intake names as the main one.
func (v Chart) marked() []intake.Option {
	uses := v.Questions.Uses
	codes := union(v.answer(uses.Areas), v.answer(uses.MainArea))
	return slices.DeleteFunc(slices.Clone(v.Questions.Areas().Options), func(o intake.Option) bool { return !slices.Contains(codes, o.Code) })
}

// marks reports whether one of the areas to draw lies in a zone.
func (v Chart) marks(z intake.Zone) bool {
	return slices.ContainsFunc(v.marked(), func(o intake.Option) bool { return o.Zone == z })
}

// isMain reports whether an area troubles the patient most.
func (v Chart) isMain(o intake.Option) bool {
	return slices.Contains(v.answer(v.Questions.Uses.MainArea), o.Code)
}

// marksMain reports whether the area that troubles the patient most lies in a zone.
func (v Chart) marksMain(z intake.Zone) bool {
	return slices.ContainsFunc(v.marked(), func(o intake.Option) bool { return o.Zone == z && v.isMain(o) })
}

// seen are the zones to draw on the figure from the front, or from behind.
func (v Chart) seen(front bool) []ui.Zone {
	return slices.DeleteFunc(ui.ZonesFrom(front), func(z ui.Zone) bool { return !v.marks(z.Zone) })
}
