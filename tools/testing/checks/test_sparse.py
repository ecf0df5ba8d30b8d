# SPDX-License-Identifier: GPL-2.0-only
"""`make sparse` fails on each kind of mistake that it is there for."""

import json
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
SPARSE = os.path.join(ROOT, "scripts", "checks", "sparse.py")
COMPILER_H = os.path.join(ROOT, "include", "oshit", "compiler.h")

LOCK = """\
struct lock { int held; };
static void take(struct lock *l) __acquires(l)
{
	__acquire(l);
	l->held = 1;
}
static void drop(struct lock *l) __releases(l)
{
	__release(l);
	l->held = 0;
}
static void with(struct lock *l) __must_hold(l)
{
	l->held = 2;
}
int f(struct lock *l);
"""


def sparse(folder, text):
    (folder / "a.c").write_text(text)
    command = f"gcc -O2 -Wall -nostdinc -std=gnu11 -include {COMPILER_H} -c a.c -o a.o"
    entry = {"directory": str(folder), "file": "a.c", "command": command}
    (folder / "compile_commands.json").write_text(json.dumps([entry]))
    done = subprocess.run([sys.executable, SPARSE, str(folder / "compile_commands.json")],
                          capture_output=True, text=True, check=False)
    lines = done.stdout.strip().split("\n")
    return done.returncode, lines[-1], "\n".join(lines[:-1])


def test_good_file_passes(tmp_path):
    text = LOCK + "int f(struct lock *l)\n{\n\ttake(l);\n\twith(l);\n\tdrop(l);\n\treturn 0;\n}\n"
    assert sparse(tmp_path, text) == (0, "1 passed, 0 failed", "")


@pytest.mark.parametrize("text, complaint", [
    ("int f(char __user *p);\nint f(char __user *p) { return *p; }\n", "dereference of noderef"),
    ("int f(char __user *p);\nint f(char __user *p) { char *q = p; return *q; }\n",
     "different address spaces"),
    ("int f(int __iomem *p);\nint f(int __iomem *p) { return p[1]; }\n", "dereference of noderef"),
    ("int f(int __percpu *p);\nint f(int __percpu *p) { return *p; }\n", "dereference of noderef"),
    ("char *f(void);\nchar *f(void) { return 0; }\n", "plain integer as NULL"),
    ("int g;\n", "was not declared"),
    (LOCK + "int f(struct lock *l) { take(l); return 0; }\n", "context imbalance"),
    (LOCK + "int f(struct lock *l) { drop(l); return 0; }\n", "context imbalance"),
    (LOCK + "int f(struct lock *l) { if (l->held) take(l); with(l); return 0; }\n",
     "context imbalance"),
    ("int f(void) { return }\n", "error"),
])
def test_bad_file_fails(tmp_path, text, complaint):
    status, last, said = sparse(tmp_path, text)
    assert (status, last) == (1, "0 passed, 1 failed")
    assert complaint in said


def test_nothing_to_check_is_no_pass(tmp_path):
    (tmp_path / "compile_commands.json").write_text("[]")
    done = subprocess.run([sys.executable, SPARSE, str(tmp_path / "compile_commands.json")],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1
