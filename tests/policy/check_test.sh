#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# policy check and policy law on a made-up regulation: clean, broken, its law revised, and watched
# while it is edited; and the shipped stack, whose registers must name what there is.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
shiming=$(cd "${1:?usage: check_test.sh BUILD_DIR}" && pwd)/bin/shiming
here=$(mktemp -d)
watcher=
trap '[ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true; rm -rf "$here"' EXIT
cd "$here"

fail() { echo "$*"; exit 1; }
answers() { # STATUS COMMAND...: its output is in ./out
    local status=0 wanted=$1
    shift
    "$@" >out 2>err || status=$?
    [ "$status" = "$wanted" ] || { cat out err; fail "exit $status, not $wanted: $*"; }
}
says() { grep -qF -- "$1" out || { cat out err; fail "not said: $1"; }; }

# A law of three articles.
mkdir -p policies/a
cp "$root/policies/documents.lua" policies
cat >policies/vocabulary.lua <<'LUA'
fact "here" { values = { true, false }, source = "form", zh = "到场", en = "being here" }
word "kept" { kind = "oblige", zh = "留存", en = "kept" }
LUA
cat >policies/a/1.lua <<'LUA'
regulation { id = "a/1", region = "", from = "2020-01-01", title = { zh = "试行办法", en = "made-up measures" } }
rule "2" { zh = "本人到场", en = "one comes in person",
  check = function(case) if not case.here then need "here" end end }
LUA
printf '%s\n' '第一条  为了测试。' '第二条  办理人应当：' '（一）到场；' '（二）带证件。' '第三条  本办法自公布之日起施行。' >law.txt
cat >policies/a/1_articles.lua <<'LUA'
register { regulation = "a/1", text = "not at hand", checked = "2026-01-01",
  source = { zh = "无", en = "none" } }
article "1.1" { zh = "目的", en = "why", not_automated = { zh = "无义务", en = "no duty" } }
article "2.1" { zh = "要求", en = "what is asked", rules = { "2" } }
article "2.1/1" { zh = "到场", en = "coming", rules = { "2" } }
article "2.1/2" { zh = "证件", en = "a document", not_automated = { zh = "人工", en = "by people" } }
article "3.1" { zh = "施行", en = "when", not_automated = { zh = "无义务", en = "no duty" } }
LUA
cat >policies/a/1_test.lua <<'LUA'
test("nobody came", function() expect_need(decide({ here = false }), "here") end)
test("somebody came", function() expect(decide({ here = true }), { verdict = "accepted" }) end)
LUA
stack="--policies policies -p a/1"

answers 0 "$shiming" policy check $stack
says '1 facts, 1 rules, 3 articles: no problems'
says '  without a rule: 1.1 2.1/2 3.1'
answers 0 "$shiming" policy check $stack --json
[ "$(jq -c '[.facts, .registers[0].paragraphs, .problems]' out)" = '[1,5,[]]' ] || fail "JSON: $(cat out)"

# Digests are taken from the law, then hold the register to it.
answers 1 "$shiming" policy law a/1 law.txt $stack --json
python3 - out policies/a/1_articles.lua <<'PY'
import json, sys
law, register = json.load(open(sys.argv[1])), open(sys.argv[2]).read()
register = register.replace('"not at hand"', '"at hand"')
for it in law["differences"]:
    assert it["change"] == "unknown", it
    start = 'article "%s" { ' % it["number"]
    assert start in register
    register = register.replace(start, start + 'digest = "%s", ' % it["digest"])
open(sys.argv[2], "w").write(register)
PY
answers 0 "$shiming" policy law a/1 law.txt $stack
says 'a/1 against law.txt: 5 the same'
answers 0 "$shiming" policy check $stack --law law.txt

# The law is revised: one item changes, one is put in, one article moves.
printf '%s\n' '第一条　为了测试。' '第二条　办理人应当：' '（一）本人到场；' '（二）带证件；' '（三）付费。' \
    '第三条　新的一条。' '第四条　本办法自公布之日起施行。' >revised.txt
