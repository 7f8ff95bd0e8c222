"""YAML as people and as enemies write it: YAML 1.2's scalars, and what is refused before a tree exists."""

from __future__ import annotations

import time

import pytest
import yaml

from gdrun.experiment.config import ConfigError, Where, as_yaml
from gdrun.experiment.config import tree as tree_module
from gdrun.experiment.config.tree import read

FILE = Where("c.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, 0.001) for text in ("1e-3", "1E-3", "+1e-3", ".001", "0.001", "1.e-3", "10.0e-4")],
        *[(text, text) for text in ("yes", "no", "on", "off", "y", "n", "tRUE", "nULL", "1_000", "1:30", "2024-01-01")],
        *[
            (text, text)
            for text in ("0b1", "1e", "e3", ".", "-1-", "+", "1.2.3", "inf", "nan", ".INf", "0x", "0o8", "1e-3x")
        ],
        *[(text, True) for text in ("true", "True", "TRUE")],
        *[(text, False) for text in ("false", "False", "FALSE")],
        *[(text, None) for text in ("", "~", "null", "Null", "NULL")],
        *[(text, 10) for text in ("10", "+10", "010", "0o12", "0xA", "0xa")],
        *[(text, text[1:-1]) for text in ("'1'", '"true"', "''", "'null'", "'1e-3'")],
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        (".inf", float("inf")),
        ("-.INF", float("-inf")),
        ("1e999", float("inf")),
        ("[1, [a, 2.5]]", (1, ("a", 2.5))),
        ("{a: {b: [1]}}", {"a": {"b": (1,)}}),
        ("--- # comment\n- 1\n", (1,)),
        ("a:\r\n- 1\r\n", {"a": (1,)}),
        ("\ufeffa: µ", {"a": "µ"}),
    ],
)
def test_scalars_are_yaml_1_2(text: str, value: object) -> None:
    found = read(text, FILE)[0].plain()
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_and_one_zero() -> None:
    found = read("[.nan, -0.0, -0]", FILE)[0].plain()
    assert found[0] != found[0]
    assert [str(zero) for zero in found[1:]] == ["0.0", "0"]


HOSTILE = [
    ("[" * 500_000, "1:33: nested more than 32 levels deep"),
    ("{a: " * 250_000, "1:129: nested more than 32 levels deep"),
    ("- " * 500_000, "1:65: nested more than 32 levels deep"),
    ("a: &x [1]\nb: *x", "1:4: anchors and aliases (& and *) are not read: write the value out"),
    ("a: *x", "1:4: anchors and aliases (& and *) are not read: write the value out"),
    ("&x a: 1", "1:1: anchors and aliases (& and *) are not read: write the value out"),
    ("a: {<<: *x}", "1:9: anchors and aliases (& and *) are not read: write the value out"),
    ("a: !!python/object/apply:os.system [ls]", "1:4: tags (!) are not read: write the value alone"),
    ("a: !!str 1", "1:4: tags (!) are not read: write the value alone"),
    ("!!map {a: 1}", "1:1: tags (!) are not read: write the value alone"),
    ("a: ! 1", "1:4: tags (!) are not read: write the value alone"),
    ("a: 1\n---\nb: 2", "2:1: a second document: a config is one"),
    ("a:\n  b: " + "9" * 5000, "2:6: a.b: a whole number of more than 64 bits"),
    ("a: 0x" + "f" * 20_000, "1:4: a: a whole number of more than 64 bits"),
    ("a: 9223372036854775808", "1:4: a: a whole number of more than 64 bits"),
    ("[a, b]: 1", "1:1: a key must be a word"),
    ("? {a: 1}\n: 2", "1:3: a key must be a word"),
    ("a: 1\n\tb: 2", "2:1: not YAML: found"),
    ("a: b: c", "1:5: not YAML: mapping values are not allowed"),
    ("a: [1, 2", "not YAML: "),
    ("a: 'x", "1:6: not YAML: found unexpected end of stream while scanning a quoted scalar"),
    ("a: 1\nb: \x07", "2:4: control character '\\x07': not a text file?"),
    ("a: \x7f", "1:4: control character '\\x7f': not a text file?"),
    ("a: \udc80", "1:4: control character '\\udc80': not a text file?"),
    ("#" + "x" * 1_000_001, "c.yaml: larger than 1 MB: not a config"),
    ("%TAG ! tag:x,2000:\n---\na: !b 1", "3:4: tags (!) are not read: write the value alone"),
]


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize(("text", "expected"), HOSTILE, ids=lambda value: str(value)[:24])
def test_hostile_text_is_refused_at_once(
    text: str, expected: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(yaml, loader):
        pytest.skip("PyYAML without libyaml")
    monkeypatch.setattr(tree_module, "LOADER", getattr(yaml, loader))
    start = time.process_time()
    with pytest.raises(ConfigError) as caught:
        read(text, FILE)
    assert time.process_time() - start < 2
    assert expected in str(caught.value)
    assert str(caught.value).isprintable()


def test_thousands_of_repeated_keys_are_reported() -> None:
    root, problems = read("a: 1\n" * 20_000, FILE)
    assert root.plain() == {"a": 1}
    assert str(problems[0]) == "c.yaml:2:1: a: already given in line 1"
    assert str(problems[-1]) == "c.yaml:20000:1: a: already given in line 1"


def test_every_node_knows_its_place() -> None:
    root, _ = read("# first\na:\n  b: [1, x]\n  'c d': |\n    text\n", FILE)
    inner = root.entries["a"].entries
    assert (inner["b"].key.line, inner["b"].key.column) == (3, 3)
    assert (inner["b"].where.line, inner["b"].where.column) == (3, 6)
    assert root.place(("a", "b", 1)) == Where("c.yaml", 3, 10)
    assert root.place(("a", "b", 7)) == inner["b"].key
    assert root.place(("a", "nothing", "x")) == Where("c.yaml", 2, 1)
    assert root.place(("nothing",)) == root.key
    assert inner["c d"].plain() == "text\n"


@pytest.mark.parametrize(
    "text",
    ["1e3", "1e-3", "0o17", "0x1F", "no", "null", "~", "", "true", "12", "1:30", "2024-01-01", "#", "a: b", "9" * 99],
)
def test_words_that_look_like_more_are_written_so_that_they_stay_words(text: str) -> None:
    values = {"a": text, "b": {"c": [text]}}
    assert read(as_yaml(values), FILE)[0].plain() == {"a": text, "b": {"c": (text,)}}
