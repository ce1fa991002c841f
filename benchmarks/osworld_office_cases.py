"""Inputs for each metric over documents, presentations and workbooks, many of them near the border."""

from __future__ import annotations

import random
from typing import Any

from benchmarks.osworld_case_makers import Case, Maker, maybe, one_file, pair, rule_of, some
from benchmarks.osworld_files_pool import Pool

_TABLE_RULES = [
    "sheet_name",
    "sheet_data",
    "sheet_data",
    "sheet_print",
    "sheet_fuzzy",
    "sparkline",
    "chart",
    "style",
    "freeze",
    "zoom",
    "data_validation",
    "row_props",
    "col_props",
    "filter",
    "check_cell",
]
_STYLES = [
    "number_format",
    "font_name",
    "font_color",
    "font_bold",
    "font_italic",
    "font_size",
    "font_underline",
    "font_family",
    "fill_type",
    "bgcolor",
    "merge",
    "hyperlink",
]
_EXAMINED = [
    "number_of_slides",
    "shape",
    "text",
    "indent",
    "font_name",
    "font_size",
    "font_bold",
    "font_italic",
    "color_rgb",
    "font_underline",
    "strike_through",
    "alignment",
    "bullets",
    "background_color",
    "note",
]
_EXAMINED_IF_ASKED = [
    "title_bottom_position",
    "table_bottom_position",
    "right_position",
    "top_position",
    "shape_for_shift_size",
    "image_size",
    "modify_height",
]


def _sheet(rng: random.Random, side: str) -> Any:
    names = {"R": (0, "RI0", "RI1", "RNSheet1", "RNSheet2"), "E": ("EI0", "EI1", "ENSheet1")}
    return rng.choice(names[side]) if rng.random() < 0.3 else names[side][-2 if side == "E" else 0]


def _table(rng: random.Random, pool: Pool) -> Case:
    one, other = pool.two(rng, "xlsx")
    rules = [_table_rule(rng, kind) for kind in rng.sample(_TABLE_RULES, rng.choice((1, 1, 2)))]
    return (maybe(rng, one), other), {"rules": rules}


def _table_rule(rng: random.Random, kind: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"type": kind, "sheet_idx0": _sheet(rng, "R"), "sheet_idx1": _sheet(rng, "E")}
    if kind in ("zoom", "data_validation", "check_cell"):
        rule["sheet_idx"] = _sheet(rng, rng.choice("RE"))
    if kind == "sheet_data" and rng.random() < 0.3:
        rule["precision"] = rng.choice((0, 6))
    if kind == "sheet_print":
        rule["ignore_case"] = rng.random() < 0.5
    if kind == "sheet_fuzzy":
        rule["rules"] = [
            {
                "range": ["A1:B3", "C2"],
                "type": rng.choice(("includes", "included_by", "fuzzy_match", "exact_match")),
                **rng.choice(({}, {"ignore_case": True, "ignore_chars": "r."}, {"trim_leadings": "rR"})),
                **rng.choice(
                    ({}, {"threshold": 60, "normalization": [["r", "s"]]}, {"trim_trailings": "0."})
                ),
            }
        ]
    properties = {
        "chart": ("chart_props", ("title", "legend", "width", "height", "type", "xtitle", "ytitle")),
        "style": ("props", _STYLES),
        "row_props": ("props", ("hidden", "height")),
        "col_props": ("props", ("width", "hidden", "min")),
    }
    if kind in properties:
        name, values = properties[kind]
        rule[name] = rng.sample(values, rng.randint(1, 2))
    if kind == "zoom":
        rule.update(method=rng.choice(("eq", "ge", "lt")), ref=rng.choice((100, 150)))
    if kind == "data_validation":
        ranges = {"method": "spreadsheet_range", "ref": ["D2:D29", "D2:D1048576"]}
        texts = {"method": "str_set_eq", "ref": ["Pass", "Fail", "Held"]}
        rule["dv_props"] = [rng.choice(({"ranges": ranges}, {"ranges": ranges, "formula1": texts}))]
    if kind == "check_cell":
        rule["coordinate"] = rng.choice(("A1", "B2", "B3", "A2"))
        rule["props"] = {
            "value": {"method": rng.choice(("eq", "approx:0.1")), "ref": rng.choice((1.5, "name", 0.0))},
            "merge": {"method": "eq", "ref": rng.random() < 0.5},
            "font_bold": {"method": "eq", "ref": rng.choice((True, None, False))},
        }
        rule["props"] = {name: rule["props"][name] for name in rng.sample(list(rule["props"]), 1)}
    return rule


