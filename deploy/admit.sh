#!/bin/sh
# Admit the three carriers of the demonstration and their witnesses at the registry $2 as the operator, with the files of
# the ceremony in $1. A repetition is safe: the same admission gives the same answer.
set -eu
operator=$1
registry_url=${2:-http://front:8080}
for letter in a b c; do
    clearline registry admit "carrier-$letter" --url "$registry_url" \
        --key "$operator/operator.pem" --key-id operator-1 \
        --name "Carrier $(echo "$letter" | tr abc ABC)" --role REPORTER --role INQUIRER \
        --registry-key "$operator/registry.pub" --contact "Any shop of carrier $letter" --new-key-id "carrier-$letter-1" \
        --public-key "$operator/carrier-$letter.pub" --json
    clearline registry witness admit "carrier-$letter.witness" --url "$registry_url" \
        --key "$operator/operator.pem" --key-id operator-1 --participant "carrier-$letter" \
        --registry-key "$operator/registry.pub" \
        --public-key "$operator/carrier-$letter.witness.pub" --json
done
