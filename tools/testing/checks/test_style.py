# SPDX-License-Identifier: GPL-2.0-only
"""Each static check finds nothing in a good tree, and what was put there in a bad one."""

import importlib
import os
import shutil
import subprocess

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
SPDX = "/* SPDX-License-Identifier: GPL-2.0-only */\n"
HASH = "# SPDX-License-Identifier: GPL-2.0-only\n"

GOOD = {
    "lib/list.c": SPDX + "#include <linux/errno.h>\n#include <stddef.h>\n#include <oshit/list.h>\n"
                  '#include "list_internal.h"\n\nint list_len(void)\n{\n\treturn -EINVAL;\n}\n',
    "lib/list_internal.h": SPDX + "#ifndef LIST_INTERNAL_H\n#define LIST_INTERNAL_H\n\n#endif\n",
    "lib/Makefile": HASH + "obj-$(CONFIG_LIST)\t+= list.o\n"
                    "obj-$(CONFIG_TEST_LIB)\t+= list_test.o\n",
    "lib/list_test.c": SPDX + "#include <oshit/list.h>\n#include <oshit/test.h>\n\n"
                       "static void list_is_short(struct test *t)\n{\n\tEXPECT_OK(t, 0);\n}\n\n"
                       "static const struct test_case list_cases[] = {\n"
                       "\tTEST_CASE(list_is_short),\n};\nTEST_SUITE(list, list_cases);\n",
    "include/oshit/test.h": SPDX + "#ifndef OSHIT_TEST_H\n#define OSHIT_TEST_H\n\n#endif\n",
    "include/oshit/list.h": SPDX + "#ifndef OSHIT_LIST_H\n#define OSHIT_LIST_H\n\n"
                            "#include <arch/io.h>\n\n#endif\n",
    "Documentation/architecture.rst": ".. SPDX-License-Identifier: GPL-2.0-only\n\n"
                                      "* ``<arch/io.h>``: ports\n",
    "Documentation/features.rst": ".. SPDX-License-Identifier: GPL-2.0-only\n\n.. list-table::\n\n"
                                  "   * - feature\n     - symbol\n     - file\n     - test\n"
                                  "     - cost and gain\n"
                                  "   * - lists\n     - ``LIST``\n     - ``lib/list.c``\n"
                                  "     - ``kunit:list``\n     - 100 bytes, saves\n"
                                  "       typing\n",
    "Kconfig": HASH + 'config LIST\n\tbool "Lists"\n\thelp\n\t  Lists. 100 bytes.\n\n'
               'config TEST_LIB\n\tbool "Tests"\n\tdepends on LIST\n\thelp\n\t  Tests lists.\n',
    "tools/testing/boot.cfg": HASH + "[default]\nneeds = LIST !TEST_LIB\n",
}


@pytest.fixture(name="tree_with")
def fixture_tree_with(tmp_path):
    """tree_with(path, old, new): the good tree with one text in one file changed."""
    def make(path=None, old="", new=""):
        shutil.copy(os.path.join(ROOT, ".clang-format"), tmp_path)
        for name, text in GOOD.items():
            if name == path:
                assert old in text
                text = text.replace(old, new, 1) if old else text + new
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        if path and path not in GOOD:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(new)
        return str(tmp_path)
    return make


def findings(name, root):
    return importlib.import_module(f"check_{name}").check(root, root + "/build")


@pytest.mark.parametrize("name", ["headers", "shape", "format", "spelling", "kconfig", "features",
                                  "tests"])
def test_good_tree_has_no_findings(name, tree_with):
    assert findings(name, tree_with()) == []


