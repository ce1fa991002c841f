"""A byte-level BPE tokenizer trained on the spot from transcripts: formulaic text becomes few tokens.

Byte-level BPE as in GPT-2 (Radford et al., 2019), but merges may cross word boundaries.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Regex, decoders, models, pre_tokenizers, trainers

PAD, END, ACT = "<pad>", "<end>", "<act>"
SPECIAL_TOKENS = (PAD, END, ACT)

_NUMBERED_NAME = re.compile(r"\b[A-Za-z]{2,}(?= [0-9])")
_BYTES = 256
_CORPUS_CHARS = 2_000_000
"""Distinct text beyond this many characters is left out of the training, which bounds its time."""


class TinyTokenizer:
    """Text to tokens and back, without loss, for a policy that is trained from scratch.

    - A digit is always a token of its own (with the space before it), so that what is learnt of "mug 2"
      carries over to other numbers.
    - A word that a number follows somewhere in the transcripts ("mug", "countertop") is a name: one token
      wherever it stands.
    - What lies between names and digits is split at line ends only, so phrases such as ". On the " become one
      token.
    - Every byte is a token, so any text can be encoded; lone surrogates, which are not Unicode text, are
      written as escapes first.
    - Text never becomes a special token, even if it spells one.

    Attributes:
        pad_id, end_id, act_id: Ids of padding, of the mark that ends an instruction or an action, and of the
            mark before an action.
    """

    def __init__(self, backend: tokenizers.Tokenizer, cache_size: int = 65_536) -> None:
        missing = [token for token in SPECIAL_TOKENS if backend.token_to_id(token) is None]
        if missing:
            raise ValueError(
                f"the tokenizer has no token {missing[0]!r}: it was not made by TinyTokenizer.train"
            )
        backend.encode_special_tokens = True
        self._backend = backend
        vocabulary = backend.get_vocab()
        self.pad_id, self.end_id, self.act_id = (vocabulary[token] for token in SPECIAL_TOKENS)
        self.encode = lru_cache(cache_size)(self._encode)

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int = 1024, names: Iterable[str] = ()) -> TinyTokenizer:
        """Learn a vocabulary.

        Args:
            texts: Transcripts: instructions, observations and actions, in any order; duplicates count.
            vocab_size: Upper bound on the number of tokens, at least 320 (bytes, special tokens and some
                merges).
            names: ASCII words to make one token each, besides those that a number follows; at most half of
                the vocabulary beyond bytes and special tokens goes to names, the most frequent first.
        """
        if vocab_size < 320:
            raise ValueError(
                f"vocab_size={vocab_size}: at least 320 are needed (256 bytes, special tokens, merges)"
            )
        counts = Counter(texts)
        found = Counter[str]()
        for text, count in counts.items():
            for name in _NUMBERED_NAME.findall(text):
                found[name] += count
        for name in names:
            if not re.fullmatch(r"[A-Za-z0-9_]+", name):
                raise ValueError(f"name {name!r}: a name is one ASCII word")
            found[name] += 1 << 40
        room = vocab_size - _BYTES - len(SPECIAL_TOKENS)
        chosen = sorted(found, key=lambda name: (-found[name], name))[: room // 2]
        backend = tokenizers.Tokenizer(models.BPE())
        backend.pre_tokenizer = _pre_tokenizer(chosen)  # pyright: ignore[reportAttributeAccessIssue]
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size - len(chosen),
            special_tokens=list(SPECIAL_TOKENS),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            min_frequency=2,
            show_progress=False,
        )
        backend.train_from_iterator(_corpus(counts), trainer)
        backend.pre_tokenizer = _pre_tokenizer(())  # pyright: ignore[reportAttributeAccessIssue]
        backend.decoder = decoders.ByteLevel()  # pyright: ignore[reportAttributeAccessIssue]
        backend.add_tokens([AddedToken(name, single_word=True, normalized=False) for name in chosen])
        return cls(backend)

    @property
    def vocab_size(self) -> int:
        """Number of tokens; ids are 0 to this minus 1."""
        return self._backend.get_vocab_size()

    def _encode(self, text: str) -> tuple[int, ...]:
        """Ids of a text, without special tokens; `encode` caches it, since observations repeat."""
        if not text.isascii():
            text = text.encode("utf-8", "backslashreplace").decode("utf-8")
        return tuple(self._backend.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids; special tokens are left out, bytes that are not UTF-8 become U+FFFD."""
        return self._backend.decode([int(i) for i in ids], skip_special_tokens=True)

    def save(self, folder: str | Path) -> None:
        """Write `tokenizer.json` and what transformers' `AutoTokenizer` needs beside it into `folder`."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._backend.save(str(folder / "tokenizer.json"), pretty=False)
        (folder / "tokenizer_config.json").write_text(
            f'{{"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "{PAD}", "eos_token": "{END}"}}\n',
            encoding="utf-8",
        )

    @classmethod
    def load(cls, folder: str | Path) -> TinyTokenizer:
        """Read `tokenizer.json` from `folder`. Raises `FileNotFoundError` if there is none."""
        path = Path(folder) / "tokenizer.json"
        if not path.is_file():
            raise FileNotFoundError(f"no tokenizer.json in {folder}")
        return cls(tokenizers.Tokenizer.from_file(str(path)))


def _pre_tokenizer(names: Sequence[str]) -> pre_tokenizers.PreTokenizer:
    """Digits apart, lines apart, names cut out (as added tokens they are found before this runs)."""
    parts: list[pre_tokenizers.PreTokenizer] = []
    if names:
        longest_first = sorted(names, key=len, reverse=True)
        parts.append(pre_tokenizers.Split(Regex(rf"\b(?:{'|'.join(longest_first)})\b"), "removed"))
    parts.append(pre_tokenizers.Split(Regex(" ?[0-9]"), "isolated"))
    parts.append(pre_tokenizers.Split("\n", "merged_with_previous"))
    parts.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False))
    return pre_tokenizers.Sequence(parts)


def _corpus(counts: Counter[str]) -> Iterable[str]:
    """Texts as often as they occurred, the most frequent first, until the distinct ones reach the bound."""
    used = 0
    for text, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        used += len(text)
        if used > _CORPUS_CHARS:
            return
        if not text.isascii():
            text = text.encode("utf-8", "backslashreplace").decode("utf-8")
        yield from (text for _ in range(count))
