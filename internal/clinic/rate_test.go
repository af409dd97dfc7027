package clinic

import (
	"slices"
	"testing"
)

func TestRates_Full(t *testing.T) {
	for name, test := range map[string]struct {
		rates  Rates
		lately map[string]int
		all    bool
		full   []string
	}{
		"no rates":                          {Rates{}, map[string]int{"a": 1000, "": 1000}, false, nil},
		"nothing was sent":                  {Rates{All: 1, Domain: 1}, nil, false, nil},
		"one below both":                    {Rates{All: 5, Domain: 3}, map[string]int{"a": 2, "b": 2}, false, nil},
		"one domain has its share":          {Rates{All: 6, Domain: 3}, map[string]int{"a": 3, "b": 2}, false, []string{"a"}},
		"all together":                      {Rates{All: 4}, map[string]int{"a": 2, "b": 1, "": 1}, true, nil},
		"what goes otherwise has no domain": {Rates{Domain: 3}, map[string]int{"": 3}, false, nil},
	} {
		all, full := test.rates.Full(test.lately)
		if all != test.all || !slices.Equal(full, test.full) {
			t.Errorf("%s: %v and %v wait", name, all, full)
		}
	}
}
