package page

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// TestAhead: a part that is drawn ahead stands where it is put, and what goes wrong in it goes wrong there.
func TestAhead(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	part := Ahead(t.Context(), templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		close(begun)
		<-goOn
		_, err := io.WriteString(w, "below")
		return err
	}))
	<-begun // before anybody wants it
	close(goOn)
	var b strings.Builder
	b.WriteString("above ")
	if err := part.Render(t.Context(), &b); err != nil || b.String() != "above below" {
		t.Errorf("the page reads %q, %v", b.String(), err)
	}

	wrong := errors.New("it cannot be drawn")
	failed := Ahead(t.Context(), templ.ComponentFunc(func(context.Context, io.Writer) error { return wrong }))
	if err := failed.Render(t.Context(), &b); !errors.Is(err, wrong) {
		t.Errorf("the error is %v", err)
	}
	panics := Ahead(t.Context(), templ.ComponentFunc(func(context.Context, io.Writer) error { panic(wrong) }))
	defer func() {
		if got := recover(); got != wrong { //nolint:errorlint // it is the very value
			t.Errorf("the panic is %v", got)
		}
	}()
	_ = panics.Render(t.Context(), &b)
}
