"""Does the shop answer exactly as WebShop's text environment does, and how much faster? What does it find?

`python -m benchmarks.webshop [--quick] [--steps N] [--upstream FOLDER]`. With a checkout of WebShop both play
the same goals with the same actions over the same catalogue and the same search, in both observation modes;
without one only our own speed is measured.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gymnasium

import step_gym  # noqa: F401  (registers the ids)
from benchmarks.common import finish, print_table
from benchmarks.webshop_cases import odd_action, odd_catalogue
from benchmarks.webshop_upstream import Upstream, load_upstream, why_not
from step_gym.envs.bm25 import STOP_WORDS
from step_gym.envs.webshop.catalogue import Catalogue, generated_catalogue
from step_gym.envs.webshop.expert import WebShopExpert
from step_gym.envs.webshop.files import write_catalogue
from step_gym.envs.webshop.goals import GOAL_KINDS, SPLIT_BOUNDS
from step_gym.envs.webshop.nouns import SPACY_MODEL, best_tagger, listed_nouns
from step_gym.envs.webshop.pages import OBSERVATION_MODES
from step_gym.envs.webshop.products import Product
from step_gym.envs.webshop.reward import score, type_share
from step_gym.envs.webshop.shop import K1, B, Shop, open_shop, searched_text

ODD_SHARE = 0.15
SHOWN_DIFFERENCES = 10
EPISODE_STEPS = 30
PLAYERS = ("random", "random", "expert", "expert")
"""Who plays in turn, each in both observation modes."""


@dataclass
class Tally:
    """What a run has counted; seconds are spent inside the step calls alone."""

    episodes: int = 0
    steps: int = 0
    steps_by_mode: Counter[str] = field(default_factory=Counter)
    fields: int = 0
    differing: int = 0
    goals: int = 0
    purchases: int = 0
    scores: Counter[str] = field(default_factory=Counter)
    rewards: Counter[str] = field(default_factory=Counter)
    ours_seconds: float = 0.0
    real_seconds: float = 0.0
    actions: Counter[str] = field(default_factory=Counter)
    recorded: list[dict[str, Any]] = field(default_factory=list)

    def compare(self, where: str, ours: dict[str, Any], real: dict[str, Any]) -> None:
        """Count the fields of one step and print the first that differ."""
        for name, value in real.items():
            self.fields += 1
            if ours[name] != value:
                self.differing += 1
                if self.differing <= SHOWN_DIFFERENCES:
                    print(f"DIFFERENT {where}: {name}\n  ours {ours[name]!r}\n  real {value!r}", flush=True)


def of_env(
    observation: dict[str, Any], info: dict[str, Any], reward: float = 0.0, done: bool = False
) -> dict[str, Any]:
    """What our environment gives, in upstream's terms."""
    return {"text": observation["text"], "reward": reward, "done": done, **info["available_actions"]}


def task_id_of(goal: int) -> str:
    """Our name for a place in upstream's list of goals."""
    for split, (first, end) in SPLIT_BOUNDS.items():
        if goal >= first and (end is None or goal < end):
            return f"{split}-{goal - first}"
    raise IndexError(goal)


def choose(available: dict[str, Any], text: str, rng: random.Random) -> str:
    """An action of a random player: mostly something that can be clicked, on the first page a search."""
    labels = available["clickables"]
    if rng.random() < ODD_SHARE:
        return odd_action(labels, text, rng)
    if available["has_search_bar"]:
        words = text.split()
        start = rng.randrange(len(words))
        return f"search[{' '.join(words[start : start + 5])}]"
    # Buying ends the episode, so that it is put off.
    labels = [label for label in labels if label != "buy now"] if rng.random() < 0.8 else labels
    return f"click[{rng.choice(labels or ['search'])}]"


