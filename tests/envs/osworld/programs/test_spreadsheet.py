"""The spreadsheet by mouse and keyboard: cells, formulas, selection, menus, sheets, files."""

import pickle

import pytest

from step_gym.envs.machine.apps.spreadsheet import edits
from step_gym.envs.machine.apps.spreadsheet.workbook import Workbook
from step_gym.envs.machine.apps.spreadsheet.xlsx_reader import read_xlsx
from step_gym.envs.machine.apps.spreadsheet.xlsx_writer import write_xlsx
from step_gym.envs.machine.tree import walk
from step_gym.envs.osworld.elements import read_description, read_screen
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.programs.spreadsheet import SPREADSHEET
from tests.envs.machine.apps.spreadsheet.references import area
from tests.envs.osworld.sample_program import launched, text_of, ui_of

PATH = "/home/user/Documents/sales.xlsx"
ROWS = [["Product", "Units", "Price"], ["Pen", "12", "0.5"], ["Ink", "3", "8"], ["Lamp", "7", "30"]]


class Sheets:
    """A desktop with the spreadsheet in front."""

    def __init__(self, path=PATH):
        self.desktop = Desktop(1280, 720, (SPREADSHEET,))
        book = Workbook()
        for i, row in enumerate(ROWS):
            for j, text in enumerate(row):
                book = edits.enter(book, 0, (i, j), text)
        self.desktop.files.write(PATH, write_xlsx(edits.add_sheet(book, "Notes", 1)))
        self.desktop.files.write("/home/user/Documents/plain.csv", b"a,b\n1,2\n")
        self.window = launched(self.desktop, "spreadsheet", (path,) if path else ())
        self.keys, self.mouse = self.desktop.keyboard, self.desktop.mouse

    @property
    def ui(self):
        return ui_of(self.desktop, self.window)

    @property
    def screen(self):
        return self.ui.layers[0].screen

    @property
    def elements(self):
        return read_description(read_screen(self.desktop.accessibility_runs(), 1280, 720, 60_000).text)

    def header(self, name):
        return next(e.center for e in self.elements if e.tag.endswith("-header") and e.name == name)

    def cell(self, name):
        letters = name.rstrip("0123456789")
        return self.header(letters)[0], self.header(name[len(letters) :])[1]

    def click(self, name, **options):
        self.mouse.click(*self.cell(name), **options)

    def press_on(self, name, tag=None, button="left", count=1):
        wanted = [e for e in self.elements if e.name == name and tag in (None, e.tag)]
        self.mouse.click(*wanted[-1].center, button=button, count=count)

    def shown(self, name):
        return self.screen.book.shown(self.screen.sheet, area(name)[:2])

    def column(self, name, last):
        return [self.shown(f"{name}{row}") for row in range(1, last + 1)]


@pytest.fixture
def made():
    return Sheets()


def test_cells_are_told_by_name_and_the_pointer_selects_them(made):
    cells = {e.name: e for e in made.elements if e.tag == "table-cell"}
    assert cells["A2"].text == "Pen" and cells["C4"].text == "30" and cells["D1"].text == ""
    assert "E9" not in cells, "what lies far from the table is not told"
    assert cells["A1"].selected and not cells["A2"].selected
    made.mouse.click(*cells["B3"].center)
    assert made.screen.cursor == (2, 1)
    assert text_of(made.ui, "name-box") == "B3"
    assert text_of(made.ui, "formula") == "3"


def test_typing_enters_and_tab_and_enter_move(made):
    made.click("E2")
    made.keys.type("a\tb\tc\nnext\n=B2*2\n")
    assert [made.shown(name) for name in ("E2", "F2", "G2", "E3", "E4")] == ["a", "b", "c", "next", "24"]
    assert made.screen.cursor == (4, 4) and made.screen.is_modified
    assert made.desktop.active_window.title == "*sales.xlsx — Spreadsheet"


