package clinic

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Puzzle is work that a browser does while its visitor fills in a form: for each of PuzzleParts it searches a number that, hashed together with the
// puzzle and the part, begins with so many zero bits. Many small parts take nearly the same time for everybody, where one large one would
// take some people five times as long as others. Nothing is stored of it: it is signed, together with the form that it belongs to.
type Puzzle struct {
	At    time.Time // when it was given
	Bits  int
	Again bool // the form came back, so that how soon it is sent says nothing
	Sign  string
}

const (
	// PuzzleParts is how many numbers are looked for: with PuzzleBits about 65,000 hashes, a third of a second on a phone that is some years old.
	PuzzleParts = 16

	// PuzzleBits is how many bits of each hash are zero on a usual day.
	PuzzleBits = 12

	// FloodBits are eight times as many, while a flood lasts. They are done within the minute that somebody needs for the form.
	FloodBits = 15

	// PuzzleFor is how long a puzzle may be sent: as long as what was typed into a form is kept.
	PuzzleFor = time.Hour

	// Hasty is how soon nobody sends a form that they have typed themselves. A browser may have filled it in, so it is counted and not refused.
	Hasty = 5 * time.Second

	maxPuzzle = 100 // more than Text and a proof need
	maxProof  = 200
)

// PuzzleOf is the form that a puzzle belongs to: with another one its sign does not fit.
type PuzzleOf struct {
	Form    string // the form's idempotency key, under which it does one thing only once
	About   string // the slot, or the branch of a place in line
	Visitor string // the token of the browser; "" for one that has none yet
}

// Signed is what the sign of the puzzle is made from.
func (p Puzzle) Signed(of PuzzleOf) string {
	return strings.Join([]string{p.facts(), of.Form, of.About, of.Visitor}, "\n")
}

func (p Puzzle) facts() string {
	again := "0"
	if p.Again {
		again = "1"
	}
	return strconv.FormatInt(p.At.Unix(), 10) + "." + strconv.Itoa(p.Bits) + "." + again
}

// String is the puzzle as the form carries it.
func (p Puzzle) String() string { return p.facts() + "." + p.Sign }

// ParsePuzzle reads what String wrote.
func ParsePuzzle(text string) (p Puzzle, ok bool) {
	parts := strings.Split(text, ".")
	if len(text) > maxPuzzle || len(parts) != 4 {
		return Puzzle{}, false
	}
	at, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return Puzzle{}, false
	}
	if p.Bits, err = strconv.Atoi(parts[1]); err != nil {
		return Puzzle{}, false
	}
	p.At, p.Again, p.Sign = time.Unix(at, 0).UTC(), parts[2] == "1", parts[3]
	return p, p.String() == text
}

// Fresh reports whether the puzzle may still be sent.
func (p Puzzle) Fresh(now time.Time) bool { return !p.At.After(now) && now.Before(p.At.Add(PuzzleFor)) }

// HastyAt reports whether a form is sent sooner than somebody can have typed it.
func (p Puzzle) HastyAt(now time.Time) bool { return !p.Again && now.Before(p.At.Add(Hasty)) }

// SolvedBy checks a proof, which is the number of each part, in their order.
func (p Puzzle) SolvedBy(proof string) bool {
	numbers := strings.Split(proof, ",")
	if len(proof) > maxProof || len(numbers) != PuzzleParts {
		return false
	}
	block := p.block()
	for part, text := range numbers {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil || zeros(&block, part, uint32(n)) < p.Bits {
			return false
		}
	}
	return true
}

// Solve is what browsers do in web/browser/puzzle.ts, for tests and for measuring.
func (p Puzzle) Solve() string {
	block := p.block()
	numbers := make([]string, PuzzleParts)
	for part := range numbers {
		n := uint32(0)
		for zeros(&block, part, n) < p.Bits {
			n++
		}
		numbers[part] = strconv.FormatUint(uint64(n), 10)
	}
	return strings.Join(numbers, ",")
}

// puzzleBlock is what is hashed: the seed of the puzzle, the part, and the number. It is short enough for one round of SHA-256, and all that browsers
// need of it.
type puzzleBlock [sha256.Size + 1 + 4]byte

// puzzlePiece is how much of a puzzle fits into one round behind a hash.
const puzzlePiece = 55 - sha256.Size

// block has the seed: the puzzle's text in pieces, each hashed together with the hash of those before.
func (p Puzzle) block() (b puzzleBlock) {
	for piece := range slices.Chunk([]byte(p.String()), puzzlePiece) {
		sum := sha256.Sum256(append(slices.Clone(b[:sha256.Size]), piece...))
		copy(b[:], sum[:])
	}
	return b
}

// zeros is with how many zero bits the hash of a number begins; of more than 32 it says 32.
func zeros(b *puzzleBlock, part int, n uint32) int {
	b[sha256.Size] = byte(part)
	binary.BigEndian.PutUint32(b[sha256.Size+1:], n)
	sum := sha256.Sum256(b[:])
	return bits.LeadingZeros32(binary.BigEndian.Uint32(sum[:]))
}

// Answered is what came of a puzzle with a form.
type Answered string

// What comes of a puzzle.
const (
	Unsolved Answered = "unsolved" // by a browser without scripts, or a program
	Expired  Answered = "expired"  // or of another form
	Solved   Answered = "solved"
)