def play(
    env: gymnasium.Env, goal: int, player: str, rng: random.Random, tally: Tally, upstream: Upstream | None
) -> tuple[list[str], list[dict[str, Any]]]:
    """One episode here, then with the same actions upstream, where it plays too; actions and its answers."""
    observation, info = env.reset(options={"task_id": task_id_of(goal)})
    mode = env.unwrapped.observation_mode  # type: ignore[attr-defined]
    actions, ours = [], [of_env(observation, info)]
    expert = WebShopExpert()
    expert.reset(observation, info)
    over = False
    while not over and len(actions) < EPISODE_STEPS:
        if player == "expert":
            action = expert.act(observation, info)
        else:
            action = choose(info["available_actions"], observation["text"], rng)
        began = time.perf_counter()
        observation, reward, over, _, info = env.step(action)
        tally.ours_seconds += time.perf_counter() - began
        actions.append(action)
        ours.append(of_env(observation, info, float(reward), over))
        tally.actions["refused" if not info["action_valid"] else action.split("[")[0].strip().lower()] += 1
    answers = []
    if upstream:
        before = upstream.seconds
        answers = [upstream.reset(mode, goal), *map(upstream.step, actions)]
        tally.real_seconds += upstream.seconds - before
        for step, (mine, theirs) in enumerate(zip(ours, answers, strict=True)):
            tally.compare(f"{mode} goal {goal} after {actions[:step][-1:]}", mine, theirs)
    tally.episodes += 1
    tally.steps += len(actions)
    tally.steps_by_mode[mode] += len(actions)
    if over:
        tally.purchases += 1
        tally.scores[f"{info['score']:.1f}"] += 1
    return actions, answers


def compare_goals(shop: Shop, upstream: Upstream, tally: Tally) -> None:
    """Every goal of both, in order."""
    real = upstream.server.goals
    tally.compare("goals", {"count": len(shop.goals)}, {"count": len(real)})
    for place, (ours, theirs) in enumerate(zip(shop.goals, real, strict=True)):
        options = theirs["goal_options"]
        product = shop.by_asin[ours.asin]
        tally.goals += 1
        tally.compare(
            f"goal {place}",
            {
                "asin": ours.asin,
                "instruction_text": ours.instruction,
                "attributes": list(ours.attributes),
                "price_upper": ours.price_upper,
                "goal_options": dict(ours.options) if isinstance(options, dict) else list(ours.options),  # type: ignore[arg-type]
                "name": ours.title,
                "query": ours.query,
                "product_category": ours.product_category,
                "category": product.category,
                "price": product.price,
            },
            {
                **{name: theirs[name] for name in ("asin", "instruction_text", "attributes", "price_upper")},
                **{name: theirs[name] for name in ("goal_options", "name", "query", "product_category")},
                "category": theirs["category"],
                "price": upstream.server.product_prices[theirs["asin"]],
            },
        )


def compare_rewards(
    shop: Shop, module: Any, upstream: Upstream, count: int, rng: random.Random, tally: Tally
) -> None:
    """Purchases of products that are more or less like what was wanted, scored by both."""
    values = sorted({value for product in shop.products for v in product.options.values() for value in v})
    by_query: dict[str, list[Product]] = {}
    for product in shop.products:
        by_query.setdefault(product.query, []).append(product)
    for _ in range(count):
        place = rng.randrange(len(shop.goals))
        goal = shop.goals[place]
        near = rng.random() < 0.4
        product = rng.choice(by_query.get(goal.query, shop.products) if near else shop.products)
        chosen = {
            name: rng.choice(rng.choice((own, values)))
            for name, own in product.options.items()
            if own and rng.random() < 0.8
        }
        theirs = module.get_reward(
            upstream.server.product_item_dict[product.asin],
            upstream.server.goals[place],
            upstream.server.product_prices[product.asin],
            chosen,
        )
        tally.rewards[f"{theirs:.1f}"] += 1
        ours = score(product, chosen.values(), goal, shop.tagger)
        tally.compare(f"goal {place}, {product.asin} {chosen}", {"reward": ours}, {"reward": theirs})


def play_catalogue(
    catalogue: Catalogue,
    data: str | None,
    goals: str,
    steps: int,
    rng: random.Random,
    tally: Tally,
    module: Any,
    folder: Path,
    show_attrs: bool = False,
    record: bool = False,
) -> None:
    """So many steps over one catalogue, both observation modes and both players in turn."""
    shop = open_shop(data, goals)
    upstream = Upstream(module, shop, catalogue, folder, goals, show_attrs) if module else None
    if upstream:
        compare_goals(shop, upstream, tally)
        compare_rewards(shop, module, upstream, 2 * steps, rng, tally)
    envs = [
        gymnasium.make(
            "STEP-WebShop-v0",
            data=data,
            goals=goals,
            observation_mode=mode,
            show_attrs=show_attrs,
            max_steps=EPISODE_STEPS + 1,
            disable_env_checker=True,
        )
        for mode in OBSERVATION_MODES
    ]
    target = tally.steps + steps
    for number in itertools.count():
        if tally.steps >= target:
            break
        goal = rng.randrange(len(shop.goals))
        player = PLAYERS[number % len(PLAYERS)]
        env = envs[number % 2]
        actions, answers = play(env, goal, player, rng, tally, upstream)
        if record:
            mode = OBSERVATION_MODES[number % 2]
            tally.recorded.append(
                {"goals": goals, "goal": goal, "mode": mode, "actions": actions, "answers": answers}
            )


