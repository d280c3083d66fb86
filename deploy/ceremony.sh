#!/bin/sh
# Make keys and settings of every party of a demonstration, in a folder each under $1. A TRUSTED DEALER makes the shares:
# this process holds the whole key for a moment, so that no real data may depend on it.
#
# The marker is written last: an interrupted ceremony starts again from nothing, a finished one is left alone.
set -eu
umask 077
parties=$1
custodian_url=${2:-http://custodian-%s:9101}
registry_url=${3:-http://front:8080}
marker=$parties/registry/.ceremony-done
[ ! -e "$marker" ] || exit 0

value() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
new_key() { rm -f "$1" && clearline keys new --out "$1" --json | value public_key; }

for party in custodian-1 custodian-2 custodian-3 registry operator carrier-a carrier-b carrier-c; do
    mkdir -p "$parties/$party"
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dealt=$(clearline ceremony deal --out "$scratch" --threshold 2 --count 3 --json)
joint=$(echo "$dealt" | value joint_public_key)
registry_key=$(new_key "$parties/registry/registry.pem")
# The carriers pin the log's key from the start; `clearline registry init` keeps this one and writes log.pem.pub beside it.
log_key=$(new_key "$parties/registry/log.pem")
operator_key=$(new_key "$parties/operator/operator.pem")
# The operator trusts only answers under this key.
echo "$registry_key" >"$parties/operator/registry.pub"

for letter in a b c; do
    home=$parties/carrier-$letter
    new_key "$home/signing.pem" >"$home/signing.pub"
    rm -f "$home/account.key" "$home"/local-tokens.json* "$home"/*.token
    clearline keys new --kind account --out "$home/account.key" --json >"$scratch/out"
    new_key "$home/witness.pem" >"$home/witness.pub"
    # The operator needs these to admit the carrier and its witness: the public halves only.
    cp "$home/signing.pub" "$parties/operator/carrier-$letter.pub"
    cp "$home/witness.pub" "$parties/operator/carrier-$letter.witness.pub"
    {
        printf '[carrier]\nid = "carrier-%s"\nkey_id = "carrier-%s-1"\n' "$letter" "$letter"
        printf 'signing_key = "signing.pem"\naccount_key = "account.key"\n\n'
        printf '[registry]\nurl = "%s"\nkey_id = "registry-1"\npublic_key = "%s"\n\n' "$registry_url" "$registry_key"
        printf '[custodians]\nepoch = 1\nthreshold = 2\njoint_public_key = "%s"\n\n' "$joint"
        for index in 1 2 3; do
            # shellcheck disable=SC2059 # the address is a pattern with one place for the index
            printf "[[custodians.member]]\nindex = %s\nurl = \"$custodian_url\"\n" "$index" "$index"
            printf 'public_key = "%s"\n\n' "$(echo "$dealt" | value "$index")"
        done
        printf '[log]\npublic_key = "%s"\nstate = "log-state"\nwitness_key = "witness.pem"\n\n' "$log_key"
        printf '[service]\nlisten = "127.0.0.1:9201"\n'
    } >"$home/gateway.toml"
    # The carrier's own systems call its gateway with these; the gateway's file holds only their digests.
    for scope in check counter money; do
        clearline gateway token "$scope" --scope "$scope" --out "$home/$scope.token" --config "$home/gateway.toml" \
            --json >"$scratch/out"
    done
done

for index in 1 2 3; do
    home=$parties/custodian-$index
    cp "$scratch/share-$index.json" "$home/share.json"
    {
        printf 'index = %s\nepoch = 1\nthreshold = 2\nshare = "share.json"\n' "$index"
        # shellcheck disable=SC2059
        printf "public_url = \"$custodian_url\"\n" "$index"
        printf 'listen = "0.0.0.0:9101"\ndatabase = "ledger.db"\ndaily_quota = 5000000\n'
        for letter in a b c; do
            printf '\n[[carrier]]\nid = "carrier-%s"\nkey_id = "carrier-%s-1"\n' "$letter" "$letter"
            printf 'public_key = "%s"\n' "$(cat "$parties/carrier-$letter/signing.pub")"
        done
    } >"$home/custodian.toml"
done

{
    printf 'database_url = "sqlite:///registry.db"\npublic_url = "%s"\nlisten = "0.0.0.0:9100"\n' "$registry_url"
    printf 'keys = "keys.json"\nsigning_key = "registry.pem"\nsigning_key_id = "registry-1"\n'
} >"$parties/registry/registry.toml"
{
    printf '[operator]\nid = "operator"\nname = "The neutral operator"\nkey_id = "operator-1"\npublic_key = "%s"\n\n' "$operator_key"
    printf '[epoch]\nepoch = 1\njoint_public_key = "%s"\nthreshold = 2\ncustodians = 3\n' "$joint"
} >"$parties/registry/founding.toml"
: >"$marker"
