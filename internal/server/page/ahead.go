package page

import (
	"bytes"
	"context"
	"io"

	"github.com/a-h/templ"
)

// Ahead begins to draw a long part of a page while what stands before it is drawn, so that a page takes no longer than the longer of the two where a
// machine has two cores. ctx is that of the request: not that of a page that is being drawn, in which templ keeps what it has drawn so far. Where the page
// fails before it comes to the part, nobody waits for it.
func Ahead(ctx context.Context, part templ.Component) templ.Component {
	var b bytes.Buffer
	drawn := Beside(func() error { return part.Render(ctx, &b) })
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		if err := drawn(); err != nil {
			return err
		}
		_, err := w.Write(b.Bytes())
		return err
	})
}
