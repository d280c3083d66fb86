#!/bin/sh
# Take one custodian's part in the ceremony that makes the key: ceremony.sh CUSTODIAN HOME PUBLIC. Every custodian's own
# process does this beside its own server; no process ever holds the key, or another custodian's share.
#
# custodian-1 proposes. The id and, in the end, the transcript go through PUBLIC; real custodians tell each other the id
# by another way than the network, and look at the terms before they accept them. A repetition is safe.
set -eu
umask 077
custodian=$1
home=$2
public=$3
patience=${PATIENCE:-600} # so many looks for the id
pause=${PAUSE_SECONDS:-1}
[ ! -e "$home/transcript.json" ] || exit 0

publish() {
    cp "$1" "$public/.$2.new"
    chmod 644 "$public/.$2.new"
    mv "$public/.$2.new" "$public/$2"
}
if [ "$custodian" = custodian-1 ] && [ ! -e "$public/ceremony" ]; then
    clearline custodian ceremony propose --kind genesis --threshold 2 --member custodian-1=1 --member custodian-2=2 \
        --member custodian-3=3 --config "$home/custodian.toml" --json >"$home/proposed.json"
    sed -n 's/.*"ceremony": *"\([0-9a-f]*\)".*/\1/p' "$home/proposed.json" >"$home/proposed"
    publish "$home/proposed" ceremony
fi
tries=0
until [ -e "$public/ceremony" ]; do
    [ "$tries" -lt "$patience" ] || { echo "ceremony.sh: nobody proposes a ceremony" >&2 && exit 1; }
    sleep "$pause"
    tries=$((tries + 1))
done
id=$(cat "$public/ceremony")
clearline custodian ceremony join "$id" --yes --config "$home/custodian.toml" --json
clearline custodian ceremony finish "$id" --out "$home/finished.json" --config "$home/custodian.toml" --json
[ "$custodian" != custodian-1 ] || publish "$home/finished.json" transcript.json
mv "$home/finished.json" "$home/transcript.json"
