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

// What the tests must know of the bounds of streams.
const (
	StreamsOfSession = streamsOfSession
	StreamsOfAll     = streamsOfAll
)

// Streams counts streams.
type Streams struct{ counted streams }

// Enter is that of the count.
func (s *Streams) Enter(session string) (leave func(), ok bool) { return s.counted.enter(session) }

// Count is how many streams and sessions are known.
func (s *Streams) Count() (all, sessions int) { return s.counted.all, len(s.counted.each) }
