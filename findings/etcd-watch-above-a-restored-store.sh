#!/usr/bin/env bash
# An etcd watch resumed on a store that was restored from an older snapshot: silence, a gap, then foreign events.
#
# Guess: a watch whose start revision is above anything the store has seen is refused, as a read at that revision is and
#        as a watch below the compacted revision is.
# Seen:  etcd 3.4.23. A snapshot at revision 4, three more writes up to 7, a restore (revision 4 again, and the same
#        cluster id, for members and token are the same). The watch that goes on after 7, from revision 8, is accepted
#        without any error and stays silent. The first three new writes (5, 6, 7) are never delivered to it; from the
#        fourth on (8) it gets the events of the new history, as if they followed the old one.
# Why it matters: a client that goes on from its last revision keeps what the restore took away, misses the writes up to
#        that revision, and hears of no trouble. A stream service on etcd must name each history, or compare the
#        revision of the store with the one it goes on from.
# Runs with: bash, python3, Debian's etcd-server and etcd-client 3.4.23 (fetched with apt-get when not installed).
set -euo pipefail
version=3.4.23
debian=3.4.23-4+b4
work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT

installed="$(etcd --version 2>/dev/null || true) $(etcdctl version 2>/dev/null || true)"
if [[ $installed != *"etcd Version: $version"* || $installed != *"etcdctl version: $version"* ]]; then
  (cd "$work" && apt-get -q download "etcd-server=$debian" "etcd-client=$debian")
  for package in "$work"/*.deb; do dpkg -x "$package" "$work/etcd"; done
  PATH="$work/etcd/usr/bin:$PATH"
fi

read -r client peer < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in sockets])')
url=http://127.0.0.1:$client
peer_url=http://127.0.0.1:$peer
export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=$url

until_so() { # until_so WHAT COMMAND...: waits up to 60 s for the command to succeed
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      echo "CHANGED, not within 60 s: $what"
      exit 1
    fi
    sleep 0.2
  done
}
start() {
  etcd --name one --data-dir "$work/$1" --listen-client-urls "$url" --advertise-client-urls "$url" \
    --listen-peer-urls "$peer_url" --initial-advertise-peer-urls "$peer_url" \
    --initial-cluster "one=$peer_url" >"$work/$1.log" 2>&1 &
  server=$!
  pids+=("$server")
  until_so "etcd answers" etcdctl endpoint health
}
header() { etcdctl get none -w json | grep -o "\"$1\":[0-9]*" | cut -d: -f2; }
write() { for value in "$@"; do etcdctl put key "$value" >/dev/null; done; }
watched() { # whether the server counts a watcher
  python3 -c 'import sys, urllib.request as u
sys.exit(b"etcd_debugging_mvcc_watcher_total 1\n" not in u.urlopen(sys.argv[1] + "/metrics").read())' "$url"
}
fails=0
check() { # check WHAT CONDITION...
  local what=$1
  shift
  if "$@"; then echo "as described: $what"; else echo "CHANGED, not so: $what"; fails=1; fi
}

echo "guess: the watch above the last revision is refused"
etcd --version | sed -n 1p
start first
write one two three
etcdctl snapshot save "$work/snapshot" >/dev/null 2>&1
snapshot=$(header revision)
write old-four old-five old-six
last=$(header revision)
cluster=$(header cluster_id)
kill "$server" && wait "$server" || true
etcdctl snapshot restore "$work/snapshot" --name one --data-dir "$work/second" \
  --initial-cluster "one=$peer_url" --initial-advertise-peer-urls "$peer_url" >/dev/null 2>&1
start second
echo "snapshot at $snapshot, last revision seen by the client $last, restored store at $(header revision)"
check "the restored store is at the revision of the snapshot" [ "$(header revision)" = "$snapshot" ]
check "its cluster id is the old one" [ "$(header cluster_id)" = "$cluster" ]
check "a read at the next revision is refused" \
  grep -q "future revision" <(etcdctl get key --rev=$((last + 1)) 2>&1 || true)

etcdctl watch key --rev=$((last + 1)) >"$work/events" 2>&1 &
watch=$!
pids+=("$watch")
until_so "the watch is accepted" watched
sleep 2
check "the watch from $((last + 1)) is silent" [ ! -s "$work/events" ]
check "and still open" kill -0 "$watch"
write new-four new-five new-six
sleep 2
check "the writes up to $(header revision) are not delivered" [ ! -s "$work/events" ]
write new-seven new-eight
until_so "the watch delivers what follows" grep -q new-eight "$work/events"
got=$(grep -v -e PUT -e key "$work/events" | xargs)
check "delivered, of all five: $got" [ "$got" = "new-seven new-eight" ]
kill "$watch" && wait "$watch" || true

etcdctl compact "$snapshot" >/dev/null
check "a watch below the compacted revision is refused" \
  grep -q "has been compacted" <(timeout 30 etcdctl watch key --rev=2 2>&1 || true)
exit "$fails"
