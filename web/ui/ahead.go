package ui

import (
	"bytes"
	"context"
	"io"

	"github.com/a-h/templ"
)

// Ahead begins to draw a long part of a page while what stands before it is drawn, so that a page takes no longer than the longer of the two where a
// machine has two cores. ctx is that of the request: not that of a page that is being drawn, in which templ keeps what it has drawn so far. A panic in the
// part is that of the page.
func Ahead(ctx context.Context, part templ.Component) templ.Component {
	type drawn struct {
		html     []byte
		err      error
		panicked any
	}
	done := make(chan drawn, 1) // nobody waits for it where the page fails before
	go func() {
		var d drawn
		defer func() {
			d.panicked = recover()
			done <- d
		}()
		var b bytes.Buffer
		d.err = part.Render(ctx, &b)
		d.html = b.Bytes()
	}()
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		d := <-done
		if d.panicked != nil {
			panic(d.panicked)
		}
		if d.err != nil {
			return d.err
		}
		_, err := w.Write(d.html)
		return err
	})
}
