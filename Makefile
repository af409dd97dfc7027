# What can be done with Madoguchi. `make` alone lists what can be done; CONTRIBUTING.md says how we work.

.DEFAULT_GOAL := help
.PHONY: help run test lint audit faults bench bench-letters bench-abuse picture letters build package generate web clean tools

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# A folder that is still empty has nothing to generate and nothing to build.
TEMPLATES := $(wildcard web/*.templ web/*/*.templ)
BROWSER   := $(wildcard web/package.json)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

# The demo is a small world of its own in data/: its database, its keys and the letters it wrote.
DEMO := MADOGUCHI_DATABASE=sqlite:data/madoguchi.db MADOGUCHI_KEYS=data/madoguchi.db.keys MADOGUCHI_MAIL=dir:data/letters

run: build ## build, fill a demo clinic the first time, serve it
	@mkdir -p data
	@if [ -e data/madoguchi.db ]; then \
		echo 'Serving the demo in data/. Its logins were printed when it was made; for a new one: rm -r data && make run'; \
	else \
		$(DEMO) bin/madoguchi demo || { rm -f data/madoguchi.db data/madoguchi.db-*; exit 1; }; \
	fi
	@echo "Open $${MADOGUCHI_BASE_URL:-http://localhost:8080} (staff: /office). Ctrl-C stops it."
	@exec env $(DEMO) bin/madoguchi serve

test: generate web ## every test, on SQLite, PostgreSQL and in a browser; installs what is missing
	@.ci/test

lint: generate web ## formatting, golangci-lint, templ and TypeScript
	@.ci/lint

audit: build ## what is known against the code and its libraries: gosec, staticcheck, licences, vulnerabilities
	@.ci/audit

# SEED=N does the same runs again; RUNS=1 with it, that of one seed. Ctrl-C ends it with a summary of what has been seen until then.
RUNS ?= 500
faults: build ## kill, stop, fill and cut: each point of six flows, and 500 seeded runs on each engine; takes half an hour or more
	go test -c -o bin/faults.test ./cmd/madoguchi
	cd cmd/madoguchi && ../../.ci/with-postgres ../../bin/faults.test -test.run '^TestFaults_' -test.timeout 0 -test.parallel 8 \
		-every-point -fault-runs $(RUNS) $(if $(SEED),-fault-seed $(SEED))

bench: build ## measure, print a table and one JSON line per figure
	MADOGUCHI_POSTGRES_FSYNC=on .ci/with-postgres go run ./internal/bench

bench-letters: build ## measure 10,000 letters through a slow mail server, which takes minutes
	go run ./internal/bench -only letters

bench-abuse: build ## floods and slow clients, and what others feel of them, which takes minutes
	go run ./internal/bench -only abuse

picture: generate web ## take the README's picture anew, on pages of the walk-throughs
	@mkdir -p tmp
	MADOGUCHI_SCREENSHOTS=$(CURDIR)/tmp go test -count=1 -run 'TestWalk_(Patient|Doctor)' ./cmd/madoguchi
	"$${MADOGUCHI_TEST_CHROMIUM:-chromium}" --headless --no-sandbox --hide-scrollbars --force-device-scale-factor=0.84 \
		--window-size=1600,1000 --screenshot=docs/pictures/madoguchi.png docs/pictures/madoguchi.html

letters: generate web ## draw every kind of letter anew into docs/letters
	@mkdir -p docs/letters
	@rm -f docs/letters/*.png
	MADOGUCHI_LETTERS=$(CURDIR)/docs/letters go test -count=1 -run TestLetters_AsPeopleSeeThem ./web/letter

build: generate web ## bin/madoguchi
	go build -buildvcs=false -ldflags '-X main.version=$(VERSION)' -o bin/madoguchi ./cmd/madoguchi

package: generate web ## a Debian package and an archive in bin/
	@packaging/build $(VERSION) bin

generate: tools ## Go code of the templ pages and letters
	$(if $(TEMPLATES),go tool templ generate)

web: tools $(if $(BROWSER),web/dist/.built) ## styles and browser code, when their sources changed

clean: ## remove everything that was built
	rm -rf bin/madoguchi web/dist web/node_modules
	find web -name '*_templ.go' -delete

tools:
	@.ci/tools build

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci
	@touch $@

# Tailwind reads the class names out of the templates, so that they are sources as well.
web/dist/.built: web/node_modules/.package-lock.json $(shell find web -name node_modules -prune -o -name dist -prune -o -type f ! -name '*.go' -print 2>/dev/null)
	cd web && npm run build
	@touch $@