def fresh_start() -> dict[str, float]:
    """Seconds and peak memory of the first construction in a new process, and median seconds of a reset."""
    code = (
        "import time, json, statistics, gymnasium, step_gym\n"
        "def peak(): return int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
        "before = peak()\n"
        "began = time.perf_counter(); env = gymnasium.make('STEP-WebShop-v0', disable_env_checker=True)\n"
        "construct = time.perf_counter() - began\n"
        "after = peak()\n"
        "times = []\n"
        "for seed in range(500):\n"
        "    began = time.perf_counter(); env.reset(seed=seed); times.append(time.perf_counter() - began)\n"
        "mb = {'construct_mb': round((after - before) / 1024), 'process_mb': round(after / 1024)}\n"
        "reset_ms = round(1000 * statistics.median(times), 3)\n"
        "print(json.dumps({'construct_s': round(construct, 2), 'reset_ms': reset_ms, **mb}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def search_overlap(queries: int, rng: random.Random) -> dict[str, Any]:
    """Share of the ten best that a plain scorer finds too: Lucene's variant in bm25s over NLTK's stems.

    It keeps document lengths as they are, where Lucene and ours round them to one byte.
    """
    missing = [name for name in ("bm25s", "nltk") if find_spec(name) is None]
    if missing:
        return {"search_overlap_at_10": None, "why_no_overlap": f"{', '.join(missing)} not installed"}
    import bm25s  # pyright: ignore[reportMissingImports]
    from nltk.stem import PorterStemmer  # pyright: ignore[reportMissingImports]

    stemmer = PorterStemmer(PorterStemmer.MARTIN_EXTENSIONS)
    shop = open_shop(None, "synthetic")

    def terms(text: str) -> list[str]:
        words = "".join(c if c.isalnum() or c in ".'" else " " for c in text.lower()).split()
        kept = (word.strip(".'").removesuffix("'s") for word in words)
        return [stemmer.stem(word) for word in kept if word and word not in STOP_WORDS]

    retriever = bm25s.BM25(method="lucene", k1=K1, b=B)
    retriever.index([terms(searched_text(product)) for product in shop.products], show_progress=False)
    shares, sources = [], [goal.instruction for goal in shop.goals]
    sources += [product.title for product in shop.products]
    for text in rng.sample(sources, queries):
        words = text.replace("[", " ").split()
        start = rng.randrange(len(words))
        query = " ".join(words[start : start + rng.randint(2, 12)]).lower()
        known = [term for term in terms(query) if term in retriever.vocab_dict]
        ours = shop.search(query, 10)
        if not known or not ours:
            continue
        scores = retriever.get_scores(known)
        best = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:10]
        shares.append(len(set(best) & set(ours)) / len(ours))
    return {"search_overlap_at_10": round(sum(shares) / len(shares), 4), "search_queries": len(shares)}


def tagger_agreement(pairs: int, rng: random.Random) -> dict[str, Any]:
    """Share of purchases whose type is scored the same with nouns found by somebody else's tagger.

    That of spaCy's model, as upstream has it, else the one of TextBlob.
    """
    name, other = SPACY_MODEL, best_tagger()
    if other is listed_nouns:
        if find_spec("textblob") is None:
            return {
                "type_agreement": None,
                "why_no_type_agreement": "neither spaCy's model nor textblob found",
            }
        from textblob.taggers import PatternTagger  # pyright: ignore[reportMissingImports]

        tags = functools.cache(PatternTagger().tag)
        name = "textblob"
        other = lambda title: tuple(word.lower() for word, tag in tags(title) if tag.startswith("NN"))  # noqa: E731
    shop = open_shop(None, "synthetic")
    equal: Counter[bool] = Counter()
    for _ in range(pairs):
        goal, product = rng.choice(shop.goals), rng.choice(shop.products)
        equal[type_share(product, goal, listed_nouns) == type_share(product, goal, other)] += 1
    return {"type_agreement": round(equal[True] / pairs, 4), "type_agreement_with": name}


