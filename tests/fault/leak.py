# SPDX-License-Identifier: Apache-2.0
"""Nothing of a person in clear: after many registrations with known marks in names, numbers, addresses and photos, no
form of any mark is in the database files, the logs, the metrics, the reports, or the memory of the idle gateway."""
import base64
import os
import re
import struct
import sys
import threading
import zlib

from gateway import Gateway, png, wait_for

build, count = sys.argv[1], int(sys.argv[2])
MARKS = {"name": "卓玛央宗", "unit": "雪域独特单位", "address": "独特街道", "number": "542425193", "phone": "86139777",
         "photo": "PhotoMarkOfThisTest"}


def forms(mark):
    """The mark as it could lie about: UTF-8, UTF-16, hex, base64 in each of its three alignments."""
    raw = mark.encode()
    yield "utf-8", raw
    yield "utf-16le", mark.encode("utf-16le")
    yield "utf-16be", mark.encode("utf-16be")
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        yield f"base64+{shift}", text[4 if shift else 0:len(text) - 4]
        yield f"base64url+{shift}", base64.urlsafe_b64encode(b"\0" * shift + raw)[4 if shift else 0:len(text) - 4]


PATTERNS = [(f"{what} as {form}", text) for what, mark in MARKS.items() for form, text in forms(mark) if len(text) >= 6]


def search(where, data):
    return [f"{where}: {name}" for name, text in PATTERNS if text in data]


def memory(pid):
    """Everything a core dump would hold: the readable mappings that are not marked as not to be dumped."""
    with open(f"/proc/{pid}/smaps") as f:
        blocks = re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", f.read())
    with open(f"/proc/{pid}/mem", "rb") as f:
        for block in blocks:
            head = block.split("\n", 1)[0].split()
            flags = re.search(r"VmFlags: (.*)", block)
            if "r" not in head[1] or "[v" in head[-1] or (flags and "dd" in flags.group(1).split()):
                continue
            start, end = (int(x, 16) for x in head[0].split("-"))
            f.seek(start)
            try:
                yield head[-1], f.read(end - start)
            except OSError:
                continue


def register(g, indices):
    connection = g.connect()
    for index in indices:
        ids = []
        for n in range(2):
            picture = png_with_mark(index * 2 + n)
            status, data, _ = g.call("POST", "/v1/evidence", picture, connection=connection)
            assert status == 201, data
            ids.append(data["id"])
        made = g.application(index, ids, number=f"+{MARKS['phone']}{index:05d}")
        made["customer"].update(name=f"{MARKS['name']}{index}", work_unit=f"{MARKS['unit']}{index}")
        made["customer"]["document"].update(number=number(index), address=f"{MARKS['address']}{index}号")
        if index % 10 == 0:
            made["customer"]["document"]["examined"] = "forged"
        status, data, _ = g.call("POST", "/v1/registrations", made, connection=connection)
        assert status == (422 if index % 10 == 0 else 201), data
        status, data, _ = g.call("GET", f"/v1/registrations/{data['id']}", token=g.auditor,
                                 headers={"X-Purpose": "leak test"}, connection=connection)
        assert MARKS["name"] in str(data), "the auditor could not see it: there was nothing to leak"
    bad = b'{"operation":"mobile.open","customer":{"name":"' + MARKS["name"].encode() + b'","nme":1}}'
    g.call("POST", "/v1/registrations", bad, connection=connection)
    g.call("POST", "/v1/registrations", bad[:-3], connection=connection)
    connection.close()


def png_with_mark(seed):
    whole = png(seed)
    data = b"mark\0" + MARKS["photo"].encode() + str(seed).encode()
    chunk = struct.pack(">I", len(data)) + b"tEXt" + data + struct.pack(">I", zlib.crc32(b"tEXt" + data))
    return whole[:33] + chunk + whole[33:]


def number(index):
    """18 digits that share a beginning no other number of this test has."""
    body = f"5424251930{1 + index // 28 % 12:02d}{1 + index % 28:02d}{index % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(w * int(c) for w, c in zip(weights, body)) % 11]


# The control: every form of every mark is found where it is.
for name, text in PATTERNS:
    assert search("control", b"xx" + text + b"yy"), f"the search is blind to {name}"

g = Gateway(build)
try:
    g.staff()
    g.auditor = g.staff("A-1", "auditor")
    g.start()
    threads = [threading.Thread(target=register, args=(g, range(n, count, 8)), daemon=True) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = g.metric('shiming_registrations_total{verdict="accepted"}') + g.metric(
        'shiming_registrations_total{verdict="refused"}')
    assert done == count, (done, count)
    wait_for("reports delivered", lambda: g.metric("shiming_reports_delivered_total") >= count / 10)
    found = search("metrics", g.call("GET", "/metrics", token="")[1])
    seen = b"".join(data for _, data in memory(g.process.pid) if b"cn-54/2018" in data)
    assert seen, "the gateway's memory could not be read: the search is blind"
    left = []

    def tidied():
        left[:] = [hit for where, data in memory(g.process.pid) for hit in search(f"memory {where}", data)]
        return not left
    try:
        wait_for("the gateway has tidied up, now that nobody asks", tidied, 5)
    except AssertionError:
        found += left
    g.stop()
    for top, _, names in os.walk(g.dir):
        for name in names:
            with open(os.path.join(top, name), "rb") as f:
                found += search(name, f.read())
    assert not found, found[:20]
    print(f"{count} registrations: none of {len(PATTERNS)} patterns in files, metrics, reports or memory")
finally:
    g.close()
