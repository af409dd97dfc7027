package mailtest

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
)

// talk is one connection.
type talk struct {
	server *Rough
	conn   net.Conn // encrypted or not
	raw    net.Conn
	in     *bufio.Reader
	m      Message
}

// at answers a verb: well, with the given reply, or as the script has it. on says whether the conversation goes on.
func (t *talk) at(v Verb, reply string) (way Way, on bool) {
	t.server.mu.Lock()
	t.server.counts[v]++
	n := t.server.counts[v]
	t.server.mu.Unlock()
	way = t.server.fail(v, n)
	return way, t.answer(way, reply)
}

func (t *talk) answer(way Way, reply string) bool {
	switch way {
	case Well, Absent:
		return reply == "" || t.say(reply)
	case ForNow:
		return t.say("451 4.3.0 not now") // and the client decides what comes next
	case ForGood:
		return t.say("554 5.7.1 never")
	case Garbage:
		return t.say("\x00\x01 what is no reply")
	case Reset:
		if tcp, ok := t.raw.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	case Silence:
		select {
		case t.server.silent <- struct{}{}:
		default:
		}
		_, _ = io.Copy(io.Discard, t.in) // until the client has gone
	case Endless:
		line := "250-" + strings.Repeat("x", 4096)
		for {
			if _, err := t.conn.Write([]byte(line)); err != nil {
				return false
			}
		}
	case Hangup:
	}
	return false
}

func (t *talk) say(reply string) bool {
	_, err := t.conn.Write([]byte(reply + "\r\n"))
	return err == nil
}

func (t *talk) run() {
	way, on := t.at(AtConnect, "220 rough.test ESMTP")
	if way == Well {
		t.server.mu.Lock()
		t.server.greeted++
		t.server.mu.Unlock()
	}
	for on {
		line, err := t.in.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		on = t.command(strings.ToUpper(verb), rest)
	}
}

func (t *talk) command(verb, rest string) (on bool) {
	switch verb {
	case "EHLO":
		return t.ehlo()
	case "HELO": // what a client tries that does not understand our answer
		return t.say("502 5.5.1 say EHLO")
	case "STARTTLS":
		return t.startTLS()
	case "AUTH":
		_, on = t.at(AtAuth, "235 2.7.0 signed in")
	case "MAIL":
		t.m = Message{From: inBrackets(rest), TLS: t.conn != t.raw}
		_, on = t.at(AtMail, "250 2.1.0 go on")
	case "RCPT":
		t.m.To = inBrackets(rest)
		_, on = t.at(AtRcpt, "250 2.1.5 go on")
	case "DATA":
		return t.data()
	case "QUIT":
		t.at(AtQuit, "221 2.0.0 bye")
		return false
	case "*": // the client gives a sign-in up
		return t.say("501 5.5.0 as you like")
	default:
		return t.say("250 2.0.0 as you like") // RSET, NOOP
	}
	return on
}

func (t *talk) ehlo() bool {
	if t.conn != t.raw {
		return t.say("250-rough.test\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN")
	}
	t.server.mu.Lock()
	next := t.server.counts[AtStartTLS] + 1
	t.server.mu.Unlock()
	offer := "250-rough.test\r\n250 STARTTLS"
	if t.server.fail(AtStartTLS, next) == Absent {
		t.server.mu.Lock()
		t.server.counts[AtStartTLS]++
		t.server.mu.Unlock()
		offer = "250-rough.test\r\n250 HELP"
	}
	_, on := t.at(AtEHLO, offer)
	return on
}

func (t *talk) startTLS() bool {
	way, on := t.at(AtStartTLS, "220 2.0.0 go on")
	if way != Well || !on {
		return on
	}
	if way, on = t.at(AtHandshake, ""); way != Well || !on {
		return on
	}
	encrypted := tls.Server(t.raw, &tls.Config{Certificates: []tls.Certificate{t.server.CA.leaf}, MinVersion: tls.VersionTLS12})
	if encrypted.HandshakeContext(context.Background()) != nil {
		return false
	}
	t.conn, t.in = encrypted, bufio.NewReader(encrypted)
	return true
}

func (t *talk) data() bool {
	way, on := t.at(AtData, "354 go on")
	if way != Well || !on {
		return on
	}
	var data strings.Builder
	for {
		line, err := t.in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		data.WriteString(strings.TrimPrefix(line, "."))
	}
	t.m.Data = []byte(data.String())
	t.server.mu.Lock()
	t.server.counts[AtDot]++
	way = t.server.fail(AtDot, t.server.counts[AtDot])
	if way.Lost() {
		t.server.messages = append(t.server.messages, t.m)
	}
	t.server.mu.Unlock()
	return t.answer(way, "250 2.0.0 taken")
}

// inBrackets is the address of a command.
func inBrackets(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}
