package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
)

// tell tells the service manager of the machine how the program is, as sd_notify(3) does: one datagram to the socket that it named. Where none
// is named, nobody asks.
func (p *program) tell(log *slog.Logger, state string) {
	if p.notify == "" {
		return
	}
	conn, err := (&net.Dialer{}).DialContext(context.WithoutCancel(p.ctx), "unixgram", p.notify)
	if err == nil {
		_, err = conn.Write([]byte(state))
		err = errors.Join(err, conn.Close())
	}
	if err != nil {
		log.Warn("the service manager was not told", "state", state, "cause", err.Error())
	}
}
