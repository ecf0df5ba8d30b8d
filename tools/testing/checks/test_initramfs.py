# SPDX-License-Identifier: GPL-2.0-only
"""scripts/mkinitramfs makes what its list says, whoever runs it and whenever, or nothing."""

import os
import pathlib
import stat
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
LIST = """\
# a comment
slink /init bin/run 777 0 0
file /bin/run {source} 755 1 2	# behind an entry
nod /dev/null 666 0 0 c 1 3
nod dev/disk 600 0 0 b 8 17
dir /dev 755 0 0
dir /bin 1777 0 0
"""


@pytest.fixture(scope="module", name="program")
def fixture_program(tmp_path_factory):
    path = tmp_path_factory.mktemp("tools") / "mkinitramfs"
    subprocess.run(["gcc", "-O1", "-Wall", "-Werror", "-fsanitize=address,undefined",
                    "-o", path, ROOT / "scripts" / "mkinitramfs.c"], check=True)
    return path


def make(program, folder, text):
    (folder / "list").write_text(text)
    done = subprocess.run([program, folder / "out", folder / "list"], check=False, text=True,
                          env=os.environ | {"ASAN_OPTIONS": "detect_leaks=0"},
                          capture_output=True)
    return done.returncode, done.stderr


def entries(data):
    """{name: (mode, uid, gid, mtime, device, data)} in the order of the archive."""
    found, at = {}, 0
    while True:
        assert data[at:at + 6] == b"070701" and at % 4 == 0
        f = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        name = data[at + 110:at + 110 + f[11] - 1].decode()
        if name == "TRAILER!!!":
            return found
        start = (at + 110 + f[11] + 3) & ~3
        assert name not in found
        found[name] = (f[1], f[2], f[3], f[5], (f[9], f[10]), data[start:start + f[6]])
        at = (start + f[6] + 3) & ~3


def test_archive_is_what_the_list_says(program, tmp_path):
    (tmp_path / "source").write_bytes(b"12345")
    assert make(program, tmp_path, LIST.format(source=tmp_path / "source")) == (0, "")
    got = entries((tmp_path / "out").read_bytes())
    assert list(got) == sorted(got) == ["bin", "bin/run", "dev", "dev/disk", "dev/null", "init"]
    assert got["bin/run"] == (stat.S_IFREG | 0o755, 1, 2, 0, (0, 0), b"12345")
    assert got["init"] == (stat.S_IFLNK | 0o777, 0, 0, 0, (0, 0), b"bin/run")
    assert got["dev/null"][0] == stat.S_IFCHR | 0o666 and got["dev/null"][4] == (1, 3)
    assert got["dev/disk"][0] == stat.S_IFBLK | 0o600 and got["dev/disk"][4] == (8, 17)
    assert got["bin"][0] == stat.S_IFDIR | 0o1777


def test_order_of_the_list_does_not_matter(program, tmp_path):
    (tmp_path / "source").write_bytes(b"x")
    text = LIST.format(source=tmp_path / "source")
    make(program, tmp_path, text)
    first = (tmp_path / "out").read_bytes()
    make(program, tmp_path, "\n".join(reversed(text.split("\n"))))
    assert (tmp_path / "out").read_bytes() == first


@pytest.mark.parametrize("text, complaint", [
    ("dir /a 755 0 0\ndir a 755 0 0\n", "a: is there twice"),
    ("dir /a/b 755 0 0\n", "a/b: its folder is not in the list"),
    ("slink /a b 777 0 0\nslink /a/b c 777 0 0\n", "a/b: its folder is not in the list"),
    ("file /a /no/such/file 755 0 0\n", "/no/such/file: is not a file that can be read"),
    ("dir /a 855 0 0\n", "list:1: 855: not a number"),
    ("nod /a 600 0 0 x 1 3\n", "x: neither c nor b"),
    ("dir /a 755 0\n", "dir: no such kind of entry, or not its number of words"),
    ("\ndirr /a 755 0 0\n", "list:2: dirr: no such kind"),
    ("dir\n", "dir: an entry without a name"),
])
def test_bad_list_is_refused(program, tmp_path, text, complaint):
    status, said = make(program, tmp_path, text)
    assert status == 1 and complaint in said
