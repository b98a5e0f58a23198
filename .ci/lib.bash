# What the scripts in this folder share. Sourced, not run.
# shellcheck shell=bash

# Exit code of a script that could not run its check at all, as automake and Meson have it.
# shellcheck disable=SC2034
SKIPPED=77

# The same public demo keys as in appsettings.Development.json and docker-compose.yml.
# shellcheck disable=SC2034
DEMO_API_KEY=demo-api-key

is_port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  while port=$((RANDOM % 20000 + 20000)); do
    if is_port_free "$port"; then
      echo "$port"
      return
    fi
  done
}

# wait_until SECONDS COMMAND...: repeats the command until it succeeds.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= deadline)); then return 1; fi
    sleep 1
  done
}

responds() { curl -fsS --max-time 5 -o /dev/null "$1" 2>/dev/null; }

# meeting_of BASE_URL MEETING_ID: the demo workspace's meeting, as the API gives it.
meeting_of() {
  curl -fsS --max-time 30 -H "Authorization: Bearer $DEMO_API_KEY" "$1/api/v1/workspaces/demo/meetings/$2"
}

# member_of NAME: the first string member of that name in the JSON on standard input.
member_of() { { grep -o "\"$1\" *: *\"[^\"]*\"" || true; } | head -n 1 | sed 's/.*: *"//; s/"$//'; }

# docker compose, of whichever age.
compose_command() {
  if docker compose version >/dev/null 2>&1; then
    echo docker compose
  elif command -v docker-compose >/dev/null; then
    echo docker-compose
  else
    return 1
  fi
}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
