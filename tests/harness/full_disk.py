# SPDX-License-Identifier: Apache-2.0
"""A disk that fails on command, to be preloaded into a program (tests/fault/faultfs.c), and one that is full for a while."""
import os
import subprocess

SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fault", "faultfs.c")


def build_injector(folder):
    """The library to preload, as a file that other accounts can read."""
    injector = os.path.join(folder, "faultfs.so")
    subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-D_GNU_SOURCE", "-O2", "-shared", "-fPIC", "-o", injector,
                    SOURCE, "-ldl"], check=True)
    return injector


def server_env(injector):
    """For a database server: while a file "full" lies beside its folder "data", no file in there gets any longer."""
    return {"LD_PRELOAD": injector, "FAULT_PATH": "/data/", "FAULT_CALL": "grow", "FAULT_ERRNO": "ENOSPC",
            "FAULT_FLAG": "../full"}
