#!/bin/sh
# Makes the Debian package. Needs cargo-deb (cargo install cargo-deb); with lintian installed, the package is looked over.
set -eu
cd "$(dirname "$0")/../.."
cargo build --profile dist
program="${CARGO_TARGET_DIR:-target}/dist/eventscope"
"$program" man >assets/linux/eventscope.1
package=$(cargo deb --no-build --profile dist "$@" | tail -n 1)
dpkg --contents "$package"
if command -v lintian >/dev/null; then lintian "$package"; fi
echo "$package"
