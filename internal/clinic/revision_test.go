package clinic

import "testing"

func TestReadSeen_WhatCannotBeReadWasNotSeen(t *testing.T) {
	for text, want := range map[string]int{"": 0, "7": 7, "-1": 0, "x": 0, "1e9": 0, "99999999999999999999": 0} {
		if got := ReadSeen(text, text, nil); got.Revision != want || got.Shown != want {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
	s := ReadSeen("3", "5", map[string]string{"a": "stored", "b": "typed", "c": "neither", "d": ""})
	for field, want := range map[string]int{"a": 5, "b": 5, "c": 3, "d": 3, "e": 3} {
		if got := s.Of(field); got != want {
			t.Errorf("%s was seen in revision %d, want %d", field, got, want)
		}
	}
	if !s.Keeps("a") || s.Keeps("b") || s.Keeps("c") {
		t.Errorf("the choices are %v", s.Choices)
	}
}

func TestIsStale(t *testing.T) {
	if !IsStale(StaleError()) || IsStale(nil) || IsStale(TakenError()) || CodeOf(StaleError()) != Conflict {
		t.Error("only what came too late is stale")
	}
}
