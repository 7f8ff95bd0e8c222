"""Files as accidents and enemies leave them: whole ones in which bytes, words, lines or rows were changed by chance."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

WORD = re.compile(rb"[\w.+-]+")
WORDS = (
    *(b"", b"0", b"-1", b"1", b"2", b"0.5", b"-0.0", b"1e-3", b"1e308", b"1e400", b"-1e200", b".nan", b".inf", b"nan"),
    *(
        b"inf",
        b"9" * 20,
        b"9" * 5000,
        b"0x1F",
        b"1_000",
        b"1,5",
        b"12:30",
        b"2024-01-01",
        b"true",
        b"no",
        b"null",
        b"~",
    ),
    *(b"[]", b"{}", b"[[]]", b"[1, [2]]", b"{a: 1}", b"[0.1, 0.2]", b"{log: [1, 10, 3]}", b"{range: [0, 4]}", b"auto"),
    *(b"{linear: [1, 0, 2]}", b"{log: [0, 1, 1000000000000]}", b"kind", b"lr", b"seed", b"compare", b"optimizer"),
    *(b"adam", b"sgd", b"mlp", b"surface", b"digits", b"blobs", b"csv", b"cosine", b"hinge", b"minibatch", b"float32"),
    *(b"../x", b"/abs", b"CON", b"=cmd|x", b"\xc3\xa9", b"\xe2\x80\xa8", b"\xed\xb0\x80", b"\xff", b"\0", b"\x1b[31m"),
    *(b"'", b'"', b'""', b"#", b"- ", b": ", b"&a", b"*a", b"!!str", b"|", b"---", b"\xef\xbb\xbf", b"\r", b"\t", b"%"),
    *(b",", b";", b"\n", b"NA", b"?", b"[" * 40, b"- " * 40, b"{a: " * 40, b"x" * 300),
)
"""What may stand where something else stood."""


def mutated(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """A file with a few changes; `others` are files that it may be mixed with."""
    for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 3, 6))):
        content = chance.choice(CHANGES)(content, chance.choice(others), chance)
    return content


def _word(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Another word, often one that stands somewhere."""
    words = list(WORD.finditer(content))
    if not words:
        return chance.choice(WORDS)
    there = chance.choice(words)
    known: Sequence[bytes] = WORD.findall(other) or WORDS
    return content[: there.start()] + chance.choice(chance.choice((WORDS, known))) + content[there.end() :]


def _bytes(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Some bytes gone, and some others there."""
    start = chance.randrange(len(content) + 1)
    new = chance.choice((b"", chance.randbytes(chance.randint(1, 3)), chance.choice(WORDS), content[start : start + 9]))
    return content[:start] + new + content[start + chance.choice((0, 0, 1, 1, 5)) :]


def _lines(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """A line twice, gone, elsewhere, indented, or from another file."""
    lines = content.split(b"\n")
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    line = lines[at]
    what = chance.randrange(5)
    if what == 0:
        lines.insert(to, line)
    elif what == 1:
        del lines[at]
    elif what == 2:
        lines[at], lines[to] = lines[to], line
    elif what == 3:
        lines[at] = chance.choice((b" ", b"  ", b"\t", b"- ", b"compare:\n  ")) + line
    else:
        lines[at] = chance.choice(other.split(b"\n"))
    return b"\n".join(lines)


def _cut(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """The beginning alone, perhaps with the end of another file."""
    return content[: chance.randrange(len(content) + 1)] + chance.choice((b"", other[chance.randrange(len(other)) :]))


def _spelled(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """One sort of character in the place of another everywhere, or the text in another encoding."""
    if chance.random() < 0.2:
        return content.decode(errors="replace").encode(chance.choice(("utf-16", "utf-32", "latin-1")), "replace")
    old, new = chance.choice(((b"\n", b"\r\n"), (b",", b";"), (b" ", b""), (b".", b","), (b":", b"="), (b"\n", b"\r")))
    return content.replace(old, new)


CHANGES: Sequence[Callable[[bytes, bytes, random.Random], bytes]] = (
    *(_word,) * 6,
    *(_bytes,) * 3,
    *(_lines,) * 3,
    _cut,
    _spelled,
)
