package clinic

import "time"

// A screen with a note says every NoteScreenEvery that it is open, and counts as closed when it has said nothing for NoteScreenLife.
const (
	NoteScreenEvery = 20 * time.Second
	NoteScreenLife  = 50 * time.Second
)

// maxScreen is the longest name of a screen, in characters.
const maxScreen = 40

// CheckScreen refuses what is no name of a screen. The pages make them up.
func CheckScreen(typed string) error {
	return checkLine(nil, "screen", typed, true, maxScreen).Err()
}
