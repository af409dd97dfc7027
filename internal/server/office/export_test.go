package office

import "testing"

// FillPlaces takes every place of those who sign in on a browser that is not known, until the test is over.
func FillPlaces(t *testing.T) {
	t.Helper()
	for range cap(placesForAll) {
		leave, ok := placesForAll.enter()
		if !ok {
			t.Fatal("a place is taken")
		}
		t.Cleanup(leave)
	}
}
