"""JSON that Python refuses is read as far as it can be meant."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.clients.lenient_json import DEPTH, DIGITS, read_lenient

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_what_python_reads_is_read_the_same(value: object) -> None:
    assert read_lenient(json.dumps(value)) == value
    assert read_lenient(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize("levels", [DEPTH, 1_000, 100_000])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_what_lies_too_deep_is_null_and_the_rest_is_read(
    levels: int, opens: str, closes: str
) -> None:
    deep = opens * levels + "1" + closes * levels
    read = read_lenient(f'[{{"update_id": 1, "deep": {deep}, "text": "]"}}, {{"update_id": 2}}]')
    assert [each["update_id"] for each in read] == [1, 2]
    assert read[0]["text"] == "]"
    json.dumps(read)


def test_an_integer_that_is_too_long_is_null() -> None:
    long = "9" * (sys.get_int_max_str_digits() + 1)
    with pytest.raises(ValueError, match="digits"):
        json.loads(long)
    assert read_lenient(f'{{"update_id": 7, "date": {long}}}') == {"update_id": 7, "date": None}
    assert read_lenient("9" * DIGITS) == int("9" * DIGITS)


@pytest.mark.parametrize(
    "text", ["", "{", "]", "[" * 100_000, '"', '{"a": tru', "[1] 2", "][", "}{"]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_lenient(text)
