"""WebShop's own text environment over a catalogue of ours, with our search in the place of Lucene.

It runs unmodified from a checkout of https://github.com/princeton-nlp/WebShop. What has no part in the text
environment (images, the browser) is replaced by empty modules; the tagger by ours where spaCy's model is
missing.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from step_gym.envs.webshop.catalogue import Catalogue
from step_gym.envs.webshop.files import HUMAN_FILE, write_catalogue
from step_gym.envs.webshop.nouns import SPACY_MODEL, listed_nouns
from step_gym.envs.webshop.shop import PRICE_SEED, Shop

PACKAGES = ("flask", "bs4", "thefuzz", "gym", "rich", "tqdm")
"""What the text environment needs: `pip install flask beautifulsoup4 thefuzz gym rich tqdm`."""

_REPLACED = {
    "torch": {},
    "cleantext": {},
    "rank_bm25": {"BM25Okapi": None},
    "pyserini": {},
    "pyserini.search": {},
    "pyserini.search.lucene": {"LuceneSearcher": None},
    "web_agent_site.envs.web_agent_site_env": {"WebAgentSiteEnv": None},
}


def why_not(checkout: Path | None) -> str | None:
    """Why upstream cannot be run, or None."""
    if checkout is None:
        return "no checkout of upstream was given: --upstream FOLDER"
    if not (checkout / "web_agent_site" / "envs" / "web_agent_text_env.py").is_file():
        return f"{checkout} is no checkout of github.com/princeton-nlp/WebShop"
    missing = [name for name in PACKAGES if find_spec(name) is None]
    return f"upstream needs {', '.join(missing)}" if missing else None


def load_upstream(checkout: Path) -> tuple[Any, str]:
    """Upstream's module of the text environment, and which tagger it uses."""
    sys.path.insert(0, str(checkout))
    for name, content in _REPLACED.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(content)
    tagger = SPACY_MODEL
    try:
        import spacy  # pyright: ignore[reportMissingImports]

        spacy.load(SPACY_MODEL)
    except (ImportError, OSError):
        tagger = "the word list (spaCy's model is not installed)"
        sys.modules["spacy"] = ModuleType("spacy")
        vars(sys.modules["spacy"])["load"] = lambda name: _listed
    from web_agent_site.envs import web_agent_text_env  # pyright: ignore[reportMissingImports]

    if tagger != SPACY_MODEL:
        # Only upstream is to take the word list for spaCy.
        del sys.modules["spacy"]
    return web_agent_text_env, tagger


def _listed(title: str) -> list[SimpleNamespace]:
    """Our word list in the form of a spaCy pipeline."""
    return [SimpleNamespace(text=word, pos_="NOUN") for word in listed_nouns(title)]


class Upstream:
    """Upstream's environment in one or both observation modes over the same server.

    Args:
        module: From `load_upstream`.
        shop: Ours, for its search.
        catalogue: What is written out as WebShop's files.
        folder: Where to.
        goals: "synthetic" or "human".
        show_attrs: Whether products have the page "Attributes".
    """

    def __init__(
        self, module: Any, shop: Shop, catalogue: Catalogue, folder: Path, goals: str, show_attrs: bool
    ) -> None:
        items = write_catalogue(catalogue, folder)
        engine = sys.modules["web_agent_site.engine.engine"]
        engine.DEFAULT_ATTR_PATH = str(folder / "items_ins_v2_1000.json")  # type: ignore[attr-defined]
        engine.HUMAN_ATTR_PATH = str(folder / HUMAN_FILE)  # type: ignore[attr-defined]
        module.init_search_engine = lambda num_products=None: _Searcher(shop)
        random.seed(PRICE_SEED)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            self.server = module.SimServer(
                "http://127.0.0.1:3000",
                str(items),
                human_goals=goals == "human",
                show_attrs=show_attrs,
            )
        self._make: Callable[..., Any] = module.WebAgentTextEnv
        self._envs: dict[str, Any] = {}
        self.seconds = 0.0

    def reset(self, mode: str, goal: int) -> dict[str, Any]:
        """Begin an episode; what is shown."""
        if mode not in self._envs:
            self._envs[mode] = self._make(observation_mode=mode, server=self.server)
        self._env = self._envs[mode]
        text, _ = self._env.reset(session=goal)
        return self._answer(text, 0.0, False)

    def step(self, action: str) -> dict[str, Any]:
        """Everything that a step gives; asking for the available actions is a part of it."""
        began = time.perf_counter()
        text, reward, done, _ = self._env.step(action)
        answer = self._answer(text, float(reward), bool(done))
        self.seconds += time.perf_counter() - began
        return answer

    def _answer(self, text: str, reward: float, done: bool) -> dict[str, Any]:
        available = self._env.get_available_actions()
        return {"text": text, "reward": reward, "done": done, **available}


class _Searcher:
    """Our search behind the interface of pyserini."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def search(self, keywords: str, k: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(docid=place) for place in self._shop.search(keywords, k)]

    def doc(self, place: int) -> SimpleNamespace:
        return SimpleNamespace(raw=lambda: json.dumps({"id": self._shop.products[place].asin}))
