package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"madoguchi/internal/server"
	"madoguchi/internal/server/page"
)

// door is one address at which the program is reached.
type door struct {
	listener net.Listener
	http     *http.Server
}

// serve serves until the server is shut down. What is prepared for TLS speaks nothing else.
func (d door) serve() error {
	if d.http.TLSConfig != nil {
		return d.http.ServeTLS(d.listener, "", "")
	}
	return d.http.Serve(d.listener)
}

// bounded is a listener at which nobody takes all connections.
func (p *program) bounded(l net.Listener, log *slog.Logger) net.Listener {
	return server.LimitConnections(l, p.config.Connections, p.config.TrustedProxies, p.now, log)
}

// figures opens the door at which figures are served; nil where the settings name none.
func (p *program) figures(site *page.Site, log *slog.Logger) (*door, error) {
	if p.config.Metrics == "" {
		return nil, nil //nolint:nilnil // as secure
	}
	listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", p.config.Metrics)
	if err != nil {
		return nil, fmt.Errorf("the setting metrics (MADOGUCHI_METRICS) is wrong: %w", err)
	}
	var answers server.Answers
	site.Answered = answers.Count
	log.Info("serving figures", "metrics", listener.Addr().String())
	return &door{p.bounded(listener, log), server.NewHTTP(server.Metrics(site, &answers), log)}, nil
}

// secure makes a server speak TLS where the settings say how, and opens the door at which http leads to https; nil where there is none.
func (p *program) secure(h *http.Server, log *slog.Logger) (plain *door, err error) {
	t, host, leading := p.config.TLS, p.config.BaseURL.Hostname(), server.ToHTTPS(p.config.BaseURL)
	if t.PlainAddr != "" {
		listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", t.PlainAddr)
		if err != nil {
			return nil, fmt.Errorf("the setting plain_addr (MADOGUCHI_PLAIN_ADDR) is wrong: %w", err)
		}
		plain = &door{p.bounded(listener, log), server.NewHTTP(leading, log)}
		log.Info("leading to https", "plain", listener.Addr().String())
	}
	switch {
	case t.Cert != "":
		files, err := server.LoadCertificate(t.Cert, t.Key, host, p.now, log)
		if err != nil {
			return nil, fmt.Errorf("the settings tls_cert and tls_key (MADOGUCHI_TLS_CERT, MADOGUCHI_TLS_KEY) are wrong: %w", err)
		}
		server.ServeTLS(h, files.Get)
	case t.Directory != "":
		authority := server.NewAuthority(t.Directory, t.Mail, t.Folder, host)
		server.ServeTLS(h, authority.Get, server.ProofProtocol)
		if plain != nil {
			plain.http.Handler = authority.Answer(leading)
		}
		go func() {
			if err := authority.Begin(); err != nil {
				log.Error("there is no certificate yet; it is asked for again with the next visitor", "cause", err.Error())
				return
			}
			log.Info("there is a certificate")
		}()
	}
	return plain, nil
}