answers 1 "$shiming" policy law a/1 revised.txt $stack
says '2.1/1 changed'
says '    rests on it: rules 2'
says '    test: nobody came'
grep -q 'somebody came' out && fail 'a test rests on a rule that says nothing in it'
says '    now, line 3: 本人到场；'
says '3.1 is now 4.1'
says 'a/1 against revised.txt: 1 changed, 1 moved, 2 new, 3 the same'
answers 1 "$shiming" policy check $stack --law revised.txt
says 'a/1_articles.lua:5: article "2.1/1": its official text has changed; on it rest the rules 2 and 1 test'
says 'revised.txt:5: article 2.1/3 is not in a/1_articles.lua'
says '1 facts, 1 rules, 3 articles: 4 problems'
answers 1 "$shiming" policy check $stack --law revised.txt --json
[ "$(jq -c '.problems[0] | [.file, .line]' out)" = '["a/1_articles.lua",5]' ] || fail "JSON: $(cat out)"
answers 1 "$shiming" policy law a/1 revised.txt $stack --json
[ "$(jq -c '.differences[0] | [.change, .number, .rules, .tests]' out)" = '["changed","2.1/1",["2"],["nobody came"]]' ] ||
    fail "JSON: $(cat out)"
answers 2 "$shiming" policy law a/1 nowhere.txt $stack
answers 2 "$shiming" policy law a/1
printf '第一条  甲\n第三条  乙\n' >cut.txt
answers 2 "$shiming" policy law a/1 cut.txt $stack
grep -qF 'cut.txt:2: article 3 does not follow article 1' err || fail "$(cat err)"

# Broken: a rule nobody asked for, and a file that does not load.
cp policies/a/1.lua kept.lua
echo 'rule "9" { zh = "无", en = "of no article", check = function() oblige "kept" end }' >>policies/a/1.lua
answers 1 "$shiming" policy check $stack
says 'a/1.lua:4: rule "9": no article of a/1_articles.lua is bound to it'
echo 'rule "8" { zh = 8, en = "eight", check = function() end }' >>policies/a/1.lua
answers 1 "$shiming" policy check $stack
says 'a/1.lua:5: rule "8": zh must be a string, not a number'
says '1 problem'
cp kept.lua policies/a/1.lua

# Watched: each round is one line of JSON.
mkfifo rounds
"$shiming" policy check $stack --json --watch >rounds 2>err &
watcher=$!
exec 3<rounds
round() { # EXPECTED PROBLEMS
    local line
    read -r -t 60 line <&3 || fail "no round came: $(cat err)"
    [ "$(jq '.problems | length' <<<"$line")" = "$1" ] || fail "not $1 problems: $line"
}
round 0
echo 'rule "9" { zh = "无", en = "of no article", check = function() oblige "kept" end }' >>policies/a/1.lua
round 1
cp kept.lua next.lua && mv next.lua policies/a/1.lua # as editors save
round 0
mkdir policies/b # a new folder is watched too
round 0
touch policies/b/1.lua
round 0
kill -TERM "$watcher"
wait "$watcher" || fail "the watcher did not end well: $?"
watcher=

# The shipped stack: nothing is wrong with it, and every place its processes name is there.
cd "$root"
"$shiming" policy check --policies policies --json >"$here/out" || fail "$(cat "$here/out")"
[ "$(jq '.registers | length' "$here/out")" = "$(find policies -name '*_articles.lua' | wc -l)" ] ||
    fail "not every register was read"

# The made-up revision beside the policies is held to its made-up text.
draft=examples/cn-54-draft
"$shiming" policy law cn-54/2027 $draft/revision.txt --policies $draft:policies >"$here/out" || fail "$(cat "$here/out")"
sed 's/书面同意书/公证书/' $draft/revision.txt >"$here/other.txt"
"$shiming" policy law cn-54/2027 "$here/other.txt" --policies $draft:policies --json >"$here/out" && fail 'no difference'
jq -e '.same == 45 and (.differences[0] | .number == "6.4" and .rules == ["6.4"] and (.tests | length) > 0)' \
    "$here/out" >/dev/null || fail "$(cat "$here/out")"

grep -oE '"(shiming |GET /|POST /|core/|tests/)[^"]*"' policies/processes.lua | tr -d '"' | while read -r place; do
    case $place in
    shiming\ *)
        read -r _ verb what <<<"$place"
        { "$shiming" "$verb" --help || true; } 2>&1 | grep -q -- "${what:-$verb}" || fail "no such verb: $place" ;;
    GET\ * | POST\ *)
        method=${place%% *}
        jq -e --arg path "${place#* }" --arg method "${method,,}" '.paths[$path][$method]' core/http/openapi.json \
            >/dev/null || fail "no such call: $place" ;;
    *) [ -f "$place" ] || fail "no such file: $place" ;;
    esac
done
