# What CI runs, one recipe each. `just` lists them; `just ci` runs all.

export RUSTDOCFLAGS := "-D warnings"

_default:
    @just --list --unsorted

# All that `just ci` runs, short of what needs peers.
check: fmt lint docs features deny packages test

# Everything, as CI does it.
ci: check loom counts peers

# Formatting.
fmt:
    cargo fmt --all --check

# Clippy on everything, warnings are errors.
lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# The documentation, warnings are errors.
docs:
    cargo doc --workspace --no-deps --all-features --exclude tachograph-benches

# Each feature of the exporters and the runtime alone, and the runtime without help of the linker.
features:
    # Tests apart: what they depend on switches features of other crates on.
    for feature in prometheus otlp otlp-grpc jaeger tls; do \
        echo "exporters with $feature alone"; \
        for targets in --lib --tests; do \
            RUSTFLAGS="-D warnings" cargo check --quiet -p tachograph-exporters $targets --no-default-features --features $feature --target-dir target/features || exit 1; \
        done; \
    done
    for feature in metrics testing; do \
        RUSTFLAGS="-D warnings" cargo check --quiet -p tachograph --no-default-features --features $feature --target-dir target/features || exit 1; \
    done
    RUSTFLAGS="-D warnings" cargo check --quiet -p tachograph --no-default-features --target-dir target/features
    RUSTFLAGS="-D warnings" cargo check --quiet -p tachograph-exporters --no-default-features --target-dir target/features
    # What is said of features that are not there.
    RUSTFLAGS="-D warnings" cargo test --quiet -p tachograph-exporters --lib --target-dir target/features
    # As on platforms where the linker cannot list the sites.
    RUSTFLAGS="-D warnings --cfg miri" cargo check --quiet -p tachograph --target-dir target/features

# Bans, licences and sources of the dependencies.
deny:
    cargo deny check bans licenses sources

# How many packages everybody builds: 22 for an annotated library, 90 for a program with the default exporters.
packages:
    for bound in tachograph:22 tachograph-exporters:90; do \
        count=$(cargo tree -p ${bound%:*} -e normal --prefix none | sed 's/ (\*)$//' | sort -u | wc -l); \
        echo "${bound%:*}: $count of ${bound#*:} packages"; \
        test $count -le ${bound#*:} || exit 1; \
    done

# The README's test command: hermetic, no service needed.
test:
    cargo test --workspace

# All interleavings of the atomics that carry an ordering argument.
loom:
    RUSTFLAGS="-D warnings --cfg loom" cargo test -p tachograph --lib --release --target-dir target/loom loom

# Instructions of the hot paths beside the recorded ones, for all or for those with one of these words; needs valgrind.
counts *words:
    cargo run --release --quiet -p tachograph-counts -- {{ words }}

# Prometheus, the OpenTelemetry Collector and Jaeger, as real programs on loopback.
peers:
    peers/install.sh
    cargo build --bin shop
    cargo test -p tachograph-tests --features peers --test peers

# Completion, definitions and hovers in annotated functions, by rust-analyzer: `rustup component add rust-analyzer`.
editor:
    cargo test -p tachograph-tests --features editor --test editor

# Beside `metrics`, `#[instrument]` and fastrace, in one run.
bench:
    cargo bench -p tachograph-benches

# Times of the hot paths, in turns with an earlier revision (built under `target/before`), and their ratios.
bench-before revision *words:
    benches/before.sh {{ revision }} {{ words }}

# Calls on every processor for five minutes, their telemetry sent and scraped: memory, drops, the slowest calls; `--help`.
load *options:
    cargo run --release -p tachograph-load --features peers -- {{ options }}

# Both attributes on every function of published crates, whose own tests must not notice. Downloads, and takes a while.
acid *crates:
    cargo run -p tachograph-acid -- {{ crates }}

# What annotations cost at compile time, beside other frameworks.
compile-cost *options:
    cargo run --release -p tachograph-compile-cost -- {{ options }}

# Rewrites the snapshots of expansions and messages; read the diff like code.
bless:
    UPDATE_EXPECT=1 cargo test -p tachograph-macros
    TRYBUILD=overwrite cargo test -p tachograph-ui-tests

# Writes the tables of docs/configuration.md from the declarations of options and of our own metrics.
configuration:
    UPDATE_EXPECT=1 cargo test -p tachograph-exporters --all-features --lib the_page_says

# Writes the figures of docs/cost.md and draws its chart, from benches/RESULTS.md.
cost-page:
    cargo run --quiet -p tachograph-cost-page

# Records how many instructions the hot paths take now; read the diff like code.
bless-counts *words:
    cargo run --release --quiet -p tachograph-counts -- --bless {{ words }}
