# docker build --build-arg VERSION=$(git describe --tags --always) -t madoguchi .

FROM node:22-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci
COPY web ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist web/dist
ARG VERSION=unknown
RUN go tool templ generate
RUN go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /madoguchi ./cmd/madoguchi

# SQLite is linked through cgo, so that the image wants the C library of the one that built it.
FROM debian:bookworm-slim
RUN apt-get update \
	&& apt-get install -y --no-install-recommends ca-certificates tzdata wget \
	&& rm -rf /var/lib/apt/lists/* \
	&& useradd --uid 10001 --no-create-home --home-dir /var/lib/madoguchi --shell /usr/sbin/nologin madoguchi \
	&& install --directory --owner=madoguchi --group=madoguchi --mode=0700 /var/lib/madoguchi /var/lib/madoguchi-keys
COPY --from=build /madoguchi /usr/local/bin/madoguchi
USER 10001
WORKDIR /var/lib/madoguchi
# Backups of SQLite (MADOGUCHI_BACKUP) belong on a third, of another machine: docs/recovery.md.
# The keys have a volume of their own, so that a backup of the data is not a backup of its keys.
VOLUME ["/var/lib/madoguchi", "/var/lib/madoguchi-keys"]
ENV MADOGUCHI_ADDR=0.0.0.0:8080 \
	MADOGUCHI_DATABASE=sqlite:/var/lib/madoguchi/madoguchi.db \
	MADOGUCHI_KEYS=/var/lib/madoguchi-keys/madoguchi.keys
EXPOSE 8080
# Alive, not ready: a database that is away for a minute is no reason to restart every instance.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["madoguchi"]
CMD ["serve"]
