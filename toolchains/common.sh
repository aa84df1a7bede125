# shellcheck shell=bash
# Sourced by the scripts of this folder: works from any directory, on the repository's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Runs a tool of node_modules.
tool() {
  local name=$1
  shift
  "node_modules/.bin/$name" "$@"
}
