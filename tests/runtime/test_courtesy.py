from __future__ import annotations

import sys

import pytest

from actors.runtime.courtesy import courteous


def test_threads_take_turns_more_often_for_the_block_alone() -> None:
    usual = sys.getswitchinterval()
    with courteous():
        assert sys.getswitchinterval() < usual / 5
    assert sys.getswitchinterval() == pytest.approx(usual)


def test_an_error_ends_it_too_and_overlapping_blocks_leave_nothing_behind() -> None:
    usual = sys.getswitchinterval()
    one, other = courteous(), courteous()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    other.__exit__(None, None, None)
    assert sys.getswitchinterval() == pytest.approx(usual)
    with pytest.raises(ValueError), courteous():
        raise ValueError
    assert sys.getswitchinterval() == pytest.approx(usual)
