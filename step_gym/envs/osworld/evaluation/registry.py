"""Upstream's getters and metrics by name: where ours stand, what each needs, and which there are not."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from gymnasium.error import DependencyNotInstalled

_PACKAGE = "step_gym.envs.osworld.evaluation"
_INSTALL = "pip install 'step-gym[osworld]'"
_UPSTREAM = "desktop_env.evaluators.metrics"
_LOGGER = logging.getLogger(__name__)

Evaluators = Literal["own", "upstream"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A getter or metric of upstream's.

    Attributes:
        module: Module of this package that has the function, "" where there is none.
        packages: Modules that it imports and that the extra `osworld` brings.
        program: Whose files or windows a getter reads, "" for any desktop; "web-browser" where any browser
            will do that keeps this as Chrome does, "chrome" where it has to be Chrome.
        why_not: Why there is none.
    """

    module: str = ""
    packages: tuple[str, ...] = ()
    program: str = ""
    why_not: str = ""


_UNKNOWN = Entry(why_not="unknown")


def _group(module: str, names: str, *packages: str, program: str = "") -> dict[str, Entry]:
    return dict.fromkeys(names.split(), Entry(module, packages, program))


def _none(why_not: str, names: str) -> dict[str, Entry]:
    return dict.fromkeys(names.split(), Entry(why_not=why_not))


_PLAYWRIGHT = "needs Playwright and the port on which Chrome is debugged"
_DRIVE = "needs an account at Google Drive"
_HOST_CODE = "runs Python code of the task or of the agent on this machine"
_OCR = "needs easyocr, which reads texts in pictures with torch"
_SOUND = "needs librosa, which decodes sound"
_VIDEO = "needs OpenCV"
_BROKEN = "cannot be called from a task file: upstream's fails on any"

GETTERS: dict[str, Entry] = {
    **_group("getters.files", "vm_file cloud_file cache_file"),
    **_group("getters.files", "content_from_vm_file", "pandas", "openpyxl"),
    **_group("getters.files", "audio_in_slide background_image_in_slide", "lxml"),
    **_group("getters.state", "rule vm_command_line vm_command_error vm_terminal_output accessibility_tree"),
    **_group("getters.state", "list_directory vm_screen_size vm_window_size vm_wallpaper time_diff_range"),
    **_group("getters.relative_time", "rule_relativeTime"),
    **_group("getters.browser", "shortcuts_on_desktop"),
    **_group("getters.browser", "bookmarks chrome_font_size", program="web-browser"),
    **_group("getters.browser", "default_search_engine cookie_data history", program="chrome"),
    **_group("getters.browser", "enabled_experiments profile_name chrome_language", program="chrome"),
    **_group("getters.browser", "enable_do_not_track new_startup_page", program="chrome"),
    **_group("getters.browser", "enable_enhanced_safety_browsing enable_safe_browsing", program="chrome"),
    **_group("getters.browser", "find_unpacked_extension_path data_delete_automacally", program="chrome"),
    **_group("getters.browser", "find_installed_extension_name", program="chrome"),
    **_group("getters.browser", "active_url_from_accessTree active_tab_url_parse", "lxml", program="chrome"),
    **_group("getters.browser", "url_dashPart url_path_parse", "lxml", program="chrome"),
    **_group("getters.browser", "macys_product_url_parse", "lxml", program="chrome"),
    **_group("getters.programs", "gimp_config_file", program="gimp"),
    **_group("getters.programs", "vlc_config vlc_playing_info", program="vlc"),
    **_group("getters.programs", "default_video_player"),
    **_group("getters.programs", "vscode_config", program="vscode"),
    **_none(_PLAYWRIGHT, "open_tabs_info active_tab_info active_tab_html_parse page_info pdf_from_url"),
    **_none(_PLAYWRIGHT, "info_from_website number_of_search_results"),
    **_none(_PLAYWRIGHT, "gotoRecreationPage_and_get_html_content"),
    **_none(_DRIVE, "googledrive_file"),
    **_none(_BROKEN, "replay conference_city_in_order"),
}
"""Getters by the name that a task file has for them."""

