from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from gymnasium.error import DependencyNotInstalled

from step_gym.envs.webshop import shop as shop_module
from step_gym.envs.webshop.catalogue import Catalogue, generated_catalogue
from step_gym.envs.webshop.files import read_catalogue, write_catalogue
from step_gym.envs.webshop.goals import GOAL_KINDS, NO_LIMIT, make_goals
from step_gym.envs.webshop.products import read_prices, read_products
from step_gym.envs.webshop.shop import build_search, open_shop

ITEM = {
    "asin": "B000000001",
    "name": "Norvale chair",
    "full_description": None,
    "small_description": "one bullet",
    "pricing": "$12.50",
    "customization_options": {"Color": [{"value": " Red/Blue "}], "Size": None},
    "category": "garden",
    "query": " Chairs ",
    "product_category": "Home › Chairs",
    "images": ["x"],
}
KNOWN = {
    "B000000001": {
        "attributes": ["soft"],
        "instruction": "Find me chairs",
        "instruction_attributes": ["soft"],
    }
}
HUMAN = {
    "B000000001": [
        {
            "instruction": "i need a soft chair.",
            "instruction_attributes": ["soft"],
            "instruction_options": ["red"],
        },
        {"instruction": "i need a chair.", "instruction_attributes": [], "instruction_options": []},
    ]
}


def write(folder: Path, items: Any = None, known: Any = None) -> Path:
    write_catalogue(Catalogue(items or [ITEM], known or KNOWN, HUMAN), folder)
    return folder


def test_a_written_catalogue_is_the_same_shop(tmp_path: Path) -> None:
    write_catalogue(generated_catalogue(), tmp_path)
    for goals in GOAL_KINDS:
        ours, read = open_shop(None, goals), open_shop(tmp_path, goals)
        assert read.goals == ours.goals
    assert open_shop(tmp_path, "human").products == open_shop(None, "human").products


def test_fields_are_read_as_upstream_reads_them(tmp_path: Path) -> None:
    catalogue = read_catalogue(write(tmp_path), "human")
    (product,) = read_products(*catalogue, random.Random(0))
    assert product.options == {"color": ("red | blue",)}
    assert (product.query, product.bullets, product.description) == ("chairs", ("one bullet",), "")
    assert (product.price, product.price_tag) == (12.5, "$12.5")


@pytest.mark.parametrize(
    ("pricing", "prices"),
    [
        (None, []),
        ("", []),
        ("free", []),
        ("$", []),
        ("$.", []),
        ("$1.2.3", []),
        ("$1,299.00", [1299.0]),
        ("$5.00$7.50", [5.0, 7.5]),
        ("$5$6$7", [5.0, 6.0]),
        (12.5, []),
    ],
)
def test_prices(pricing: object, prices: list[float]) -> None:
    assert read_prices(pricing) == prices


def test_goals_are_worded_as_upstream_words_them(tmp_path: Path) -> None:
    products = read_products(*read_catalogue(write(tmp_path), "human"), random.Random(0))
    (synthetic,) = make_goals(products, "synthetic", random.Random(0))
    assert synthetic.instruction.startswith("Find me chairs with color: red | blue, and price lower than ")
    assert synthetic.options == (("color", "red | blue"),)
    assert synthetic.price_upper in (30.0, 40.0, 50.0)
    assert synthetic.instruction.endswith(f" {synthetic.price_upper:.2f} dollars")
    (human,) = make_goals(products, "human", random.Random(0))
    assert human.instruction.startswith("i need a soft chair, and price lower than ")
    assert human.options == ("red",)


def test_no_price_clause_above_the_highest_limits(tmp_path: Path) -> None:
    products = read_products([ITEM | {"pricing": "$985"}], KNOWN, {}, random.Random(0))
    (goal,) = make_goals(products, "synthetic", random.Random(0))
    assert goal.price_upper == NO_LIMIT and "price" not in goal.instruction


FILES = ["items_shuffle_1000.json", "items_ins_v2_1000.json", "items_human_ins.json"]
DAMAGES = [
    (None, "is missing"),
    ('[{"asin": "B00', "not downloaded whole"),
    ("3", "holds a JSON int"),
    ("[3]", "hold"),
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("damage", "word"), DAMAGES)
def test_missing_and_damaged_files_are_named(
    tmp_path: Path, name: str, damage: str | None, word: str
) -> None:
    file = write(tmp_path) / name
    file.unlink()
    if damage is not None:
        file.write_text(damage)
    with pytest.raises(ValueError, match=word) as error:
        open_shop(tmp_path, "human")
    message = str(error.value)
    assert str(file) in message and "setup.sh" in message and "\n" not in message


def test_synthetic_goals_need_no_human_file(tmp_path: Path) -> None:
    (write(tmp_path) / "items_human_ins.json").unlink()
    assert len(open_shop(tmp_path, "synthetic").goals) == 1


def test_a_folder_without_files_and_a_product_file_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="items_shuffle_1000.json is missing"):
        gymnasium.make("STEP-WebShop-v0", data=str(tmp_path / "nowhere"))
    write(tmp_path)
    for name in ("items_shuffle", "items_ins_v2"):
        (tmp_path / f"{name}_1000.json").rename(tmp_path / f"{name}.json")
    assert len(open_shop(tmp_path, "synthetic").products) == 1
    assert len(open_shop(tmp_path / "items_shuffle.json", "synthetic").products) == 1


def test_entries_without_fields_are_read(tmp_path: Path) -> None:
    bare = [{"asin": "B000000002"}, {"asin": "nan"}, {"asin": "B0000000020"}, {}, {"asin": "B000000002"}]
    shop = open_shop(write(tmp_path, bare, {"X": {}}), "synthetic")
    assert [product.asin for product in shop.products] == ["B000000002", ""]
    assert shop.goals == [] and shop.search("chair", 50) == []


def test_a_large_catalogue_needs_bm25s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_module, "LARGE", 2)
    monkeypatch.setitem(__import__("sys").modules, "bm25s", None)
    with pytest.raises(DependencyNotInstalled, match=r"pip install 'step-gym\[search\]'"):
        build_search(["red chair", "blue chair", "lamp"])


def test_both_searches_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("bm25s")
    texts = [shop_module.searched_text(product) for product in open_shop(None, "synthetic").products[:600]]
    small = build_search(texts)
    monkeypatch.setattr(shop_module, "LARGE", 2)
    large = build_search(texts)
    for query in ("red chair with metal legs", "women's boots", "the of", "xyzzy", ""):
        ours, theirs = small(query, 10), large(query, 10)
        assert len(set(ours) & set(theirs)) >= 0.9 * len(ours)
        assert len(ours) == len(theirs)
