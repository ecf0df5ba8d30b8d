# SPDX-License-Identifier: GPL-2.0-only
"""The directive `.. kernel-doc:: FOLDER-OR-HEADER...` shows what headers document.

Of each header: the theory at its head, then every comment that begins with `/**` with the
declaration behind it. The comment's first line is `name() - what it does`; lines that begin with
`@argument:`, `Context:` or `Return:` begin a paragraph of their own.
"""

import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

ROOT = Path(__file__).resolve().parents[2]
DOC_COMMENT = re.compile(r"/\*\*\n(.*?)\*/\n(.*?[;{])", re.S)
HEAD_COMMENT = re.compile(r"\A/\*.*?\*/\n/\*(?!\*)(.*?)\*/", re.S)
FIELD = re.compile(r"(@[\w.]+|Context|Return):\s*(.*)", re.S)


def comment_lines(text):
    """The lines of a comment without their stars."""
    return [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in text.strip("\n").split("\n")]


def as_literal(text):
    """Words with characters that reStructuredText would take as its own."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)


def paragraphs(lines):
    """Text between empty lines, and each field."""
    block = []
    for line in lines + [""]:
        if block and (not line or FIELD.match(line)):
            yield " ".join(block)
            block = []
        if line:
            block.append(line.strip())


def declaration(text):
    """A declaration on one line, without the body of a macro or an inline function."""
    text = re.sub(r"\s+", " ", text.strip())
    macro = re.match(r"#define \w+(\([^)]*\))?", text)
    if macro:
        return macro[0]
    return re.sub(r" ?\{$", ";", text)


def render_comment(body, declared):
    """reStructuredText of one documented declaration."""
    lines = comment_lines(body)
    yield from ("::", "", f"   {declaration(declared)}", "")
    title = re.sub(r"^\w+(\(\))?\s*-\s*", "", lines[0])
    yield from (f"   {as_literal(title)}", "")
    for paragraph in paragraphs(lines[1:]):
        field = FIELD.match(paragraph)
        if field:
            yield f"   :{as_literal(field[1].lstrip('@'))}: {as_literal(field[2])}"
        else:
            yield from ("", f"   {as_literal(paragraph)}", "")
    yield ""


def render_header(path):
    """reStructuredText of a header; nothing if it documents nothing."""
    text = path.read_text()
    comments = DOC_COMMENT.findall(text)
    if not comments:
        return
    include = re.sub(r".*/include/|^include/", "", str(path.relative_to(ROOT)))
    yield from (f".. rubric:: <{include}>", "")
    head = HEAD_COMMENT.match(text)
    for line in comment_lines(head[1]) if head else []:
        yield f"| {as_literal(line)}" if line else "|"
    yield ""
    for body, declared in comments:
        yield from render_comment(body, declared)


class KernelDoc(Directive):
    """See the head of this file."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        env = self.state.document.settings.env
        container = nodes.container()
        for argument in self.arguments[0].split():
            place = ROOT / argument
            for path in sorted(place.rglob("*.h")) if place.is_dir() else [place]:
                env.note_dependency(str(path))
                lines = StringList(list(render_header(path)), source=str(path))
                self.state.nested_parse(lines, self.content_offset, container)
        return [container]


def setup(app):
    """Called by Sphinx."""
    app.add_directive("kernel-doc", KernelDoc)
    return {"parallel_read_safe": True}
