"""Inputs for each metric of the desktop's evaluators, drawn at random, many of them near the border."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from benchmarks.osworld_case_makers import Case, Maker, drawn, maybe, one_file, pair, rule_of, some
from benchmarks.osworld_files_pool import Pool, accessibility, words
from benchmarks.osworld_office_cases import OFFICE_CASES

URLS = (
    "https://www.a.org/x",
    "a.org/x",
    "http://a.co.uk/",
    "a.co.uk",
    "https://b.a.org/x?q=1#f",
    "https://b.a.org/x?q=2",
    "file:///home/user/a.html",
    "",
)


def _rule(rng: random.Random, values: tuple[Any, ...] = (1, 2, "x", "y")) -> dict[str, Any]:
    method = rng.choice(
        ("eq", "ne", "lt", "ge", "re", "re.I", "approx:0.6", "range.te", "str_set_eq", "str_list_eq")
    )
    if method.startswith("range"):
        return {"method": method, "ref": [0, 2]}
    if method.startswith("str_"):
        return {"method": method, "ref": rng.choice((["x", "y"], ["y", "x"], ["x"]))}
    return {"method": method, "ref": rng.choice(values)}


def _json_rules(rng: random.Random) -> dict[str, Any]:
    keys = (["a"], ["b", "c"], ["b", "d"], [0])
    return {
        name: [{"key": rng.choice(keys), **_rule(rng)} for _ in range(rng.randint(0, 2))]
        for name in ("expect", "unexpect")
        if rng.random() < 0.8
    }


def _direct(rng: random.Random, pool: Pool) -> Case:
    values = ("x", "xy", 1, ["x", "y"], ["y", "x"], None, "__EVALUATION_FAILED__")
    result: Any = {key: rng.choice(values[:-1]) for key in some(rng, ("a", "b", "c"), 3)}
    expected = {key: result.get(key, rng.choice(values)) for key in some(rng, ("a", "b", "c"))}
    if rng.random() < 0.3 and expected:
        expected[rng.choice(list(expected))] = rng.choice(values)
    rules = {"expected": expected}
    if rng.random() < 0.4:
        rules["expect_in_result"] = True  # type: ignore[assignment]
    kind = rng.random()
    if kind < 0.2:
        result = str({key: value for key, value in result.items() if value is not None})
    elif kind < 0.25:
        result = rng.choice((None, "no object", "[1]"))
    return (result, rules), {}


def _bookmarks(rng: random.Random) -> Any:
    folders = [
        {
            "type": "folder",
            "name": name,
            "children": [{"type": "url", "url": url} for url in some(rng, URLS[:3])],
        }
        for name in some(rng, ("Liked Authors", "B"))
    ]
    urls = [{"type": "url", "name": url, "url": url} for url in some(rng, URLS[:3])]
    return rng.choice(
        ([], {"bookmark_bar": {"children": folders + urls}}, {"bookmark_bar": {"children": folders}})
    )


def _bookmark_rule(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice(
        ("bookmark_bar_folders_names", "bookmark_bar_websites_urls", "liked_authors_websites_urls")
    )
    urls: list[Any] = some(rng, URLS[:3])
    if urls and rng.random() < 0.5:
        urls[0] = [urls[0], URLS[3]]
    return {"type": kind, "names": some(rng, ("Liked Authors", "B")), "urls": urls}


def _archives(rng: random.Random, pool: Pool) -> Case:
    one, other = pool.two(rng, "archive")
    options = rng.choice(({}, {"ignore_blanks": True}, {"ignore_case": True}, {"file_type": "csv"}))
    return (maybe(rng, one), other), {"file_path": "folder", **options}


def _speedtest(rng: random.Random, pool: Pool) -> Case:
    return (pool.one(rng, "speedtest"), rng.choice((300, "600", 1500))), {}


def _text(rng: random.Random) -> str:
    return words(rng, 3)


def _lists(rng: random.Random) -> dict[str, Any]:
    patterns = ("apple", r"\d+", "^same", "line$", "Über", "x+")
    return {name: some(rng, patterns) for name in ("expect", "unexpect") if rng.random() < 0.8}


def _records(rng: random.Random) -> dict[str, Any]:
    records = ({"name": "a"}, {"kind": "x", "n": "1"}, {"none": "1"}, {"name": "b", "kind": "y"})
    return {name: some(rng, records) for name in ("expect", "unexpect") if rng.random() < 0.8}


def _filter_records(rng: random.Random) -> dict[str, Any]:
    records = (
        {"name": "A"},
        {"name": "B", "enabled": "yes"},
        {"condition": ["ALL"]},
        {"condition": ["OR (from,is,x)"]},
    )
    return {name: some(rng, records, 1) for name in ("expect", "unexpect")}


def _preference_rules(rng: random.Random) -> dict[str, Any]:
    return {
        name: {f"mail.{key}": _rule(rng, (1, 2, True, "x")) for key in some(rng, ("a", "b", "c"))}
        for name in ("expect", "unexpect")
        if rng.random() < 0.8
    }


def _tree_rules(rng: random.Random) -> list[dict[str, Any]]:
    rules = []
    for _ in range(rng.randint(1, 2)):
        where = rng.choice(
            (
                {"xpath": "//push-button[@st:showing='true']"},
                {"selectors": ["application[name=Files]", "label"]},
                {"xpath": "//label", "selectors": ["entry"]},
                {"selectors": ["label[name=Settings]"]},
            )
        )
        text = rng.choice(({}, {}, {"text": "apple", "exact": True}, {"text": "apple red", "exact": False}))
        rules.append({**where, **text})
    return rules


def _tabs(rng: random.Random) -> Any:
    return [{"url": url} for url in some(rng, URLS, 3)]


def _tab(rng: random.Random) -> Any:
    url = rng.choice(URLS)
    return rng.choice((None, url, {"url": url}, {"url": url}))


def _number_rule(name: str, *values: Any) -> Maker:
    return one_file("vlcrc", lambda rng: {name: rng.choice(values)})


def _chosen(kind: str) -> Callable[[random.Random], Any]:
    return lambda rng: {"type": kind, "url": rng.choice(URLS), "urls": some(rng, URLS, 3)}


CASES: dict[str, Maker] = {
    "exact_match": drawn(lambda rng: rng.choice((1, True, "1", [1])), rule_of("expected", 1, "1", [1], 1.0)),
    "match_in_list": drawn(lambda rng: rng.choice("abc"), rule_of("expected", ["a", "b"], [], "abc")),
    "is_in_list": drawn(lambda rng: rng.choice((["a"], "abc", [])), rule_of("expected", "a", "b")),
    "literal_match": drawn(
        lambda rng: rng.choice(("a", "A", 1, ["a", 1], ["A", "1"])),
        lambda rng: rng.choice(("a", 1, "1", ["a", "1"], ["a"])),
        type=("str", "list", "other"),
        ignore_case=(True, False),
    ),
    "fuzzy_match": drawn(_text, lambda rng: {"expected": _text(rng)}),
    "check_include_exclude": drawn(
        lambda rng: maybe(rng, _text(rng)),
        lambda rng: {
            name: some(rng, ("apple", "red", "7", ""))
            for name in ("include", "exclude")
            if rng.random() < 0.8
        },
    ),
    "compare_answer": drawn(lambda rng: rng.choice(("a", "b", "", None)), rule_of("expected", "a", "")),
    "is_extension_installed": drawn(
        _text,
        lambda rng: {
            "type": rng.choice(("contain", "not_contain", "x")),
            "expected": rng.choice(("apple", "7")),
        },
    ),
    "is_in_vm_clickboard": drawn(rule_of("expected", "apple", ["apple", "red"], []), _text),
    "check_gnome_favorite_apps": drawn(
        lambda rng: str(some(rng, ("a.desktop", "b.desktop", "c"), 3)),
        lambda rng: {"expected": some(rng, ("a.desktop", "b.desktop", "c"), 3)},
    ),
    "is_utc_0": drawn(
        lambda rng: (
            "a\nb\nc\n"
            + rng.choice(("  Time zone: UTC (UTC, +0000)", "Time zone: X (X, +0100)", " (+0000)x"))
            + "\n"
        )
    ),
    "check_text_enlarged": drawn(lambda rng: rng.choice(("1.0", "1.25\n", "0.5", "x", "1.0001"))),
    "check_moved_jpgs": drawn(
        lambda rng: {"children": [{"name": name} for name in some(rng, ("a", "b", "c"), 3)]},
        lambda rng: {"expected": some(rng, ("a", "b", "c"), 3)},
    ),
    "is_vlc_fullscreen": drawn(
        *(lambda rng: maybe(rng, {"width": rng.choice((1, 2)), "height": rng.choice((1, 2))}),) * 2
    ),
    "compare_text_file": pair("txt", ignore_blanks=(True, False), ignore_case=(True, False)),
    "compare_config": one_file("txt", rule_of("expected", "same line\nsecond", "same line\nsecond\n", "")),
    "diff_text_file": pair("txt"),
    "compare_result_files": pair("number"),
    "file_contains": one_file("txt", lambda rng: {"expected": some(rng, ("apple", "same", "line"))}),
    "check_line_number": one_file("txt", rule_of("expected", 0, 1, "2", 3)),
    "compare_terminal_and_txt": lambda rng, pool: (
        (pool.one(rng, "txt"), rng.choice(("same line\nsecond", "same line\nsecond\n", ""))),
        {},
    ),
    "compare_python_pure_text": pair("python"),
    "check_list": one_file("txt", _lists),
    "check_csv": one_file("csv", _records),
    "compare_csv": pair("csv", strict=(True, False), ignore_case=(True, False)),
    "compare_time_in_speedtest_results": _speedtest,
    "check_image_file_size": one_file("picture", lambda rng: {"max_size": rng.choice((100, 200, 10_000))}),
    "check_json": lambda rng, pool: (
        ((pool.one(rng, "yaml"), _json_rules(rng)), {"is_yaml": True})
        if rng.random() < 0.4
        else ((pool.one(rng, "json"), _json_rules(rng)), {})
    ),
    "check_direct_json_object": _direct,
    "is_included_all_json_objects": pair("texts_json"),
    "check_json_settings": one_file(
        "json", rule_of("expected", {"a": 1}, {"b": {"c": 1}}, {}, {"z": 1}, {"a": "x"})
    ),
    "check_json_keybindings": one_file(
        "json", rule_of("expected", {"key": "f", "command": "g"}, {"key": "x"})
    ),
    "run_sqlite3": one_file(
        "sqlite", rule_of("sql", "SELECT count(*) FROM t", "SELECT max(n) FROM t", "SELECT n FROM t", "bad")
    ),
    "check_thunderbird_prefs": one_file("preferences", _preference_rules),
    "check_thunderbird_filter": one_file("filters", _filter_records),
    "check_qt_bgcone": _number_rule("expected_qt_bgcone", 0, 1, "1"),
    "check_qt_max_volume": _number_rule("expected_qt_max_volume", 125, "200"),
    "check_qt_minimal_view": _number_rule("expected_qt_minimal_view", 0, "1"),
    "check_one_instance_when_started_from_file": _number_rule(
        "expected_one_instance_when_started_from_file", 0, "1"
    ),
    "check_global_key_play_pause": _number_rule("expected_global_key_play_pause", 0, "1"),
    "check_qt_slider_colours": one_file(
        "vlcrc",
        lambda rng: rng.choice(
            ({"type": "match", "expected_qt_slider_colours": "1;2;3;4;5;6"}, {"type": "blackish"})
        ),
    ),
    "is_vlc_recordings_folder": _number_rule("recording_file_path", "/tmp", "/home/user/Desktop"),
    "is_vlc_playing": one_file(
        "status",
        lambda rng: {
            "type": rng.choice(("file_name", "url", "x")),
            "file_name": rng.choice(("song.mp3", "other")),
            "url": rng.choice(("http://a.org/x/song.m3u8", "http://b.org/x/other")),
        },
    ),
    "compare_conference_city_in_order": lambda rng, pool: (
        (pool.one(rng, "cities"), {"expected": [rng.choice(("o", ["R", "O"])) for _ in range(21)]}),
        {},
    ),
    "compare_images": pair("picture", reference_base_result=(0.3,)),
    "compare_image_list": lambda rng, pool: (
        (
            pool.two(rng, "picture")
            if rng.random() < 0.7
            else tuple(map(list, zip(pool.two(rng, "picture"), pool.two(rng, "picture"), strict=True)))
        ),
        {},
    ),
    "check_structure_sim": pair("picture"),
    "check_structure_sim_resized": pair("picture"),
    "check_file_exists_and_structure_sim": pair("picture"),
    "check_palette_and_structure_sim": pair("picture"),
    "check_image_mirror": pair("picture"),
    "check_saturation_increase_and_structure_sim": pair("picture"),
    "check_contrast_increase_and_structure_sim": pair("picture"),
    "check_brightness_decrease_and_structure_sim": pair("picture", threshold=(0.2,)),
    "increase_saturation": lambda rng, pool: (pool.two(rng, "picture"), {}),
    "decrease_brightness": lambda rng, pool: (pool.two(rng, "picture"), {}),
    "check_image_size": one_file(
        "picture",
        lambda rng: {
            **rng.choice(({}, {"width": 32}, {"width": 28, "height": 28}, {"height": 24})),
            **rng.choice(({}, {"ignore_transparent": True})),
        },
    ),
    "check_triangle_position": one_file("picture"),
    "check_textbox_on_leftside": one_file("picture"),
    "check_green_background": pair("picture"),
    "check_config_status": one_file(
        "gimprc",
        lambda rng: {
            "key": rng.choice(("theme", "default-image", ["default-image", "(width"])),
            "value": rng.choice(("Dark", "1")),
        },
    ),
    "is_expected_active_tab": drawn(_tab, _chosen("url")),
    "is_expected_active_tab_approximate": drawn(_tab, _chosen("url")),
    "is_expected_url_pattern_match": drawn(_tab, rule_of("expected", ["a"], [r"a\.org", "x$"], [])),
    "is_expected_search_query": drawn(
        lambda rng: maybe(rng, {"url": rng.choice(URLS)}),
        lambda rng: {"expect": {"pattern": rng.choice(("q=1", "x"))}},
    ),
    "is_expected_tabs": drawn(_tabs, _chosen("url")),
    "is_expected_installed_extensions": drawn(
        lambda rng: some(rng, ("a", "b", "c"), 3), lambda rng: {"expected": some(rng, ("a", "b"))}
    ),
    "is_expected_bookmarks": drawn(_bookmarks, _bookmark_rule),
    "is_cookie_deleted": drawn(
        lambda rng: [(1, url) for url in some(rng, URLS)],
        lambda rng: {"type": "domains", "domains": some(rng, URLS)},
    ),
    "check_history_deleted": drawn(
        lambda rng: [(url, "t", 1) for url in some(rng, URLS)],
        lambda rng: {"type": "keywords", "keywords": some(rng, ("a.org", "x", "zz"))},
    ),
    "check_enabled_experiments": drawn(
        lambda rng: [f"{name}@1" for name in some(rng, ("a", "b"))],
        lambda rng: {"type": "names", "names": some(rng, ("a", "b"))},
    ),
    "check_font_size": drawn(
        lambda rng: {"default_font_size": rng.choice((16, 20, 24))},
        lambda rng: {"type": rng.choice(("value", "range")), "value": 20, "min": 16, "max": 24},
    ),
    "is_shortcut_on_desktop": drawn(
        lambda rng: {"a.desktop": rng.choice(("[Desktop Entry]\nName=A\nExec=b\n", "Name=A", ""))},
        lambda rng: {
            "type": rng.choice(("name", "exec", "url")),
            "name": rng.choice("AB"),
            "exec": rng.choice("ab"),
        },
    ),
    "is_added_to_steam_cart": drawn(
        lambda rng: {"content": _text(rng)}, lambda rng: {"items": some(rng, ("apple", "red"))}
    ),
    "check_accessibility_tree": drawn(accessibility, _tree_rules),
    "check_left_panel": drawn(accessibility),
    "check_presenter_console_disable": lambda rng, pool: ((pool.one(rng, "xcu"),), {}),
    "check_auto_saving_time": one_file("xcu", rule_of("minutes", 3, 10)),
    "find_default_font": one_file("xcu", rule_of("font_name", "Arial", "Times New Roman")),
    "check_libre_locale": one_file("xcu", rule_of("locale_set", ["en-*"], ["zh-*", "de-DE"])),
    "compare_htmls": lambda rng, pool: (pool.two(rng, "html"), rng.choice(({}, {"ignore_sdnum": True}))),
    "check_html_background_image": one_file("html", rule_of("value", "x.png", "y.png")),
    "compare_epub": pair("epub"),
    "compare_pdfs": lambda rng, pool: (
        (
            pool.two(rng, "pdf")
            if rng.random() < 0.7
            else tuple(map(list, zip(pool.two(rng, "pdf"), pool.two(rng, "pdf"), strict=True)))
        ),
        {},
    ),
    "compare_pdf_images": pair("pdf"),
    "check_pdf_pages": one_file(
        "pdf", lambda rng: {"relation": rng.choice(("eq", "lt", "ge")), "ref_value": rng.choice((1, 2))}
    ),
    "is_gold_text_included_in_pdf": lambda rng, pool: (
        (maybe(rng, pool.one(rng, "pdf")), pool.one(rng, "texts_json")),
        {},
    ),
    "compare_archive": _archives,
    "compare_zip_files": pair("zip"),
    "check_mp3_meta": one_file(
        "mp3",
        lambda rng: {
            tag: {
                "method": rng.choice(("eq", "re", "re.I")),
                "ref": rng.choice(("apple", "Banana", "APPLE,Banana", "")),
            }
            for tag in some(rng, ("artist", "title"))
        },
    ),
    **OFFICE_CASES,
}
"""By metric, how an input is drawn."""

NO_CASES = {
    "check_page_number_colors": "upstream cuts a colour's digits at the wrong places",
    "check_thunderbird_folder": "upstream skips every message that is not empty",
}
"""Metrics that are not compared, and why."""
