package mail

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
)

// The words a failure code begins with. web/letter has a sentence for each.
const (
	codeConnect = "connect" // no connection, or it ended before the server had greeted
	codeLost    = "lost"    // the connection ended in the middle; the letter may have been taken
	codeTimeout = "timeout" // no answer in time
	codeStopped = "stopped" // we are shutting down
	codeTLS     = "tls"     // no encryption to be had
	codeAuth    = "auth"    // the server did not accept us
	codeToken   = "token"   // there is no access token to sign in with
	codeSender  = "sender"  // the server did not accept the sender's address
	codeSMTP    = "smtp"    // the server answered with the code that follows
	codeRender  = "render"  // the letter could not be written
	codeWrite   = "write"   // the letter could not be saved in the folder
	codeInside  = "inside"  // anything else
)

// failure is why a letter did not go out. Its text holds neither an address nor the server's words, because it is logged
// and shown; the cause is kept for tests and for the steps at which nobody's address has been said yet.
type failure struct {
	code      string
	permanent bool
	cause     error
}

func (f *failure) Error() string {
	switch f.code {
	case codeConnect, codeTLS, codeRender, codeWrite:
		return fmt.Sprintf("mail: %s: %v", f.code, f.cause)
	}
	return "mail: " + f.code
}

func (f *failure) Unwrap() error { return f.cause }

// Failure reads why Render or Send failed. The code is short and fit for logs and for staff: a word, after "smtp" and
// "auth" the server's reply code and, where it gave one, the enhanced code of RFC 3463, as in "smtp 550 5.1.1", after "token" what the
// authorization server calls it.
// A permanent failure would only repeat itself. What can be mended without touching the letter, a wrong password above
// all, counts as temporary, so that no letter is lost by it.
func Failure(err error) (code string, permanent bool) {
	var f *failure
	if errors.As(err, &f) {
		return f.code, f.permanent
	}
	return codeInside, false
}

// failed classifies an error of one step. ctx tells whether it was our own patience that ended; go-mail hides the
// network's errors, so they cannot be asked.
func failed(ctx context.Context, step string, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &failure{code: codeTimeout, cause: err}
	case ctx.Err() != nil:
		return &failure{code: codeStopped, cause: err}
	}
	var reply *textproto.Error
	switch {
	case errors.As(err, &reply) && (step == codeSender || step == codeLost):
		return refused(step, reply)
	case errors.As(err, &reply) && (step == codeTLS || reply.Code >= 500): // for now, as 454 of a sign-in, is nobody's mistake
		return &failure{code: fmt.Sprintf("%s %d", step, reply.Code), cause: err}
	case errors.As(err, &reply):
		return &failure{code: fmt.Sprintf("%s %d", codeSMTP, reply.Code), cause: err}
	case step == codeSender:
		step = codeLost
	}
	return &failure{code: step, cause: err}
}

// refused classifies a refusal of the message itself. A sender that is refused is a matter of the settings.
func refused(step string, reply *textproto.Error) error {
	code := codeSMTP
	switch {
	case reply.Code == 530 || reply.Code == 534 || reply.Code == 535 || reply.Code == 538: // RFC 4954, 6: sign in first, or otherwise
		code = codeAuth
	case step == codeSender && reply.Code >= 500:
		code = codeSender
	}
	permanent := code == codeSMTP && reply.Code >= 500
	code = fmt.Sprintf("%s %d", code, reply.Code)
	if at := statusCode.FindStringIndex(reply.Msg); at != nil && at[0] == 0 { // where it is one, it stands first (RFC 2034, 4)
		code += " " + reply.Msg[:at[1]]
	}
	return &failure{code: code, permanent: permanent, cause: reply}
}
