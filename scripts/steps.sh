# shellcheck shell=bash
# Steps of check and test: a heading and a time for each, one summary at the end. Sourced, not run.

# Prints the comment at the top of the calling script and leaves, when asked for help.
help_if_asked() {
  case ${1-} in
    -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" && exit ;;
    '') ;;
    *) echo "$(basename "$0"): unknown argument: $1 (see --help)" >&2 && exit 2 ;;
  esac
}

# One line for each finished step. A script that another one calls adds to its caller's file.
if [[ -z ${TIELINE_STEPS-} ]]; then
  TIELINE_STEPS=$(mktemp)
  export TIELINE_STEPS
  steps_owner=$$
fi

# step NAME COMMAND...: later steps run even when one fails, so that one run tells everything.
step() {
  local started=$SECONDS status
  name=$1
  shift
  printf '\n== %s\n' "$name"
  # Not `"$@" || status=$?`: that would switch `set -e` off inside the command.
  set +e
  (set -e && "$@")
  status=$?
  set -e
  local took=$((SECONDS - started))
  echo "-- $name: $took s"
  case $status in
    0) printf 'ok       %-12s %4d s\n' "$name" "$took" ;;
    77) ;; # skip wrote its own line
    *) printf 'FAILED   %-12s %4d s\n' "$name" "$took" ;;
  esac >>"$TIELINE_STEPS"
}

# skip WHY: leaves the step. What CI must have is never skipped there.
skip() {
  if [[ ${CI-} == true ]]; then
    echo "needed here: $name: $1" >&2
    exit 1
  fi
  echo "skipped: $name because $1" | tee -a "$TIELINE_STEPS"
  exit 77
}

# The summary belongs to the script that a person started; the exit status belongs to each.
finish() {
  if [[ ${steps_owner-} == "$$" ]]; then
    printf '\n== summary\n'
    cat "$TIELINE_STEPS"
    printf 'total    %17d s\n' "$SECONDS"
    if grep -q ^FAILED "$TIELINE_STEPS"; then
      rm -f "$TIELINE_STEPS"
      exit 1
    fi
    rm -f "$TIELINE_STEPS"
  elif grep -q ^FAILED "$TIELINE_STEPS"; then
    exit 1
  fi
}
