package ui

import (
	"net/url"
	"slices"
)

// Link is an address of our own with a query of names and values in turn; empty values are left out.
func Link(path string, pairs ...string) string {
	query := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			query.Set(pair[0], pair[1])
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
