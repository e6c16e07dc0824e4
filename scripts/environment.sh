# shellcheck shell=bash disable=SC2034 # $lacking is read by whoever sources this
# Python environments with what requirements files pin. Sourced, not run.

# The package managers' caches stay inside the checkout.
export PIP_CACHE_DIR=$PWD/.tools/pip npm_config_cache=$PWD/.tools/npm PIP_DISABLE_PIP_VERSION_CHECK=1

# environment NAME FILE [BUILDER]: a Python environment .tools/NAME with what a requirements file pins. If there cannot be
# one, $lacking says why. With the pins of a builder, what is old is built by that one, and nothing is installed that the
# first file does not name.
environment() {
  local folder=.tools/$1 wanted=$2 builder=${3-} how=()
  if ! command -v python3 >/dev/null; then
    lacking='python3 is not installed'
    return 1
  elif ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    lacking="python3 cannot make environments (Debian's python3-venv)"
    return 1
  fi
  cmp -s "$wanted" "$folder/installed.txt" ||
    { rm -rf "$folder" && python3 -m venv "$folder" &&
      if [[ $builder ]]; then
        "$folder/bin/pip" install --quiet --requirement "$builder" && how=(--no-build-isolation --no-deps)
      fi &&
      "$folder/bin/pip" install --quiet "${how[@]}" --requirement "$wanted" && cp "$wanted" "$folder/installed.txt"; } ||
    { lacking="what $wanted pins could not be installed" && return 1; }
}