METRICS: dict[str, Entry] = {
    **_group("metrics.text", "exact_match match_in_list is_in_list literal_match check_include_exclude"),
    **_group("metrics.text", "compare_answer is_extension_installed is_in_vm_clickboard is_vlc_fullscreen"),
    **_group("metrics.text", "check_gnome_favorite_apps is_utc_0 check_text_enlarged check_moved_jpgs"),
    **_group("metrics.text", "fuzzy_match", "rapidfuzz"),
    **_group("metrics.text_files", "compare_text_file compare_config diff_text_file compare_result_files"),
    **_group("metrics.text_files", "file_contains check_line_number compare_terminal_and_txt check_list"),
    **_group("metrics.text_files", "compare_python_pure_text check_csv compare_csv check_image_file_size"),
    **_group("metrics.text_files", "compare_time_in_speedtest_results"),
    **_group("metrics.data_files", "check_json", "yaml", "openpyxl"),
    **_group("metrics.data_files", "check_direct_json_object is_included_all_json_objects run_sqlite3"),
    **_group("metrics.data_files", "check_json_settings check_json_keybindings"),
    **_group("metrics.mail", "check_thunderbird_prefs check_thunderbird_filter check_thunderbird_folder"),
    **_group("metrics.vlc", "is_vlc_playing is_vlc_recordings_folder check_qt_bgcone check_qt_max_volume"),
    **_group("metrics.vlc", "check_qt_minimal_view check_qt_slider_colours check_global_key_play_pause"),
    **_group("metrics.vlc", "check_one_instance_when_started_from_file"),
    **_group("metrics.table", "compare_table", "openpyxl", "pandas", "lxml", "rapidfuzz", "formulas"),
    **_group("metrics.table", "compare_conference_city_in_order", "openpyxl", "lxml"),
    **_group("metrics.slides", "compare_pptx_files", "pptx"),
    **_group(
        "metrics.slide_checks", "check_image_stretch_and_center check_slide_numbers_color", "pptx", "lxml"
    ),
    **_group("metrics.slide_checks", "check_strikethrough check_slide_orientation_Portrait", "pptx", "lxml"),
    **_group("metrics.slide_checks", "evaluate_presentation_fill_to_rgb_distance", "pptx", "lxml"),
    **_group("metrics.slide_checks", "check_transition check_page_number_colors", "lxml"),
    **_group("metrics.documents", "compare_docx_files compare_references", "docx", "odf", "rapidfuzz"),
    **_group(
        "metrics.documents", "compare_docx_files_and_ignore_new_lines compare_docx_lines", "docx", "odf"
    ),
    **_group("metrics.documents", "compare_init_lines compare_docx_tables compare_docx_images", "docx"),
    **_group("metrics.documents", "compare_insert_equation compare_line_spacing", "docx", "odf"),
    **_group("metrics.documents", "compare_subscript_contains compare_contains_image", "docx"),
    **_group("metrics.documents", "compare_highlighted_text check_no_duplicates check_tabstops", "docx"),
    **_group("metrics.documents", "compare_unique_train_records", "docx"),
    **_group("metrics.document_checks", "contains_page_break compare_font_names evaluate_spacing", "docx"),
    **_group("metrics.document_checks", "has_page_numbers_in_footers is_first_line_centered", "docx"),
    **_group("metrics.document_checks", "evaluate_conversion evaluate_alignment", "docx"),
    **_group("metrics.document_checks", "evaluate_colored_words_in_tables", "docx", "odf", "skimage"),
    **_group("metrics.document_checks", "check_highlighted_words check_italic_font_size_14", "docx", "odf"),
    **_group("metrics.document_checks", "evaluate_strike_through_last_paragraph", "docx", "odf"),
    **_group("metrics.document_checks", "fuzzy_place_math", "docx", "rapidfuzz"),
    **_group("metrics.images", "compare_images check_structure_sim check_image_mirror", "skimage"),
    **_group("metrics.images", "check_structure_sim_resized check_palette_and_structure_sim", "skimage"),
    **_group("metrics.images", "check_file_exists_and_structure_sim", "skimage"),
    **_group("metrics.images", "check_saturation_increase_and_structure_sim", "skimage"),
    **_group("metrics.images", "check_contrast_increase_and_structure_sim", "skimage"),
    **_group("metrics.images", "check_brightness_decrease_and_structure_sim compare_image_list"),
    **_group("metrics.images", "increase_saturation decrease_brightness check_image_size"),
    **_group("metrics.images", "check_triangle_position check_textbox_on_leftside check_green_background"),
    **_group("metrics.images", "check_config_status"),
    **_group("metrics.browser", "is_expected_active_tab is_expected_tabs is_cookie_deleted", "tldextract"),
    **_group("metrics.browser", "is_expected_active_tab_approximate is_expected_url_pattern_match"),
    **_group("metrics.browser", "is_expected_search_query is_expected_installed_extensions"),
    **_group("metrics.browser", "is_expected_bookmarks check_history_deleted check_enabled_experiments"),
    **_group("metrics.browser", "check_font_size is_shortcut_on_desktop is_added_to_steam_cart"),
    **_group("metrics.markup", "check_accessibility_tree", "lxml", "cssselect", "rapidfuzz"),
    **_group("metrics.markup", "check_left_panel check_presenter_console_disable", "lxml"),
    **_group("metrics.markup", "check_auto_saving_time find_default_font check_libre_locale", "lxml"),
    **_group("metrics.markup", "compare_htmls check_html_background_image", "bs4", "lxml"),
    **_group("metrics.markup", "compare_epub", "lxml"),
    **_group("metrics.pdf", "compare_pdfs", "pdfminer", "rapidfuzz"),
    **_group("metrics.pdf", "compare_pdf_images", "pypdf", "imagehash"),
    **_group("metrics.pdf", "check_pdf_pages", "pypdf"),
    **_group("metrics.pdf", "is_gold_text_included_in_pdf", "pdfplumber"),
    **_group("metrics.archives", "compare_archive"),
    **_group("metrics.archives", "compare_zip_files", "pypdf"),
    **_group("metrics.archives", "check_mp3_meta", "mutagen"),
    **_none(_HOST_CODE, "check_python_file_by_test_suite"),
    **_none(_OCR, "compare_image_text"),
    **_none(_SOUND, "compare_audios"),
    **_none(_VIDEO, "compare_videos compare_triangle_positions check_sharper"),
    **_none(_BROKEN, "check_python_file_by_gold_file get_unique_train_ids"),
    **_none("looks at files of this machine", "check_file_exists"),
}
"""Metrics by name; "infeasible", which looks at nothing, is none of them."""


