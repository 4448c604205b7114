#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A made-up application is decided as it stands: what `policy example` prints, `decide` takes, with
# the day and the answers it names, and comes to what the wanted facts mean.
set -euo pipefail
shiming=$1/bin/shiming
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# decided VERDICT PART FACT=VALUE...: the verdict, and a part of the decision ("" is in all of them).
decided() {
    local verdict=$1 part=$2 command
    shift 2
    "$shiming" policy example "$@" >"$dir/application" 2>"$dir/beside"
    command=$(head -1 "$dir/beside")
    # The printed command, with this build's program and the file.
    read -ra words <<<"$command"
    [ "${words[0]} ${words[1]}" = "shiming decide" ] || { echo "no command: $command"; return 1; }
    words[-1]=$dir/application
    "$shiming" "${words[@]:1}" >"$dir/decision" || [ $? = 1 ]
    if ! grep -qF "\"verdict\":\"$verdict\"" "$dir/decision" || ! grep -qF "$part" "$dir/decision"; then
        echo "$*: not $verdict with $part"
        cat "$dir/application" "$dir/beside" "$dir/decision"
        return 1
    fi
}

decided accepted ''
decided accepted '' customer.minor=true
decided accepted '' customer.kind=organisation
decided accepted '' proxy.given=true
decided accepted '' channel.kind=dealer operation=fixed.install
decided accepted '' customer.document.type=passport --on 2020-02-29
decided accepted '' customer.document.chip=verified
decided incomplete '"what":"guardian.present"' customer.minor=true guardian.present=false
decided incomplete '"what":"customer.document.number"' customer.document.number=wrong
decided incomplete '"what":"customer.document.validity"' customer.document.validity=expired
decided incomplete '"what":"customer.minor"' 'customer.minor=?' customer.document.type=passport
decided incomplete '"what":"users.listed"' customer.kind=organisation users.listed=incomplete
decided refused '"what":"document.forged"' guardian.document.examined=forged
decided refused '"what":"document.chip_failed"' customer.document.chip=failed
decided refused '"what":"document.not_of_holder"' customer.verified=mismatch
decided refused '"what":"dealer.no_contract"' channel.kind=dealer dealer.contract=expired

# What cannot be had together is named, and the exit says no.
if "$shiming" policy example customer.document.type=passport customer.document.number=retired \
    >"$dir/application" 2>"$dir/beside"; then
    echo "a retired passport number was had"
    exit 1
fi
grep -q 'cannot be had together with the rest: customer.document.number' "$dir/beside"
# A gateway wants a real card.
"$shiming" policy example customer.document.chip=verified >"$dir/application" 2>"$dir/beside"
grep -q 'read a card of customer' "$dir/beside"
# Every group of a diff and every counterexample comes with one, and a gateway takes it.
tests/harness/run.sh tests/e2e/example.py "$1"
