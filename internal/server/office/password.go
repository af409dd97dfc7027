package office

import (
	"context"
	"fmt"

	"github.com/alexedwards/argon2id"
)

// hashing is how passwords are hashed: RFC 9106's second recommendation with one lane, so that whoever guesses passwords keeps one core busy and leaves
// the others to everybody else. A hash carries its parameters, so raising them leaves old ones good.
var hashing = argon2id.Params{Memory: 64 << 10, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashers bounds the memory and the work of this process: each comparison takes 64 MiB and some tenths of a second, whoever asks for it.
var hashers = make(chan struct{}, 1)

// places bounds how many wait for a comparison, so that whoever comes then hears at once that they should come again: an answer
// after a minute is none. Browsers on which somebody has signed in before have places of their own, so that strangers who fill all
// of theirs keep no member of staff out.
type places chan struct{}

var (
	placesForAll   = make(places, 16)
	placesForKnown = make(places, 16)
)

// enter takes a place, to be left again; ok is false when all are taken.
func (p places) enter() (leave func(), ok bool) {
	select {
	case p <- struct{}{}:
		return func() { <-p }, true
	default:
		return nil, false
	}
}

// HashPassword makes the text that is stored of a password.
func HashPassword(password string) (string, error) {
	hash, err := argon2id.CreateHash(password, &hashing)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// hashPassword is HashPassword for whoever asks for a page: it waits for its turn, or gives up when the request ends.
func hashPassword(ctx context.Context, password string) (string, error) {
	select {
	case hashers <- struct{}{}:
		defer func() { <-hashers }()
	case <-ctx.Done():
		return "", fmt.Errorf("hash password: %w", ctx.Err())
	}
	return HashPassword(password)
}

// nobody is the hash of a password that nobody has. An account that does not exist is compared with it, so that the
// answer takes as long as for one that does.
const nobody = "$argon2id$v=19$m=65536,t=3,p=1$bWFkb2d1Y2hpLW5vYm9keQ$0wdx1DdH8cRjrZ2f3sVwYbH6m1kWm0Q8v5b2kT7y9Xg"

// passwordIs compares a password with a hash. At most cap(hashers) comparisons run at once; the others, who
// have a place, wait, or give up when their request ends.
func passwordIs(ctx context.Context, password, hash string) (bool, error) {
	select {
	case hashers <- struct{}{}:
		defer func() { <-hashers }()
	case <-ctx.Done():
		return false, fmt.Errorf("compare password: %w", ctx.Err())
	}
	right, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare password: %w", err)
	}
	return right, nil
}
