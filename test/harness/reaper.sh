#!/bin/bash
# Takes back everything that daemons with their files in FOLDER have done to the host, once standard input ends.
# The harness keeps that pipe open: however it dies, nothing it started stays behind.
# Usage: reaper.sh FOLDER
folder=$1
[[ $folder == /tmp/rund-* && -d $folder ]] || { echo "reaper: not a folder of the harness: $folder" >&2; exit 2; }
trap '' INT TERM HUP
cat >/dev/null

# Processes that name the folder in their arguments, or have their root, program or working directory in it.
ours() {
  local dir pid
  for dir in /proc/[0-9]*; do
    pid=${dir#/proc/}
    [[ $pid == "$$" || $pid == "$BASHPID" || $pid == "$PPID" ]] && continue
    if tr '\0' ' ' <"$dir/cmdline" 2>/dev/null | grep -qF "$folder/" ||
      [[ $(readlink "$dir/root") == "$folder"/* || $(readlink "$dir/cwd") == "$folder"* ]]; then
      echo "$pid"
    fi
  done 2>/dev/null
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
  local pid inode
  for pid in "$@"; do
    for inode in $(readlink /proc/"$pid"/fd/* 2>/dev/null | sed -n 's/^socket:\[\(.*\)\]$/\1/p'); do
      awk -v inode="$inode" '$7 == inode && $8 ~ "^/run/containerd/s/" { print $8 }' /proc/net/unix
    done
  done
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

# Twice, since one mount may cover another.
for _ in 1 2; do
  awk -v prefix="$folder/" 'index($5, prefix) == 1 { print $5 }' /proc/self/mountinfo | tac |
    while read -r target; do umount -l "$(printf '%b' "$target")" 2>/dev/null; done
done
rm -rf --one-file-system "$folder"

# Control groups that runc's shim leaves: only empty ones can be removed.
rmdir /sys/fs/cgroup/{rund,docker} /sys/fs/cgroup/*/{rund,docker} 2>/dev/null
exit 0