LONG = "void f(void)\n{\n" + "\tg();\n" * 61 + "}\n"
BAD = [
    ("headers", "lib/list.c", SPDX, "", "not the SPDX line"),
    ("headers", "lib/list.c", SPDX, "/* A list. */\n" + SPDX, "not the SPDX line"),
    ("headers", "lib/Makefile", HASH, "", "not the SPDX line"),
    ("headers", "scripts/new.sh", "", "#!/bin/sh\necho\n", "not the SPDX line"),
    ("headers", "lib/list.c", "<stddef.h>", "<stdio.h>", "none of the three kinds"),
    ("headers", "lib/list.c", "<linux/errno.h>", "<linux/slab.h>", "not in linux-libc-dev"),
    ("headers", "lib/list.c", "<oshit/list.h>", "<oshit/tree.h>", "does not exist"),
    ("headers", "lib/list.c", '"list_internal.h"', '"../mm/slab.h"', "not in the same folder"),
    ("headers", "lib/list.c", '"list_internal.h"', '"slab.h"', "not in the same folder"),
    ("headers", "lib/list.c", "<stddef.h>", "<arch/msr.h>", "not in the contract list"),
    ("headers", "include/oshit/list.h", "OSHIT_LIST_H", "LIST_H", "no include guard"),
    ("headers", "include/oshit/tree.h", "",
     SPDX + "#ifndef TREE_H\n#define TREE_H\n#endif\n", "guard TREE_H, not OSHIT_TREE_H"),
    ("headers", "lib/list_internal.h", "#ifndef LIST_INTERNAL_H\n", "", "no include guard"),
    ("shape", "lib/list.c", "", LONG, "f() has 61 lines"),
    ("shape", "lib/list.c", "", LONG.replace("(void)", "(int a,\n       int b)"), "f() has 61"),
    ("shape", "lib/list.c", "", "int i;\n" * 900, "over 900 lines"),
    ("shape", "lib/list.c", "\treturn", "#ifdef CONFIG_LIST\n\treturn", "#if inside list_len()"),
    ("shape", "lib/list.c", "\treturn", "# if 1\n\treturn", "#if inside list_len()"),
    ("shape", "lib/list.c", "", "extern int other;\n", "extern of other"),
    ("shape", "lib/list.c", "", "extern char a[], *b;\n", "extern of b"),
    ("shape", "lib/list.c", "", "/* TO" + "DO */\n", "without an issue"),
    ("shape", "lib/list.c", "", "int f;\t\n", "space at the end"),
    ("shape", "lib/list.c", "", "int f;", "no newline at the end"),
    ("shape", "lib/list.c", "", "\n", "empty line at the end"),
    ("shape", "lib/list.c", "", "/* " + "x" * 100 + " */\n", "over 100 columns"),
    ("format", "lib/list.c", "\treturn", "    return", "clang-format"),
    ("format", "lib/list.c", "", "int f(void) { return 1; }\n", "clang-format"),
    ("kconfig", "Kconfig", "\thelp\n\t  Lists. 100 bytes.\n", "", "LIST has no help"),
    ("kconfig", "Kconfig", "depends on LIST", "depends on TREE", "undefined symbol TREE"),
    ("kconfig", "Kconfig", "\tbool \"Lists\"", "\tnobool \"Lists\"", "parse"),
    ("kconfig", "lib/Makefile", "CONFIG_LIST", "CONFIG_TREE", "CONFIG_TREE is not a symbol"),
    ("kconfig", "lib/list.c", "", "#ifdef CONFIG_TREE\n#endif\n", "CONFIG_TREE is not a symbol"),
    ("kconfig", "tools/testing/boot.cfg", "LIST", "TREE", "CONFIG_TREE is not a symbol"),
    ("kconfig", "Kconfig", "", 'config NEW\n\tbool "New"\n\thelp\n\t  New.\n',
     "NEW is used nowhere"),
    ("kconfig", "Kconfig", '\tbool "Lists"', '\tbool "Lists"\n\tselect TEST_LIB',
     "selects TEST_LIB, which has dependencies"),
    ("features", "Documentation/features.rst", "``LIST``", "``TREE``", "TREE is not a symbol"),
    ("features", "Documentation/features.rst", "``LIST``", "``TREE``", "LIST has no row"),
    ("features", "Documentation/features.rst", "lib/list.c", "lib/tree.c", "does not exist"),
    ("features", "Documentation/features.rst", "kunit:list", "kunit:tree", "no test kunit:tree"),
    ("features", "Documentation/features.rst", "kunit:list", "boot:tree", "no test boot:tree"),
    ("features", "Documentation/features.rst", "     - ``kunit:list``\n", "", "4 cells"),
    ("features", "Documentation/features.rst", "``kunit:list``", "later", "no test"),
    ("features", "Kconfig", "", 'config NEW\n\tbool "New"\n\thelp\n\t  New.\n', "NEW has no row"),
    ("tests", "lib/list_test.c", "\tTEST_CASE(list_is_short),\n", "", "stands in no table"),
    ("tests", "lib/list_test.c", "TEST_SUITE(list, list_cases);\n", "", "no TEST_SUITE"),
    ("tests", "lib/Makefile", "list_test.o", "other.o", "not in the Makefile"),
    ("tests", "lib/again_test.c", "", GOOD["lib/list_test.c"], "is also in"),
]


@pytest.mark.parametrize("name, path, old, new, text", [b for b in BAD if b[4]])
def test_bad_file_is_found(name, path, old, new, text, tree_with):
    found = findings(name, tree_with(path, old, new))
    assert any(text in f for f in found), found


