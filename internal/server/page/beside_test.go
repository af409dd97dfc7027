package page_test

import (
	"errors"
	"testing"

	"madoguchi/internal/server/page"
)

// TestBeside_FailsAsTheRequest: what is done beside a request ends with its error, and a panic in it ends the request, which says so, and not the
// program.
func TestBeside_FailsAsTheRequest(t *testing.T) {
	want := errors.New("as it was")
	if got := page.Beside(func() error { return want })(); !errors.Is(got, want) {
		t.Errorf("it ends with %v", got)
	}
	wait := page.Beside(func() error { panic("as it was") })
	defer func() {
		if got := recover(); got != "as it was" {
			t.Errorf("the request is told %v", got)
		}
	}()
	t.Errorf("the request goes on, with %v", wait())
}
