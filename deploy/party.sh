#!/bin/sh
# Make one party's keys and settings in its own folder: party.sh PARTY HOME PUBLIC. It sees no other party's folder.
#
# PUBLIC is for public keys and the transcript alone: here everybody reads and writes it, and it stands for the way by
# which real parties tell each other their public keys. What a party needs of others it waits for there, so all of these
# run at the same time. The marker is written last: what was interrupted is made again, but for published keys.
set -eu
umask 077
party=$1
home=$2
public=$3
custodian_url=${CUSTODIAN_URL:-http://custodian-%s:9101}
registry_url=${REGISTRY_URL:-http://front:8080}
patience=${PATIENCE:-600} # so many looks for what is awaited
pause=${PAUSE_SECONDS:-1}
marker=$home/.settings-done
[ ! -e "$marker" ] || exit 0

# A name in PUBLIC always has its whole content.
publish() {
    cp "$1" "$public/.$2.new"
    chmod 644 "$public/.$2.new"
    mv "$public/.$2.new" "$public/$2"
}
# Nobody has seen a key that was not published.
new_key() {
    [ -e "$public/$2" ] || { rm -f "$home/$1" "$home/$1.pub" && clearline keys new --out "$home/$1" --json >/dev/null &&
        publish "$home/$1.pub" "$2"; }
}
# Outside of a substitution, whose failure would go unseen.
await() {
    for file in "$@"; do
        tries=0
        until [ -e "$public/$file" ]; do
            [ "$tries" -lt "$patience" ] || { echo "party.sh: $party waits for $file in vain" >&2 && exit 1; }
            sleep "$pause"
            tries=$((tries + 1))
        done
    done
}
# shellcheck disable=SC2059 # the address is a pattern with one place for the index
url_of() { printf "$custodian_url" "$1"; }

custodian() {
    index=${party#custodian-}
    new_key signing.pem "$party.pub"
    await custodian-1.pub custodian-2.pub custodian-3.pub carrier-a.pub carrier-b.pub carrier-c.pub
    {
        printf 'participant = "%s"\nsigning_key = "signing.pem"\nkey_id = "%s-1"\n' "$party" "$party"
        printf 'public_url = "%s"\nlisten = "0.0.0.0:9101"\n' "$(url_of "$index")"
        printf 'database = "ledger.db"\ndaily_quota = 5000000\nrefresh_days = 90\n'
        for other in 1 2 3; do
            [ "$other" != "$index" ] || continue
            printf '\n[[peer]]\nid = "custodian-%s"\nurl = "%s"\n' "$other" "$(url_of "$other")"
            printf 'key_id = "custodian-%s-1"\npublic_key = "%s"\n' "$other" "$(cat "$public/custodian-$other.pub")"
        done
        for letter in a b c; do
            printf '\n[[carrier]]\nid = "carrier-%s"\nkey_id = "carrier-%s-1"\n' "$letter" "$letter"
            printf 'public_key = "%s"\n' "$(cat "$public/carrier-$letter.pub")"
        done
    } >"$home/custodian.toml"
}

registry() {
    new_key registry.pem registry.pub
    # The carriers pin the log's key from the start; `clearline registry init` keeps this one.
    new_key log.pem log.pub
    {
        printf 'database_url = "sqlite:///registry.db"\npublic_url = "%s"\nlisten = "0.0.0.0:9100"\n' "$registry_url"
        printf 'keys = "keys.json"\nsigning_key = "registry.pem"\nsigning_key_id = "registry-1"\n'
    } >"$home/registry.toml"
    await operator.pub transcript.json
    cp "$public/transcript.json" "$home/transcript.json"
    {
        printf '[operator]\nid = "operator"\nname = "The neutral operator"\nkey_id = "operator-1"\n'
        printf 'public_key = "%s"\n\n[epoch]\nepoch = 1\ntranscript = "transcript.json"\n' "$(cat "$public/operator.pub")"
    } >"$home/founding.toml"
}

operator() {
    new_key operator.pem operator.pub
    # The operator trusts only answers under this key.
    await registry.pub
    cp "$public/registry.pub" "$home/registry.pub"
    for name in custodian-1 custodian-2 custodian-3 carrier-a carrier-b carrier-c carrier-a.witness carrier-b.witness \
        carrier-c.witness; do
        await "$name.pub"
        cp "$public/$name.pub" "$home/$name.pub"
    done
}

carrier() {
    new_key signing.pem "$party.pub"
    new_key witness.pem "$party.witness.pub"
    rm -f "$home/account.key" "$home"/local-tokens.json* "$home"/*.token
    clearline keys new --kind account --out "$home/account.key" --json >/dev/null
    await registry.pub log.pub transcript.json
    {
        printf '[carrier]\nid = "%s"\nkey_id = "%s-1"\n' "$party" "$party"
        printf 'signing_key = "signing.pem"\naccount_key = "account.key"\n\n'
        printf '[registry]\nurl = "%s"\nkey_id = "registry-1"\npublic_key = "%s"\n\n' "$registry_url" \
            "$(cat "$public/registry.pub")"
        clearline gateway pins table "$public/transcript.json"
        printf '\n[log]\npublic_key = "%s"\nstate = "log-state"\nwitness_key = "witness.pem"\n\n' "$(cat "$public/log.pub")"
        printf '[service]\nlisten = "127.0.0.1:9201"\n'
    } >"$home/gateway.toml"
    # The carrier's own systems call its gateway with these; the gateway's file holds only their digests.
    for scope in check counter money; do
        clearline gateway token "$scope" --scope "$scope" --out "$home/$scope.token" --config "$home/gateway.toml" \
            --json >/dev/null
    done
}

case $party in
custodian-*) custodian ;;
carrier-*) carrier ;;
*) "$party" ;;
esac
: >"$marker"
