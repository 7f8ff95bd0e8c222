"""Tables that are wider than their terminal: headings and long texts are folded, what has no room goes on below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = "  "
FOLDED = 4
"""A text takes at most one in so many characters of a line, where there is no room for all."""
SHORTEST = 16


@dataclass(frozen=True)
class Column:
    """A column as lines of text: those of the heading, and of each row."""

    heading: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    to_the_right: bool

    @property
    def width(self) -> int:
        """Of its widest line."""
        from rich.cells import cell_len

        return max(cell_len(line) for lines in (self.heading, *self.cells) for line in lines or ("",))

    @property
    def wordy(self) -> bool:
        """Whether it says more than numbers and intervals, which stay in one piece."""
        return any(line[:1].isalpha() for lines in self.cells for line in lines)

    @property
    def begun(self) -> Column:
        """The column with the first line of each cell alone."""
        cells = tuple((f"{lines[0]} …",) if len(lines) > 1 else lines for lines in self.cells)
        return Column(self.heading, cells, self.to_the_right)

    def folded(self, most: int) -> Column:
        """The column with its heading no wider than its cells, and words in them no wider than so much."""
        cells = tuple(fold(" ".join(lines), most) for lines in self.cells) if self.wordy else self.cells
        heading = " ".join(self.heading)
        words = tuple((word,) for word in heading.split())
        return Column(fold(heading, Column((), (*cells, *words), False).width), cells, self.to_the_right)


def column(heading: str, cells: Sequence[str], to_the_right: bool) -> Column:
    """A column before it is folded."""
    return Column((heading,), tuple((cell,) for cell in cells), to_the_right)


def fold(text: str, width: int) -> tuple[str, ...]:
    """A text in lines no wider than that, broken between words, or within one that is too long."""
    from rich.cells import cell_len, chop_cells

    lines = [""]
    for word in text.split():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += chop_cells(word, width)
    return tuple(line for line in lines if line)


def blocks(columns: Sequence[Column], keys: int, width: int | None) -> list[list[Column]]:
    """The columns as they are where they have room, else folded, in blocks that each begin with the first `keys`."""
    if width is None or _width(columns) <= width:
        return [list(columns)]
    narrow = [each.folded(max(SHORTEST, width // FOLDED)) for each in columns]
    lead, found = narrow[:keys], [narrow[:keys]]
    for each in narrow[keys:]:
        if len(found[-1]) > keys and _width([*found[-1], each]) > width:
            found.append([key.begun for key in lead])
        found[-1].append(each)
    return found


def _width(columns: Sequence[Column]) -> int:
    return sum(each.width for each in columns) + len(GAP) * (len(columns) - 1)


def printed(columns: Sequence[Column]) -> tuple[list[str], list[str]]:
    """The lines of the heading, and those of the rows; a text goes on below itself."""
    widths = [each.width for each in columns]
    heading = list(_lines([each.heading for each in columns], columns, widths))
    rows = zip(*(each.cells for each in columns), strict=True)
    return heading, [line for row in rows for line in _lines(row, columns, widths)]


def _lines(cells: Sequence[tuple[str, ...]], columns: Sequence[Column], widths: Sequence[int]) -> Iterator[str]:
    from rich.cells import cell_len

    for at in range(max(map(len, cells), default=0)):
        texts = [lines[at] if at < len(lines) else "" for lines in cells]
        spaces = [" " * (width - cell_len(text)) for text, width in zip(texts, widths, strict=True)]
        parts = zip(texts, spaces, columns, strict=True)
        yield GAP.join(space + text if each.to_the_right else text + space for text, space, each in parts).rstrip()
