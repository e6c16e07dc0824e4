# shellcheck shell=bash
# Python environments of our own, inside the checkout. Sourced, not run; the caller says what `skip WHY` does.

# A Python environment .tools/NAME with what a requirements file pins.
environment() {
  local environment=.tools/$1 wanted=$2
  command -v python3 >/dev/null || skip 'python3 is not installed'
  python3 -c 'import ensurepip, venv' 2>/dev/null || skip "python3 cannot make environments (Debian's python3-venv)"
  if ! cmp -s "$wanted" "$environment/installed.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --requirement "$wanted"
    cp "$wanted" "$environment/installed.txt"
  fi
}
