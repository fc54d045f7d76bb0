#!/usr/bin/env bash
#
# One run on two hosts, by ssh. They share this folder (a network file system) under the same path, have synthgen on
# their PATH, and each reaches a teacher at the address that the words or the recipe give.
#
#     examples/two_hosts.sh HOST HOST --source guidelines --out runs/guidelines --teacher openai:MODEL@http://localhost:8000/v1
#
# Everything after the hosts goes to `synthgen run`. A host that dies costs the requests in flight there: the same
# command goes on. $SSH is used in place of ssh.

set -euo pipefail

hosts=("$1" "$2")
shift 2

here=$(printf '%q' "$PWD")
words=$(printf ' %q' "$@")
shards=()
for number in 1 2; do
    "${SSH:-ssh}" "${hosts[number - 1]}" "cd $here && exec synthgen run$words --shard $number/2" &
    shards+=($!)
done

code=0
for shard in "${shards[@]}"; do
    wait "$shard" || code=$?
done
exit "$code"
