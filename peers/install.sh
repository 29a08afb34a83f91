#!/usr/bin/env bash
# Installs the pinned peers into a cache folder outside the checkout. See README.md.
#
#   peers/install.sh                  everything that is not there yet
#   peers/install.sh jaeger promtool  only these
set -euo pipefail

# A changed pin builds that peer again.
jaeger_module=github.com/jaegertracing/jaeger
jaeger_pin=v1.76.0 # Jaeger v2.13.0: both major lines are released from one commit, and Go modules know only the v1 tag.
jaeger_version=v2.13.0
otelcol_pin=v0.155.0
prometheus_module=github.com/prometheus/prometheus
prometheus_pin=v0.314.0 # Prometheus 3.14.0, under the number that its Go module carries.
prometheus_version=3.14.0
openmetrics_pin=0.26.0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
manifest=$here/otelcol-build.yaml
cache=${TACHOGRAPH_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/tachograph-peers}
all_peers=(jaeger openmetrics otelcol prometheus promtool)

main() {
    local peer
    local peers=("$@")
    [[ $# -gt 0 ]] || peers=("${all_peers[@]}")
    for peer in "${peers[@]}"; do
        [[ " ${all_peers[*]} " == *" $peer "* ]] || fail "unknown peer '$peer'; there are: ${all_peers[*]}"
    done

    # The tests run in another folder than this script.
    [[ $cache == /* ]] || fail "TACHOGRAPH_PEERS must be an absolute path, but is '$cache'"
    mkdir -p "$cache/bin" "$cache/pins"
    # Half-built files stay in here, on the file system of the cache, so that moving a finished binary is one step.
    work=$(mktemp -d "$cache/work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM # so that the line above runs then, too
    for peer in "${peers[@]}"; do
        install_if_needed "$peer"
    done
    echo "peers are in $cache/bin"
}

install_if_needed() {
    local peer=$1 pin
    pin=$("pin_of_$peer")
    if [[ -x $cache/bin/$peer && -f $cache/pins/$peer && $(<"$cache/pins/$peer") == "$pin" ]]; then
        echo "$peer: already there ($pin)"
        return
    fi
    require_tools "$peer"
    echo "$peer: building $pin, which takes a few minutes ..."
    local started=$SECONDS
    "build_$peer" "$work/$peer"
    # A binary that cannot even say its version must not reach the cache.
    "check_$peer" "$work/$peer" || fail "$peer was built but does not run, or says another version than $pin"
    rm -f "$cache/pins/$peer"
    mv "$work/$peer" "$cache/bin/$peer"
    echo "$pin" >"$cache/pins/$peer"
    echo "$peer: done in $((SECONDS - started)) s"
}

# --- Jaeger

pin_of_jaeger() { echo "$jaeger_module@$jaeger_pin"; }

build_jaeger() {
    build_in_module "$(pin_of_jaeger)" "$1" ./cmd/jaeger "" \
        "-X $jaeger_module/internal/version.latestVersion=$jaeger_version"
}

check_jaeger() { "$1" version 2>/dev/null | grep -F "$jaeger_version"; }

# --- OpenTelemetry Collector

# The manifest is a part of the pin: another component means another binary.
pin_of_otelcol() { echo "go.opentelemetry.io/collector@$otelcol_pin, manifest $(cksum <"$manifest" | tr ' ' -)"; }

# The collector has no main package to install; its builder writes one from a manifest. We let it write the sources
# only: left alone it runs `go mod tidy`, which also fetches whatever the tests of all dependencies need.
build_otelcol() (
    local modules
    cd "$work"
    sed -e "s/^  name: otelcol\$/&\n  version: ${otelcol_pin#v}/" "$manifest" >manifest.yaml
    go run "go.opentelemetry.io/collector/cmd/builder@$otelcol_pin" \
        --config manifest.yaml --skip-compilation --skip-get-modules
    cd build
    mapfile -t modules < <(sed -n 's/^ *- gomod: \([^ ]*\) \(v[^ ]*\)$/-require=\1@\2/p' "$manifest")
    go mod init otelcol
    go mod edit "-require=go.opentelemetry.io/collector/otelcol@$otelcol_pin" "${modules[@]}"
    CGO_ENABLED=0 go build -mod=mod -trimpath -ldflags='-s -w' -o "$1" .
)

check_otelcol() { "$1" --version | grep -F "${otelcol_pin#v}"; }

# --- Prometheus and its promtool, from one module

pin_of_prometheus() { echo "$prometheus_module@$prometheus_pin"; }
pin_of_promtool() { pin_of_prometheus; }

build_prometheus() { build_prometheus_command "$1" ./cmd/prometheus; }
build_promtool() { build_prometheus_command "$1" ./cmd/promtool; }

# Without the service discoveries (we name our targets) it is a third of the size. The web pages are left out as well.
build_prometheus_command() {
    build_in_module "$(pin_of_prometheus)" "$1" "$2" remove_all_sd,netgo \
        "-X github.com/prometheus/common/version.Version=$prometheus_version"
}

check_prometheus() { "$1" --version | grep -F "version $prometheus_version"; }
check_promtool() { check_prometheus "$1"; }

# --- The OpenMetrics parser of Prometheus' Python client

# The script is a part of the pin.
pin_of_openmetrics() { echo "prometheus_client==$openmetrics_pin, script $(cksum <"$here/openmetrics.py" | tr ' ' -)"; }

# Tests run it without a PATH to look for Python in.
build_openmetrics() {
    rm -rf "$cache/openmetrics"
    python3 -m pip install --quiet --quiet --disable-pip-version-check --target "$cache/openmetrics" \
        "prometheus_client==$openmetrics_pin"
    sed "1s|.*|#!$(python3 -c 'import sys; print(sys.executable)')|" "$here/openmetrics.py" >"$1"
    chmod +x "$1"
}

check_openmetrics() { printf '# TYPE a gauge\na 1\n# EOF\n' | "$1"; }

# --- What the peers share

# build_in_module MODULE@VERSION OUTPUT PACKAGE TAGS LDFLAGS
#
# Builds in the module's own folder in the module cache. `go install MODULE@VERSION` refuses modules whose go.mod has a
# `replace` or `exclude`; here the module is the main one, so those lines and its own go.sum hold, and we get the very
# dependencies that its authors released with.
build_in_module() (
    local dir
    go mod download "$1"
    dir=$(go list -m -f '{{.Dir}}' "$1")
    cd "$dir"
    GOWORK=off CGO_ENABLED=0 go build -mod=readonly -trimpath -tags "$4" -ldflags "-s -w $5" -o "$2" "$3"
)

require_tools() {
    if [[ $1 == openmetrics ]]; then
        python3 -m pip --version >/dev/null ||
            fail "'python3' with 'pip' is missing: install both, then run this again"
        return
    fi
    command -v go >/dev/null ||
        fail "'go' is missing: install Go 1.26 or later (https://go.dev/doc/install), then run this again"
}

fail() {
    echo "peers/install.sh: $*" >&2
    exit 1
}

main "$@"
