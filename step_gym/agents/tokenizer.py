"""A byte-level BPE tokenizer trained on the spot from transcripts: formulaic text becomes few tokens.

Byte-level BPE as in GPT-2 (Radford et al., 2019), but merges may cross word boundaries.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Regex, decoders, models, pre_tokenizers, trainers

PAD, END, ACT = "<pad>", "<end>", "<act>"
SPECIAL_TOKENS = (PAD, END, ACT)

_PIECE = re.compile(r"[0-9]+|\w+|[^\w\s]")
_NAME = re.compile(r"[A-Za-z]{2,}")
_SLOT = 8
"""A place between two words is a slot for names if at least this many different words were seen in it."""
_BYTES = 256
_CORPUS_CHARS = 2_000_000
"""Distinct text beyond this many characters is left out of the training, which bounds its time."""


class TinyTokenizer:
    """Text to tokens and back, without loss, for a policy that is trained from scratch.

    - A digit is always a token of its own (with the space before it), so that what is learnt of "mug 2"
      carries over to other numbers.
    - A word that a number follows, or that many others can stand in for ("mug", "kitchen", but not "the"),
      is a name: one token wherever it stands, so that instruction, observation and action speak of it alike.
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
        # One object a token, which texts in the cache share: ints of their own would take five times as much.
        self._tokens = list(range(max(vocabulary.values()) + 1))
        self.encode = lru_cache(cache_size)(self._encode)

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int = 1024) -> TinyTokenizer:
        """Learn a vocabulary.

        Args:
            texts: Transcripts: instructions, observations and actions, in any order; duplicates count.
            vocab_size: Upper bound on the number of tokens, at least 320 (bytes, special tokens and some
                merges). At most half of what is beyond bytes goes to names, the most frequent first.
        """
        if vocab_size < 320:
            raise ValueError(
                f"vocab_size={vocab_size}: at least 320 are needed (256 bytes, special tokens, merges)"
            )
        corpus = _corpus(Counter(texts))
        found = _names(corpus)
        names = sorted(found, key=lambda name: (-found[name], name))[: (vocab_size - _BYTES) // 2]
        backend = tokenizers.Tokenizer(models.BPE())
        backend.pre_tokenizer = _pre_tokenizer(names)  # pyright: ignore[reportAttributeAccessIssue]
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size - len(names),
            special_tokens=list(SPECIAL_TOKENS),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            min_frequency=2,
            show_progress=False,
        )
        backend.train_from_iterator((text for text, count in corpus.items() for _ in range(count)), trainer)
        backend.pre_tokenizer = _pre_tokenizer(())  # pyright: ignore[reportAttributeAccessIssue]
        backend.decoder = decoders.ByteLevel()  # pyright: ignore[reportAttributeAccessIssue]
        backend.add_tokens([AddedToken(name, single_word=True, normalized=False) for name in names])
        return cls(backend)

    @property
    def vocab_size(self) -> int:
        """Number of tokens; ids are 0 to this minus 1."""
        return self._backend.get_vocab_size()

    def _encode(self, text: str) -> tuple[int, ...]:
        """Ids of a text, without special tokens; `encode` caches it, since observations repeat."""
        ids = self._backend.encode(_storable(text), add_special_tokens=False).ids
        return tuple(map(self._tokens.__getitem__, ids))

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


def _corpus(counts: Counter[str]) -> dict[str, int]:
    """Texts and how often they occurred, the most frequent first, until the distinct ones reach the bound."""
    kept: dict[str, int] = {}
    used = 0
    for text, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        used += len(text)
        if used > _CORPUS_CHARS:
            break
        kept[_storable(text)] = count
    return kept


def _storable(text: str) -> str:
    """The text with lone surrogates, which UTF-8 does not have, written as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _names(corpus: Mapping[str, int]) -> Counter[str]:
    """Names and how often they occurred: words before a number, and words that mostly stand in slots."""
    uses: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    words: dict[tuple[str, str], set[str]] = defaultdict(set)
    for text, count in corpus.items():
        pieces = ["", *("0" if piece[0].isdigit() else piece for piece in _PIECE.findall(text)), ""]
        for left, word, right in zip(pieces, pieces[1:], pieces[2:], strict=False):
            if _NAME.fullmatch(word):
                uses[word][left, right] += count
                words[left, right].add(word)
    found = Counter[str]()
    for word, places in uses.items():
        in_slots = sum(count for place, count in places.items() if len(words[place]) >= _SLOT)
        if any(right == "0" for _, right in places) or 2 * in_slots >= places.total():
            found[word] = places.total()
    return found
