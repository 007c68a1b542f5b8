# Messages of the project's scripts. Sourced.

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' blue=$'\e[34m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' blue='' red='' plain=''
fi

# A line that says what happens now.
step() { printf '%s==>%s %s%s%s\n' "$blue" "$plain" "$bold" "$*" "$plain"; }

# An error, with what to do about it; ends the script.
fail() {
  printf '%serror:%s %s\n' "$red" "$plain" "$*" >&2
  exit 1
}

# Runs a command with its output kept in a file, which is shown only when the command fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  [[ $status == 0 ]] || { printf '%s failed (exit code %s):\n' "$*" "$status" >&2; cat "$log" >&2; }
  rm -f "$log"
  return "$status"
}