def getter_problem(name: str, programs: frozenset[str] | None) -> str:
    """Why a getter cannot be used, "" if it can.

    Args:
        name: As task files have it.
        programs: Those that there are on the computer, None for all.
    """
    entry = GETTERS.get(name, _UNKNOWN)
    if entry.program and programs is not None and entry.program not in programs:
        return f"needs {entry.program}"
    return entry.why_not or _missing(entry)


def metric_problem(name: str, evaluators: Evaluators) -> str:
    """Why a metric, ours or upstream's, cannot be used, "" if it can."""
    entry = METRICS.get(name, _UNKNOWN)
    if evaluators == "upstream" and name == "check_gnome_favorite_apps":
        return _HOST_CODE  # upstream evaluates the computer's answer as Python
    if evaluators == "upstream" and entry.why_not not in (_HOST_CODE, _BROKEN, _UNKNOWN.why_not):
        return ""
    return entry.why_not or _missing(entry)


def _missing(entry: Entry) -> str:
    is_complete = all(_installed(package) for package in entry.packages)
    return "" if is_complete else f"needs: {_INSTALL}"


@cache
def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def load(entry: Entry, name: str) -> Callable[..., Any]:
    """The function of an entry with which there is no problem."""
    return getattr(_module(f"{_PACKAGE}.{entry.module}"), name)


_module = cache(importlib.import_module)


def load_upstream(name: str) -> Callable[..., Any]:
    """A metric of the installed package desktop-env.

    Raises:
        DependencyNotInstalled: If it is not there, or one of the many packages that all its metrics need.
    """
    try:
        metric = getattr(importlib.import_module(_UPSTREAM), name)
    except (ImportError, AttributeError) as error:
        raise DependencyNotInstalled(
            f'evaluators="upstream" needs the package desktop-env with all that it imports ({error}): '
            "pip install desktop-env in an environment of its own, or leave evaluators out"
        ) from error
    # Its functions print what they compare, and standard output is that of `step-gym play --json`.
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith(f"{_UPSTREAM}."):
            vars(module)["print"] = _log
    # They unpack what the agent has packed; Python's default before 3.14 lets members lie outside the folder.
    tarfile.TarFile.extraction_filter = staticmethod(tarfile.data_filter)
    return metric


def _log(*values: object, **_: object) -> None:
    _LOGGER.debug("%s", " ".join(map(str, values)))
