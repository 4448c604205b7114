# SPDX-License-Identifier: Apache-2.0
"""The pages of `policy doc`: sound HTML, links that lead somewhere, every article and rule on them,
and example applications that are decided as the page says."""
import html.parser
import json
import pathlib
import re
import subprocess
import sys

VOID = {"meta", "br"}
shiming, folder, policies = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]


class Checker(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.lang, self.levels = [], [], [], None, []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "html":
            self.lang = attrs.get("lang")
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        if tag in ("script", "link", "img", "iframe") or any(name.startswith("on") for name in attrs):
            sys.exit(f"a page needs {tag}")
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            sys.exit(f"</{tag}> closes something else, line {self.getpos()[0]}")


def check_html(path):
    page = Checker()
    page.feed(path.read_text(encoding="utf-8"))
    assert page.open == [], page.open
    assert page.lang == path.name.split(".")[1], page.lang
    assert len(page.ids) == len(set(page.ids)), "an id stands twice"
    assert page.levels[0] == 1 and page.levels.count(1) == 1, "one title a page"
    assert all(b <= a + 1 for a, b in zip(page.levels, page.levels[1:])), "a level of heading left out"
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids, f"{path.name}: {link} leads nowhere"
        else:
            assert (path.parent / link).is_file(), f"{path.name}: {link} is not there"
    return page


def numbers(pattern, file):
    return re.findall(pattern, pathlib.Path(policies, file).read_text(encoding="utf-8"), re.MULTILINE)


def decide(application, answers):
    command = [shiming, "decide", "-p", "cn-54/2018", "--policies", policies, "--on", "2018-01-01", "-"]
    if answers:
        command[-1:-1] = ["--answers", answers]
    done = subprocess.run(command, input=application, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def check_examples(text):
    """In each rule's example the rule speaks; those without one only oblige."""
    checked = 0
    for section in text.split('<a id="rule-')[1:]:
        rule = section.split('"')[0]
        listing = re.search(r"^An application for example: (.*)\n\n```json\n(.*?)```", section, re.M | re.S)
        if listing is None:
            assert rule == "12", f"{rule} has no example"
            continue
        said = re.search(r"; answers: (.*)$", listing[1])
        decision = decide(listing[2], said[1].replace("\\_", "_") if said else None)
        rules = {it["rule"] for it in decision["needs"] + decision["refusals"]}
        assert "cn-54/2018#" + rule in rules, f"{rule}: {listing[1]}: {rules}"
        checked += 1
    return checked


for page in (folder.parent / "all").glob("*.html"):
    check_html(page)
for language in ("zh", "en"):
    check_html(folder / f"index.{language}.html")
    law = check_html(folder / f"cn-54-2018.{language}.html")
    for number in numbers(r'^article "([^"]+)"', "cn-54/2018_articles.lua"):
        assert "article-" + number in law.ids, number
    for rule in numbers(r'^rule "([^"]+)"', "cn-54/2018.lua"):
        assert "rule-" + rule in law.ids, rule
examples = check_examples((folder / "cn-54-2018.en.md").read_text(encoding="utf-8"))
print(f"{examples} examples decided as the page says")
assert examples > 30