@pytest.mark.skipif(not shutil.which("codespell"), reason="codespell is not installed")
def test_wrong_spelling_is_found(tree_with):
    root = tree_with("lib/list.c", "", "/* rec" + "ieve */\n")
    assert any("receive" in f for f in findings("spelling", root))


LAYERS = HASH + "lib:\tlib/*\ncore:\tkernel/*\n\tlib/core.c\ninit:\n"


@pytest.fixture(name="built")
def fixture_built(tmp_path):
    """built(layers, {path: text}): compiles the files and runs the tier check."""
    def make(layers, files):
        build = tmp_path / "build"
        build.mkdir()
        for path, text in files.items():
            source, target = tmp_path / path, build / (path[:-2] + ".o")
            for file in (source, target):
                file.parent.mkdir(parents=True, exist_ok=True)
            source.write_text(text)
            subprocess.run(["gcc", "-c", str(source), "-o", str(target)], check=True)
        (tmp_path / "scripts").mkdir()
        (tmp_path / "scripts" / "layers").write_text(layers)
        (build / "vmoshit.objects").write_text("".join(f"{p[:-2]}.o\n" for p in files))
        return findings("tiers", str(tmp_path))
    return make


CORE = "int core(void) { return 1; }\n"


def test_call_down_is_fine(built):
    assert built(LAYERS, {"lib/core.c": CORE, "lib/a.c": "extern char start[]; char *a = start;\n",
                          "kernel/b.c": "int core(void); int b(void) { return core(); }\n"}) == []


@pytest.mark.parametrize("user", ["int core(void); int a(void) { return core(); }\n",
                                  "int core(void); int (*a)(void) = core;\n"])
def test_need_of_a_higher_tier_is_found(built, user):
    found = built(LAYERS, {"lib/core.c": CORE, "lib/a.c": user})
    assert found == ["lib/a.c:1: lib needs core() of core (lib/core.c)"]


def test_file_without_tier_is_found(built):
    found = built(LAYERS, {"lib/core.c": CORE, "mm/new.c": "int x;\n"})
    assert found == ["mm/new.c:1: has no tier in scripts/layers"]


def test_pattern_of_a_removed_file_is_found(built):
    assert "lib/core.c does not exist" in built(LAYERS, {"lib/a.c": "int x;\n"})[0]


def test_missing_kernel_is_no_pass(built):
    assert "no kernel was built" in built("lib:\tlib/*\n", {})[0]


COMPATIBILITY = "Documentation/compatibility.rst"
CALL_LIST = "arch/x86_64/entry/syscall_list.inc"
SELFTESTS = "tools/testing/selftests"


@pytest.fixture(name="calls_with")
def fixture_calls_with(tmp_path):
    """calls_with(path, old, new): the real table and list, with one text in one of them changed."""
    def make(path=None, old="", new=""):
        for name in (COMPATIBILITY, CALL_LIST):
            with open(os.path.join(ROOT, name), encoding="utf-8") as file:
                text = file.read()
            if name == path:
                assert old in text
                text = text.replace(old, new, 1)
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        (tmp_path / "tools/testing").mkdir(parents=True)
        (tmp_path / SELFTESTS).symlink_to(os.path.join(ROOT, SELFTESTS))
        return str(tmp_path)
    return make


def test_real_calls_have_no_findings(calls_with):
    assert findings("compatibility", calls_with()) == []


def test_call_without_a_test_is_found(calls_with):
    root = calls_with()
    os.unlink(os.path.join(root, SELFTESTS))
    found = findings("compatibility", root)
    assert any("read is full, but no selftest calls it" in f for f in found)


BAD_CALLS = [
    (CALL_LIST, "CALL(read)\n", "", "read is full, but not in"),
    (CALL_LIST, "CALL(read)\n", "CALL(read)\nCALL(ptrace)\n", "ptrace is absent, but in"),
    (COMPATIBILITY, "\n0    read ", "\n0    reads ", "reads is not number 0"),
    (COMPATIBILITY, "\n0    read ", "\n0    reads ", "read has no row"),
    (COMPATIBILITY, "write                     full", "write                     partial",
     "write is partial, and the last column empty"),
    (COMPATIBILITY, "write                     full", "write                     good",
     "good is none of"),
    (COMPATIBILITY, " full, ", "1 full, ", "the totals are not"),
    (COMPATIBILITY, "\n1    write                     full\n", "\n", "write has no row"),
]


@pytest.mark.parametrize("path, old, new, text", BAD_CALLS)
def test_wrong_call_is_found(path, old, new, text, calls_with):
    found = findings("compatibility", calls_with(path, old, new))
    assert any(text in f for f in found), found
