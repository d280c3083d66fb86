#!/bin/sh
# Admit the custodians, the carriers and their witnesses at the registry $2 as the operator, with the keys in $1. A
# repetition is safe: the same admission gives the same answer.
set -eu
operator=$1
registry_url=${2:-http://front:8080}
for index in 1 2 3; do
    clearline registry admit "custodian-$index" --url "$registry_url" \
        --key "$operator/operator.pem" --key-id operator-1 \
        --name "Custodian $index" --role CUSTODIAN \
        --registry-key "$operator/registry.pub" --new-key-id "custodian-$index-1" \
        --public-key "$operator/custodian-$index.pub" --json
done
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
