from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.agents.tokenizer import SPECIAL_TOKENS, TinyTokenizer
from tests.agents.tiny_policies import PLACES, TYPES, texts

TOKENIZER = TinyTokenizer.train(texts() * 3, vocab_size=512)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(ANY_TEXT)
def test_any_text_comes_back(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


@given(st.lists(st.sampled_from([*SPECIAL_TOKENS, "mug", " 1", "\n", "🙂", "é", "\0", "café 3", "\u202e"])))
def test_hostile_text_comes_back_and_never_becomes_a_special_token(parts: list[str]) -> None:
    text = "".join(parts)
    ids = TOKENIZER.encode(text)
    assert TOKENIZER.decode(ids) == text
    assert not {TOKENIZER.pad_id, TOKENIZER.end_id, TOKENIZER.act_id} & set(ids)


def test_a_lone_surrogate_is_escaped() -> None:
    assert TOKENIZER.decode(TOKENIZER.encode("a\ud800b")) == "a\\ud800b"


@pytest.mark.parametrize("name", [*TYPES, *PLACES])
def test_a_numbered_name_is_one_token_wherever_it_stands(name: str) -> None:
    (token,) = TOKENIZER.encode(name)
    for text in (f"put a {name} in", f"take {name} 7 from", f"({name})", f"{name}.", f"a {name} 99"):
        assert TOKENIZER.encode(text).count(token) == 1
    assert token not in TOKENIZER.encode(f"{name}s")


def test_phrases_become_one_token_and_digits_stay_apart() -> None:
    ids = TOKENIZER.encode("You arrive at sinkbasin 12. On the sinkbasin 12, you see a mug 1, and a mug 2.")
    assert [TOKENIZER.decode([i]) for i in ids] == [
        *("You arrive at ", "sinkbasin", " 1", "2", ". On the ", "sinkbasin", " 1", "2"),
        *(", you see a ", "mug", " 1", ", and a ", "mug", " 2", "."),
    ]


def test_a_word_that_many_others_can_stand_in_for_is_a_name_too() -> None:
    things = ("pen", "hat", "vase", "ball", "brush", "key", "ring", "lamp", "coin")
    lines = [f"Put the {thing} on the {other}." for thing in things for other in things]
    lines += [f"take {thing}" for thing in things]
    tokenizer = TinyTokenizer.train(lines * 3, vocab_size=512)

    def tokens(text: str) -> list[str]:
        return [tokenizer.decode([i]) for i in tokenizer.encode(text)]

    assert tokens("Put the hat on the coin.") == ["Put the ", "hat", " on the ", "coin", "."]
    assert tokens("take hat") == ["take ", "hat"]
    few = TinyTokenizer.train([f"take {thing}" for thing in things[:3]] * 3, vocab_size=512)
    assert [few.decode([i]) for i in few.encode("take hat")] == ["take hat"], "three fillers make no slot"


def test_the_vocabulary_stays_within_its_bound() -> None:
    assert TinyTokenizer.train(texts() * 9, vocab_size=330).vocab_size <= 330
    assert TinyTokenizer.train([], vocab_size=320).vocab_size == 256 + len(SPECIAL_TOKENS)
    with pytest.raises(ValueError, match="vocab_size=100"):
        TinyTokenizer.train(texts(), vocab_size=100)


def test_encoded_texts_share_their_numbers() -> None:
    encoded = [token for text in texts() for token in TOKENIZER.encode(f"{text}.")]
    assert len({id(token) for token in encoded}) == len(set(encoded)) < len(encoded) / 4


def test_training_is_deterministic() -> None:
    again = TinyTokenizer.train(texts() * 3, vocab_size=512)
    assert [again.encode(text) for text in texts()] == [TOKENIZER.encode(text) for text in texts()]


def test_saved_and_loaded_it_encodes_alike_in_transformers_too(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    TOKENIZER.save(tmp_path)
    loaded = TinyTokenizer.load(tmp_path)
    theirs = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    for text in [*texts(), "<end> 🙂 café"]:
        assert loaded.encode(text) == TOKENIZER.encode(text)
    for text in texts():
        assert tuple(theirs(text)["input_ids"]) == TOKENIZER.encode(text)
    assert theirs.eos_token_id == TOKENIZER.end_id
    with pytest.raises(FileNotFoundError, match="tokenizer.json"):
        TinyTokenizer.load(tmp_path / "nowhere")
