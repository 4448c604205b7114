# SPDX-License-Identifier: Apache-2.0
"""Run docs/plugins.md: its files are written, its C compiled, its commands run in order and their output compared."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "policy"))
from tutorial import main as run_commands  # noqa: E402


def blocks(page, language):
    """(the words after the language, the text) of every fenced block of a language."""
    return re.findall(r"(?m)^```%s(?: (\S+))?\n((?:(?!```).*\n)*)```$" % language, page)


def main(path, folder, include):
    with open(path, encoding="utf-8") as f:
        page = f.read()
    for language in ("yaml", "json"):
        for name, text in blocks(page, language):
            if name:
                with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                    f.write(text)
    sources = [text for _, text in blocks(page, "c")]
    assert sources, "no C in the page"
    for text in sources:
        with tempfile.NamedTemporaryFile("w", suffix=".c", encoding="utf-8") as f:
            f.write("#include <shiming/plugin.h>\n" + text + "extern const void *use;\nconst void *use = options;\n")
            f.flush()
            subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", include, "-fsyntax-only", f.name], check=True)
    run_commands(path, folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
