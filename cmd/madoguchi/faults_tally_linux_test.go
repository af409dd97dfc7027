package main_test

import (
	"fmt"
	"strings"
	"sync"
)

// tally counts what the tests of faults have seen. Its first two counts are 0 in a program that keeps its promises.
type tally struct {
	mu     sync.Mutex
	names  []string
	counts map[string]int
}

func newTally(names ...string) *tally {
	return &tally{names: append([]string{"lost", "double"}, names...), counts: map[string]int{}}
}

// add counts n more, and returns how many there are.
func (a *tally) add(name string, n int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.counts[name] += n
	return a.counts[name]
}

func (a *tally) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for _, name := range a.names {
		out = append(out, fmt.Sprintf("%s %d", name, a.counts[name]))
	}
	return strings.Join(out, ", ")
}