def test_a_cell_is_edited_in_place_and_in_the_formula_bar(made):
    made.click("A2", count=2)
    made.keys.type("cil")
    assert text_of(made.ui, "editor") == "Pencil"
    made.keys.press("enter")
    assert made.shown("A2") == "Pencil"
    made.click("A2")
    made.keys.press("f2")
    made.keys.type("x")
    made.keys.press("esc")
    assert made.shown("A2") == "Pencil"
    made.press_on("Formula bar", "entry", count=3)
    made.keys.type("Quill")
    assert any(e.tag == "label" and e.text == "Quill" and e.name == "A2" for e in made.elements)
    made.keys.press("enter")
    assert made.shown("A2") == "Quill" and made.screen.cursor == (2, 0)


def test_a_click_enters_what_was_typed_and_a_bad_formula_is_not_entered(made):
    made.click("D2")
    made.keys.type("5")
    made.click("A1")
    assert made.shown("D2") == "5"
    made.click("D3")
    made.keys.type("=SUM(A1\n")
    assert any(e.name == "This was not entered" for e in made.elements)
    made.keys.press("enter")
    assert text_of(made.ui, "editor") == "=SUM(A1"
    made.keys.type(")\n")
    assert made.shown("D3") == "0"


def test_clicks_and_drags_choose_what_a_formula_refers_to(made):
    made.click("D2")
    made.keys.type("=")
    made.click("B2")
    made.keys.type("*")
    made.click("C2")
    made.keys.type("+SUM(")
    made.mouse.drag(*made.cell("B3"), *made.cell("B4"))
    made.keys.type(")\n")
    assert made.screen.book.cell(0, (1, 3)).formula == "=B2*C2+SUM(B3:B4)" and made.shown("D2") == "16"


def test_selections_by_mouse_and_keys_with_their_sum(made):
    made.mouse.drag(*made.cell("B2"), *made.cell("C4"))
    assert made.screen.selection == area("B2:C4")
    assert any("Sum: 60.5" in e.name for e in made.elements)
    made.keys.hotkey(("ctrl", "home"))
    made.keys.hotkey(("ctrl", "shift", "down"))
    assert made.screen.selection == area("A1:A4")
    made.click("A2")
    made.keys.key("shift", True)
    made.click("B4")
    made.keys.key("shift", False)
    assert made.screen.selection == area("A2:B4")
    made.keys.press("delete")
    assert made.column("A", 4) == ["Product", "", "", ""] and made.shown("C2") == "0.5"
    made.keys.hotkey(("ctrl", "z"))
    assert made.shown("A2") == "Pen"
    made.keys.hotkey(("ctrl", "y"))
    assert made.shown("A2") == ""
    made.mouse.click(*made.header("B"))
    assert made.screen.selection.rows == 1_048_576


def test_the_name_box_goes_anywhere_and_the_grid_scrolls(made):
    made.press_on("Name box", count=3)
    made.keys.type("Z200\n")
    assert made.screen.cursor == (199, 25) and made.cell("Z200")
    made.press_on("Name box", count=3)
    made.keys.type("notes!B2\n")
    assert made.screen.sheet == 1 and made.screen.cursor == (1, 1) and made.screen.first == (0, 0)
    made.keys.press("pagedown")
    assert made.screen.cursor[0] > 10
    made.mouse.move(*made.header("5"))
    made.mouse.wheel(0, 50)
    assert made.screen.first == (0, 0)
    made.mouse.wheel(0, -3)
    assert made.screen.first == (9, 0)


def test_filling_by_shortcut_and_by_handle(made):
    made.click("D2")
    made.keys.type("=B2*C2\n")
    made.click("D2")
    handle = next(e.center for e in made.elements if e.name == "Fill handle")
    made.mouse.drag(*handle, *made.cell("D4"))
    assert made.column("D", 4) == ["", "6", "24", "210"]
    assert len(made.screen.history.versions) == 3, "one drag is one version"
    made.keys.hotkey(("ctrl", "z"))
    assert made.column("D", 4) == ["", "6", "", ""]
    made.mouse.drag(*made.cell("D2"), *made.cell("D3"))
    made.keys.hotkey(("ctrl", "d"))
    assert made.column("D", 4) == ["", "6", "24", ""]
    made.click("D2")
    handle = next(e.center for e in made.elements if e.name == "Fill handle")
    made.mouse.click(*handle, count=2)
    assert made.column("D", 5) == ["", "6", "24", "210", ""]


