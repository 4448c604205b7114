#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A failed assertion ends its test at once: Python waits for every thread that is not a daemon, and a
# client that still asks would keep a failed test until its time is over.
set -eu
cd "$(dirname "$0")/../.."

exec python3 - $(find tests scripts -name '*.py') <<'END'
import ast
import sys

failed = False
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as f:
        tree = ast.parse(f.read(), path)
    classes = {line for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
               and any(getattr(base, "attr", getattr(base, "id", "")) == "Thread" for base in node.bases)
               for line in range(node.lineno, node.end_lineno + 1)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name == "__init__" and call.lineno in classes:
            name = "Thread"
        if name == "Thread" and not any(word.arg == "daemon" for word in call.keywords):
            print(f"{path}:{call.lineno}: a thread that a failed assertion would wait for: say daemon=True")
            failed = True
sys.exit(failed)
END
