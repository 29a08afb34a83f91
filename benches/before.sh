#!/usr/bin/env bash
# Times of the hot paths in turns with an earlier revision: `benches/before.sh REVISION [WORD..]`.
#
# The paths of that revision are its own, because they know its API; how they are measured is today's.
set -euo pipefail
cd "$(dirname "$0")/.."

revision=$(git rev-parse --verify --short "$1^{commit}")
shift
paths=benches/counts/src
place=target/before/$revision

if [ ! -e "$place" ]; then
    git worktree prune
    git worktree add --quiet --detach "$place" "$revision"
    if [ ! -e "$place/$paths" ]; then
        # The revision is older than the paths: with the commit that brought them.
        first=$(git log --diff-filter=A --format=%H -- "$paths/rows.rs" | tail -1)
        git -C "$place" cherry-pick --no-commit "$first"
    fi
fi
for file in "$paths"/*.rs benches/counts/Cargo.toml; do
    case $file in
        */rows.rs | */functions.rs) ;;
        *) cp "$file" "$place/$file" ;;
    esac
done

cargo build --release --quiet --manifest-path "$place/benches/counts/Cargo.toml" --target-dir target/before/target
cp target/before/target/release/tachograph-counts "$place/tachograph-counts"
cargo run --release --quiet -p tachograph-counts -- --beside "$place/tachograph-counts" "$@"