def test_copying_cutting_and_pasting(made):
    made.mouse.drag(*made.cell("A2"), *made.cell("B3"))
    made.keys.hotkey(("ctrl", "c"))
    assert made.desktop.clipboard == "Pen\t12\nInk\t3"
    made.click("E6")
    made.keys.hotkey(("ctrl", "v"))
    assert made.shown("F7") == "3" and made.screen.selection == area("E6:F7")
    made.click("A4")
    made.keys.hotkey(("ctrl", "x"))
    made.click("A8")
    made.keys.hotkey(("ctrl", "v"))
    assert made.shown("A8") == "Lamp" and made.shown("A4") == ""
    made.desktop.clipboard = "1\t2\n3"
    made.click("A1")
    made.keys.hotkey(("ctrl", "v"))
    assert made.shown("B1") == "2" and made.shown("A2") == "3"
    other = made.desktop.launch("spreadsheet")
    made.keys.hotkey(("ctrl", "v"))
    assert made.desktop.window(other).screen.book.shown(0, (0, 1)) == "2"


def test_sorting_by_button_and_by_dialog(made):
    made.click("B3")
    made.press_on("Sort Descending")
    assert made.column("A", 4) == ["Product", "Pen", "Lamp", "Ink"]
    made.press_on("Data", "menu")
    made.press_on("Sort…", "menu-item")
    made.press_on("Sort by", "combo-box")
    made.press_on("Price", "check-menu-item")
    made.press_on("Descending", "radio-button")
    made.press_on("Sort", "push-button")
    assert made.column("A", 4) == ["Product", "Lamp", "Ink", "Pen"]


def test_rows_and_columns_by_context_menu(made):
    made.mouse.click(*made.header("3"), button="right")
    made.press_on("Delete Rows", "menu-item")
    assert made.column("A", 4) == ["Product", "Pen", "Lamp", ""]
    made.mouse.click(*made.header("A"), button="right")
    made.press_on("Columns Before", "menu-item")
    assert made.column("A", 2) == ["", ""] and made.shown("B2") == "Pen"


def test_find_and_replace(made):
    made.keys.hotkey(("ctrl", "f"))
    made.keys.type("p\n")
    assert made.screen.cursor == (0, 2)
    made.keys.press("enter")
    assert made.screen.cursor == (1, 0)
    made.press_on("Match case", "check-box")
    made.press_on("Replace with", "entry")
    made.keys.type("B")
    made.press_on("Find", "entry", count=3)
    made.keys.type("P")
    made.press_on("Replace All")
    assert made.column("A", 4) == ["Broduct", "Ben", "Ink", "Lamp"] and made.shown("C1") == "Brice"
    assert any("3 cells replaced" in e.name for e in made.elements)
    made.keys.hotkey(("ctrl", "z"))
    assert made.shown("A2") == "Pen"


def test_sheets_are_added_renamed_and_deleted(made):
    made.press_on("Add Sheet")
    made.press_on("Sheet2", "page-tab", count=2)
    made.keys.type("Sums\n")
    made.keys.type("=Sheet1!B2\n")
    assert [s.name for s in made.screen.book.sheets] == ["Sheet1", "Notes", "Sums"]
    assert made.shown("A1") == "12"
    made.press_on("Notes", "page-tab", button="right")
    made.press_on("Delete Sheet", "menu-item")
    assert [s.name for s in made.screen.book.sheets] == ["Sheet1", "Sums"] and made.shown("A1") == "12"


