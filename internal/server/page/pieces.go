package page

import (
	"net/http"
	"time"
)

// piecePatience is how long the client may take for one piece of an answer.
const piecePatience = time.Minute

// Pieces is an answer that is sent piece by piece. As a whole it may last as long as it likes; a client that does not take a piece in
// time is cut off.
type Pieces struct {
	control *http.ResponseController
	late    *time.Timer
}

// SendPieces begins such an answer. It ends with Close.
func SendPieces(w http.ResponseWriter) (*Pieces, error) {
	p := &Pieces{control: http.NewResponseController(w)}
	if err := p.control.SetWriteDeadline(time.Time{}); err != nil {
		return nil, err
	}
	// A deadline that has passed ends whatever is being written.
	p.late = time.AfterFunc(piecePatience, func() { _ = p.control.SetWriteDeadline(time.Unix(1, 0)) }) // it could be set before, so it can be now
	return p, nil
}

// Sent sends what has been written so far. The next piece has its time from now on.
func (p *Pieces) Sent() error {
	if err := p.control.Flush(); err != nil {
		return err
	}
	p.late.Reset(piecePatience)
	return nil
}

// Rest says that nothing is being sent until the next piece begins with Resume.
func (p *Pieces) Rest() { p.late.Stop() }

// Resume begins the next piece after a Rest.
func (p *Pieces) Resume() { p.late.Reset(piecePatience) }

// Close ends the answer.
func (p *Pieces) Close() { p.late.Stop() }
