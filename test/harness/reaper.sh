#!/bin/bash
# Takes back everything that daemons with their files in FOLDER have done to the host, once standard input ends.
# The harness keeps that pipe open: however it dies, nothing it started stays behind.
# Usage: reaper.sh FOLDER
folder=$1
[[ $folder == /tmp/rund-* && -d $folder ]] || { echo "reaper: not a folder of the harness: $folder" >&2; exit 2; }
trap '' INT TERM HUP
cat >/dev/null

# Processes that name a file in the folder in their arguments, or have their root or working directory in it. This
# script and its children name the folder itself only.
ours() {
  {
    grep -lsF -- "$folder/" /proc/[0-9]*/cmdline
    find /proc/[0-9]*/root /proc/[0-9]*/cwd -maxdepth 0 -lname "$folder*" 2>/dev/null
  } | cut -d/ -f3 | sort -u
}

# A process in another mount namespace shows a root of "/": it is found as a child of its shim.
with_children() {
  local pid
  for pid in "$@"; do
    echo "$pid"
    # shellcheck disable=SC2046
    with_children $(cat /proc/"$pid"/task/*/children 2>/dev/null)
  done
}

shim_sockets() {
  local folders=("${@/#//proc/}")
  find "${folders[@]/%//fd}" -lname 'socket:*' -printf '%l\n' 2>/dev/null | tr -d 'a-z:[]' |
    awk 'NR == FNR { inodes[$1]; next } ($7 in inodes) && $8 ~ "^/run/containerd/s/" { print $8 }' - /proc/net/unix |
    sort -u
}

for _ in 1 2 3 4 5 6 7 8 9 10; do
  # shellcheck disable=SC2046
  pids=$(with_children $(ours))
  [[ -n $pids ]] || break
  # shellcheck disable=SC2086
  sockets=$(shim_sockets $pids)
  # shellcheck disable=SC2086
  kill -KILL $pids 2>/dev/null
  # shellcheck disable=SC2086
  [[ -z $sockets ]] || rm -f $sockets
  sleep 0.1
done

mounts() {
  awk -v prefix="$folder/" 'index($5, prefix) == 1 { print $5 }' /proc/self/mountinfo | tac
}

# Again, since one mount may cover another, and whoever else mounts just now may keep umount from finding one.
for try in 1 2 3 4 5; do
  [[ -n $(mounts) ]] || break
  errors=$(mounts | while read -r target; do umount -l "$(printf '%b' "$target")"; done 2>&1)
  ((try == 1)) || sleep 0.2
done
[[ -z $(mounts) ]] || echo "reaper: still mounted: $(mounts) $errors" >&2
rm -rf --one-file-system "$folder"

# runc keeps its state in one place for all daemons, and its control groups under the container's namespace and id.
for state in $(grep -lsF -- "$folder/" /run/containerd/runc/*/*/state.json); do
  container=$(dirname "$state")
  id=$(basename "$container")
  rmdir /sys/fs/cgroup/{rund,docker}/"$id" /sys/fs/cgroup/*/{rund,docker}/"$id" 2>/dev/null
  rm -rf "$container"
done
# What is in use, by a real docker for example, is not empty and stays.
rmdir /sys/fs/cgroup/{rund,docker} /sys/fs/cgroup/*/{rund,docker} /run/containerd/runc/* 2>/dev/null
exit 0
