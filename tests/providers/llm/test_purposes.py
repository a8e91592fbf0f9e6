from __future__ import annotations

import pytest

from providers.llm.purposes import order, read_purpose_models, unknown_models


def test_pairs_are_read() -> None:
    assert read_purpose_models(" rewrite = small , answer=big,") == {
        "rewrite": "small",
        "answer": "big",
    }
    assert read_purpose_models("") == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rewrte=small", "no purpose 'rewrte'; there are: answer"),
        ("small", "pairs, not 'small'"),
        ("answer=", "pairs, not 'answer='"),
        ("answer=a,answer=b", "'answer' twice"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_purpose_models(text)


def test_the_named_model_is_tried_first_and_the_others_stand_behind_it() -> None:
    models, named = ("a", "b", "c"), {"rewrite": "c", "judge": "gone"}
    assert order(models, named, "rewrite") == ("c", "a", "b")
    assert order(models, named, "answer") == models
    assert order(models, named, "judge") == models
    assert unknown_models(named, models) == ["gone"]