def _slides(rng: random.Random, pool: Pool) -> Case:
    options: dict[str, Any] = {"enable_debug": False}
    if rng.random() < 0.7:
        options.update(
            {f"examine_{name}": False for name in rng.sample(_EXAMINED, rng.randint(0, len(_EXAMINED)))}
        )
    if rng.random() < 0.4:
        options[f"examine_{rng.choice(_EXAMINED_IF_ASKED)}"] = True
    if rng.random() < 0.2:
        options["approximately_tolerance"] = 0.5
    return pool.two(rng, "pptx"), options


def _trains(rng: random.Random, pool: Pool) -> Case:
    return (pool.one(rng, "docx"), [pool.one(rng, "docx"), pool.one(rng, "docx")]), {}


def _documents(rng: random.Random, pool: Pool) -> Case:
    options = (
        "ignore_blanks",
        "ignore_case",
        "ignore_order",
        "content_only",
        "fuzzy_match",
        "delete_empty_lines",
    )
    pair = pool.two(rng, rng.choice(("docx", "docx", "odt")))
    if rng.random() < 0.05:
        pair = (pool.one(rng, "docx"), pool.one(rng, "odt"))
    return pair, {name: rng.random() < 0.5 for name in some(rng, options, 4)}


OFFICE_CASES: dict[str, Maker] = {
    "compare_table": _table,
    "compare_pptx_files": _slides,
    "check_image_stretch_and_center": lambda rng, pool: (pool.two(rng, "pptx"), {}),
    "check_slide_numbers_color": lambda rng, pool: ((pool.one(rng, "pptx"),), {}),
    "check_strikethrough": lambda rng, pool: (
        (
            pool.one(rng, "pptx"),
            {"slide_index_s": [0], "shape_index_s": [rng.choice((0, 1, 2))], "paragraph_index_s": [0]},
        ),
        {},
    ),
    "check_slide_orientation_Portrait": lambda rng, pool: ((pool.one(rng, "pptx"),), {}),
    "evaluate_presentation_fill_to_rgb_distance": lambda rng, pool: (
        (
            pool.one(rng, "pptx"),
            rng.choice(({"rgb": [255, 0, 0]}, {"rgb": [0, 0, 255], "original_rgb": [255, 0, 0]})),
        ),
        {},
    ),
    "check_transition": lambda rng, pool: (
        (
            pool.one(rng, "pptx"),
            {"slide_idx": rng.randint(0, 2), "transition_type": rng.choice(("dissolve", "fade"))},
        ),
        {},
    ),
    "compare_docx_files": _documents,
    "compare_docx_files_and_ignore_new_lines": pair("docx", ignore_blanks=(True, False)),
    "compare_docx_lines": pair("docx"),
    "compare_init_lines": pair("docx"),
    "compare_docx_tables": pair("docx"),
    "compare_docx_images": pair("docx"),
    "compare_insert_equation": pair("docx"),
    "compare_subscript_contains": pair("docx"),
    "compare_contains_image": pair("docx"),
    "compare_line_spacing": pair("docx"),
    "compare_highlighted_text": pair("docx"),
    "compare_references": pair("docx", reference_base_result=(0.0, 0.7)),
    "check_no_duplicates": pair("docx"),
    "compare_unique_train_records": _trains,
    "check_tabstops": pair("docx", word_number_split_by_tabstop=(1, 2), index=(0,)),
    "contains_page_break": one_file("docx", lambda rng: rng.choice(({}, {"page_break_count": 1}))),
    "compare_font_names": one_file("docx", rule_of("font_name", "Arial", None)),
    "has_page_numbers_in_footers": one_file("docx"),
    "is_first_line_centered": one_file("docx"),
    "evaluate_colored_words_in_tables": pair("docx"),
    "check_highlighted_words": pair("odt"),
    "evaluate_strike_through_last_paragraph": pair("docx"),
    "evaluate_conversion": one_file("docx"),
    "evaluate_spacing": one_file("docx"),
    "check_italic_font_size_14": pair("docx"),
    "evaluate_alignment": one_file("docx"),
    "fuzzy_place_math": one_file("docx", rule_of("expected", ["apple", "red"], ["blue"], [])),
}
"""By metric, how an input is drawn."""
