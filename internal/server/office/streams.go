package office

import "sync"

// How many streams of events are open at one time, of one session and of all. A person has a handful of pages open, of which a browser lets those go that
// nobody sees; each stream costs a connection and a few kilobytes for as long as it lasts.
const (
	streamsOfSession = 16
	streamsOfAll     = 2000
)

// streams counts the open streams.
type streams struct {
	mu   sync.Mutex
	all  int
	each map[string]int // by the session's token
}

// enter counts one more of a session until leave is called, once; there is none where there are too many.
func (s *streams) enter(session string) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= streamsOfAll || s.each[session] >= streamsOfSession {
		return nil, false
	}
	if s.each == nil {
		s.each = map[string]int{}
	}
	s.all++
	s.each[session]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.each[session]--; s.each[session] == 0 {
			delete(s.each, session)
		}
	}, true
}