def expert_success(tasks: int) -> dict[str, float]:
    """Share of tasks of every split that the expert solves within the usual budget."""
    rates = {}
    for goals in GOAL_KINDS:
        env = gymnasium.make("STEP-WebShop-v0", goals=goals, disable_env_checker=True)
        expert = WebShopExpert()
        task_set = env.unwrapped.tasks  # type: ignore[attr-defined]
        for split in task_set.splits:
            ids = [task.id for task in task_set.split(split)[:tasks]]
            solved = 0
            for task_id in ids:
                observation, info = env.reset(options={"task_id": task_id})
                expert.reset(observation, info)
                over = False
                while not over:
                    observation, _, terminated, truncated, info = env.step(expert.act(observation, info))
                    over = terminated or truncated
                solved += info["is_success"]
            rates[f"{goals}/{split}"] = round(solved / len(ids), 4)
    return rates


def report(tally: Tally, why: str | None) -> dict[str, Any]:
    """The figures of the last line that come from playing."""
    ours = tally.steps / tally.ours_seconds
    keys: dict[str, Any] = {
        "steps": tally.steps,
        "differing_fields": None if why else tally.differing,
        "ours_steps_per_s": round(ours),
        "real_steps_per_s": None,
        "speed_ratio": None,
    }
    if why:
        keys["why"] = why
    else:
        real = tally.steps / tally.real_seconds
        keys |= {"real_steps_per_s": round(real, 1), "speed_ratio": round(ours / real)}
        keys |= {"compared_fields": tally.fields, "compared_goals": tally.goals}
        keys["compared_purchases"] = dict(sorted(tally.rewards.items()))
    keys |= {
        "episodes": tally.episodes,
        "steps_by_mode": dict(tally.steps_by_mode),
        "purchases": tally.purchases,
        "scores": dict(sorted(tally.scores.items())),
        "actions": dict(tally.actions.most_common()),
    }
    return keys


def main() -> None:
    """Parse the command line, play, report."""
    parser = argparse.ArgumentParser(description="WebShop: our simulator against upstream's text environment")
    parser.add_argument("--quick", action="store_true", help="a few hundred steps, within 45 s")
    parser.add_argument("--steps", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--upstream", type=Path, help="a checkout of github.com/princeton-nlp/WebShop")
    parser.add_argument("--record", type=Path, help="write episodes over a small odd catalogue to this file")
    args = parser.parse_args()
    why = why_not(args.upstream)
    module, tagger = (None, None) if why else load_upstream(args.upstream)
    if args.record:
        if module is None:
            parser.error(f"--record needs upstream: {why}")
        record(args.record, module, args.seed)
        return
    rng = random.Random(args.seed)
    tally = Tally()
    steps = 300 if args.quick else args.steps
    with tempfile.TemporaryDirectory() as root:
        for goals, share in (("synthetic", 0.4), ("human", 0.2)):
            catalogue = generated_catalogue()
            play_catalogue(catalogue, None, goals, int(steps * share), rng, tally, module, Path(root))
        for number in range(1 if args.quick else 8):
            folder = Path(root) / f"odd-{number}"
            folder.mkdir()
            catalogue = odd_catalogue(150, rng)
            write_catalogue(catalogue, folder)
            goals = ("synthetic", "human")[number % 2]
            part = int(steps * 0.4 / (1 if args.quick else 8))
            show = number % 4 < 2
            play_catalogue(catalogue, str(folder), goals, part, rng, tally, module, folder, show_attrs=show)
    keys = report(tally, why)
    keys |= fresh_start() | search_overlap(100 if args.quick else 1000, rng)
    keys |= tagger_agreement(500 if args.quick else 20_000, rng)
    keys |= {"tagger": tagger, "expert_success": expert_success(20 if args.quick else 500)}
    if args.quick:
        keys["quick"] = True
    print_table(("figure", "value"), [(name, value) for name, value in keys.items() if name != "actions"])
    finish("webshop", keys)


def record(file: Path, module: Any, seed: int) -> None:
    """Write some episodes of upstream over a small odd catalogue, for the tests."""
    rng = random.Random(seed)
    catalogue = odd_catalogue(24, rng)
    tally = Tally()
    with tempfile.TemporaryDirectory() as root:
        write_catalogue(catalogue, root)
        for goals in GOAL_KINDS:
            play_catalogue(
                catalogue, root, goals, 300, rng, tally, module, Path(root), show_attrs=True, record=True
            )
    content = {"catalogue": catalogue._asdict(), "episodes": tally.recorded}
    file.write_bytes(gzip.compress(json.dumps(content).encode(), mtime=0))
    print(f"{tally.steps} steps, {tally.differing} differing fields, {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