def test_saving_and_the_question_before_closing(made):
    made.click("A2")
    made.keys.type("Brush\n")
    assert made.desktop.close(made.window) is False
    made.press_on("Cancel", "push-button")
    made.keys.hotkey(("ctrl", "s"))
    assert read_xlsx(made.desktop.files.read(PATH)).shown(0, (1, 0)) == "Brush"
    assert not made.screen.is_modified
    made.keys.type("again\n")
    made.keys.hotkey(("ctrl", "w"))
    made.press_on("Save", "push-button")
    assert made.desktop.windows == ()
    assert read_xlsx(made.desktop.files.read(PATH)).shown(0, (2, 0)) == "again"


def test_a_new_workbook_is_saved_under_a_name_and_exported():
    made = Sheets("")
    made.keys.type("a\tb\n1\t=A2*2\n")
    made.keys.hotkey(("ctrl", "s"))
    made.press_on("Name", "entry", count=3)
    made.keys.type("new\n")
    data = made.desktop.files.read("/home/user/Documents/new.xlsx")
    assert read_xlsx(data).shown(0, (1, 1)) == "2" and made.screen.path.endswith("new.xlsx")
    made.press_on("File", "menu")
    made.press_on("Export as CSV…", "menu-item")
    made.keys.press("enter")
    assert made.desktop.files.read("/home/user/Documents/new.csv") == b"a,b\n1,2\n"


def test_files_that_cannot_be_read_are_told():
    made = Sheets("/home/user/Documents/none.xlsx")
    assert any("was not opened" in e.name for e in made.elements)
    made.desktop.files.write("/home/user/Documents/bad.xlsx", b"PK rubbish")
    made.keys.hotkey(("ctrl", "o"))
    made.press_on("Name or path", "entry")
    made.keys.type("bad.xlsx\n")
    assert any("bad.xlsx” was not opened" in e.name for e in made.elements)
    made.keys.press("enter")
    made.keys.hotkey(("ctrl", "o"))
    made.press_on("Name or path", "entry")
    made.keys.type("plain.csv\n")
    assert made.column("B", 2) == ["b", "2"] and len(made.desktop.windows) == 1


def test_formats_bold_widths_and_sums(made):
    made.click("C2")
    made.press_on("Format", "menu")
    made.press_on("Currency ($1,234.50)", "check-menu-item")
    made.keys.hotkey(("ctrl", "b"))
    assert made.shown("C2") == "$0.50" and made.screen.book.cell(0, (1, 2)).bold
    made.click("B5")
    made.press_on("Sum")
    made.keys.press("enter")
    assert made.screen.book.cell(0, (4, 1)).formula == "=SUM(B2:B4)" and made.shown("B5") == "22"
    left = next(e for e in made.elements if e.tag == "column-header" and e.name == "A")
    edge = left.center[0] + left.size[0] // 2
    made.mouse.drag(edge, left.center[1], edge + 80, left.center[1])
    wider = next(e for e in made.elements if e.tag == "column-header" and e.name == "A")
    assert wider.size[0] == pytest.approx(left.size[0] + 80, abs=1)


def test_wide_texts_run_over_and_wide_numbers_are_marked(made):
    made.click("E1")
    made.keys.type("a text that needs more room than that\n1234567890123456\n")
    cells = {e.name: e for e in made.elements if e.tag == "table-cell"}
    assert cells["E1"].size[0] > cells["E3"].size[0] and set(cells["E2"].text) == {"#"}


def test_the_state_is_picklable_and_restored(made):
    made.click("A2")
    made.keys.type("half")
    before, text = pickle.loads(pickle.dumps(made.desktop.snapshot())), made.desktop.accessibility()
    made.keys.type(" done\n")
    made.keys.hotkey(("ctrl", "s"))
    made.desktop.restore(before)
    assert made.desktop.accessibility() == text
    made.keys.press("enter")
    assert made.shown("A2") == "half"


def test_rows_that_stay_are_the_same_views(made):
    def rows():
        grid = next(p for p in walk(made.ui.placed()) if p.view.id == "grid")
        return {id(p.view) for p in walk(grid) if p.view.is_static}

    before = rows()
    made.click("B2")
    assert len(before & rows()) > len(before) - 6
