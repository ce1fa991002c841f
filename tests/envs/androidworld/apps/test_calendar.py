"""Simple Calendar Pro, by what an agent sees and taps; what it wrote is read with the phone's own sqlite3."""

import pickle
from dataclasses import replace
from datetime import datetime

import pytest

from step_gym.envs.androidworld.simulator.apps.calendar import APP
from step_gym.envs.androidworld.simulator.apps.calendar.common import agenda
from step_gym.envs.androidworld.simulator.phone import Phone
from step_gym.envs.machine.apps.calendar import DAY, Event
from step_gym.envs.machine.apps.values import seconds_of
from tests.envs.androidworld.touch import centre, fill, node, shows, tap, texts

PACKAGE = "com.simplemobiletools.calendar.pro"
PATH = f"/data/data/{PACKAGE}/databases/events.db"


@pytest.fixture(params=["1080x2400", "360x800"])
def phone(request):
    phone = Phone(profile=request.param, apps=(APP,))
    for title, start, minutes, more in (
        ("Haircut", "2023-10-19T09:00", 45, {"location": "Pier 7"}),
        ("Lunch", "2023-10-19T12:00", 60, {"description": "with Ida"}),
        ("Night train", "2023-10-19T23:00", 120, {}),
        ("Stand-up", "2023-10-16T08:15", 15, {"repeat_interval": DAY}),
        ("Breakfast", "2023-10-15T08:00", 30, {}),
        ("Supper", "2023-10-15T19:00", 30, {}),
    ):
        at = seconds_of(datetime.fromisoformat(start))
        agenda(phone).save(replace(Event(0, at, at + 60 * minutes, title), **more))
    phone.launch(PACKAGE)
    return phone


def stored(phone, what="title, datetime(start_ts, 'unixepoch'), (end_ts - start_ts) / 60"):
    output = phone.run(f'sqlite3 {PATH} "select {what} from events order by id"').stream(1)
    return output.decode().splitlines()


def titles(phone):
    names = ("Haircut", "Lunch", "Night train", "Stand-up", "Breakfast", "Supper")
    return [text for text in texts(phone) if text in names]


def hold(phone, name):
    x, y = centre(node(phone, name))
    phone.run(f"input swipe {x} {y} {x} {y} 1000")


def test_the_month_counts_what_each_day_has(phone):
    shown = texts(phone)
    for day in (
        "October 15, today, 2 events",
        "October 16, 1 event",
        "October 19, 4 events",
        "October 20, 2 events",
    ):
        assert day in shown
    assert "October 14" in shown and "November 1, 1 event" in shown
    tap(phone, "Next month", "Next month", "Next month")
    assert shows(phone, "January 2024")
    tap(phone, "Go to today")
    assert shows(phone, "October")


def test_a_day_lists_its_events_by_time(phone):
    tap(phone, "October 20, 2 events")
    assert titles(phone) == ["Night train", "Stand-up"] and shows(phone, "Oct 19, 23:00 - Oct 20, 01:00")
    tap(phone, "Previous day")
    assert titles(phone) == ["Stand-up", "Haircut", "Lunch", "Night train"]
    assert {"09:00 - 09:45", "Pier 7", "with Ida"} <= set(texts(phone))
    phone.back()
    assert shows(phone, "October 20, 2 events")


def test_an_event_is_added_as_it_was_typed(phone):
    tap(phone, "October 31, 1 event", "New Event")
    assert phone.foreground == f"{PACKAGE}/{PACKAGE}.activities.EventActivity"
    tap(phone, "Save")
    assert len(stored(phone)) == 6, "not without a title"
    fill(phone, "event_title", "Ida's 'party'\n")  # Enter goes to the next field
    phone.display.type("Old Mill\n")
    phone.display.type("bring cake\n")
    phone.back()
    tap(phone, "Start time")
    fill(phone, "hour", "23")
    fill(phone, "minute", "30")
    tap(phone, "OK", "End time")
    fill(phone, "hour", "1")
    tap(phone, "OK", "Save")
    assert len(stored(phone)) == 6, "it would end before it starts"
    tap(phone, "End date", "Next month", "1 November 2023", "OK", "Save")
    assert stored(phone)[-1] == "Ida's 'party'|2023-10-31 23:30:00|120"
    assert stored(phone, "location, description, reminder_1_minutes, reminder_2_minutes, repeat_interval")[
        -1
    ] == ("Old Mill|bring cake|10|-1|0")


def test_a_weekly_event_with_an_end_and_reminders(phone):
    tap(phone, "October 18, 1 event", "New Event")
    fill(phone, "event_title", "Choir")
    phone.back()
    tap(phone, "event_repetition", "Weekly", "Repeat on: Wed", "Friday", "OK", "event_repetition_limit")
    tap(phone, "Repeat till a date", "31 October 2023", "OK")
    assert shows(phone, "Repeat on: Wed, Fri") and shows(phone, "Repeat till: October 31 (Tue)")
    tap(phone, "Add another reminder", "1 hour before")
    assert shows(phone, "10 minutes before") and shows(phone, "1 hour before")
    tap(phone, "event_reminder_1", "No reminder", "Save")
    repetition = "repeat_interval, repeat_rule, datetime(repeat_limit, 'unixepoch')"
    # Wednesday is the third bit, Friday the fifth.
    assert stored(phone, repetition)[-1] == "604800|20|2023-10-31 23:59:59"
    assert stored(phone, "reminder_1_minutes, reminder_2_minutes")[-1] == "60|-1"
    phone.back()
    shown = texts(phone)
    assert "October 20, 3 events" in shown and "November 1, 1 event" in shown


def test_moving_the_start_moves_the_end_and_the_weekday(phone):
    tap(phone, "October 19, 4 events", "Lunch", "event_repetition", "Weekly")
    tap(phone, "Start date", "21 October 2023", "OK")
    assert shows(phone, "Repeat on: Sat")
    tap(phone, "Start time")
    fill(phone, "hour", "23")
    tap(phone, "OK", "Save")
    assert "Lunch|2023-10-21 23:00:00|60" in stored(phone)


def test_one_time_of_a_recurring_event_moves_all_of_them(phone):
    tap(phone, "October 19, 4 events", "Stand-up", "Start time")
    fill(phone, "hour", "10")
    tap(phone, "OK", "Save")
    assert "Stand-up|2023-10-16 10:15:00|15" in stored(phone)


def test_several_events_are_selected_and_deleted_at_once(phone):
    tap(phone, "October 19, 4 events")
    hold(phone, "Haircut")
    tap(phone, "Lunch")
    assert shows(phone, "2 / 4")
    state = pickle.loads(pickle.dumps(phone.snapshot()))
    tap(phone, "Delete", "No", "Delete", "Yes")
    assert titles(phone) == ["Stand-up", "Night train"] and len(stored(phone)) == 4
    phone.restore(state)
    phone.back()
    assert shows(phone, "October 19 (Thu)") and len(stored(phone)) == 6


@pytest.mark.parametrize(
    ("choice", "days"),
    [
        ("Delete the selected occurrence only", [16, 17, 18, 20]),
        ("Delete this and all future occurrences", [16, 17, 18]),
        ("Delete all occurrences", []),
    ],
)
def test_a_recurring_event_is_deleted_as_far_as_is_asked(phone, choice, days):
    tap(phone, "October 19, 4 events", "Stand-up", "Delete", choice, "Yes")
    assert titles(phone) == ["Haircut", "Lunch", "Night train"]
    first, last = datetime(2023, 10, 15).date(), datetime(2023, 10, 20).date()
    left = [event.starts.day for event in agenda(phone).between(first, last) if event.title == "Stand-up"]
    assert left == days


def test_the_list_begins_with_today_and_marks_what_is_over(phone):
    tap(phone, "Change view", "Simple event list")
    shown = texts(phone)
    assert shown.index("Past event") < shown.index("Breakfast") < shown.index("Supper")
    assert (
        shown.count("Past event") == 1
        and "Today, Sunday, October 15" in shown
        and "Monday, October 16" in shown
    )
    phone.run(f"am force-stop {PACKAGE}; monkey -p {PACKAGE} 1")
    assert shows(phone, "Today, Sunday, October 15"), "the view that was chosen is kept"


def test_search_finds_events_of_any_time_by_any_text(phone):
    tap(phone, "Search")
    tap(phone, "top_toolbar_search")
    phone.display.type("i")
    assert shows(phone, "Type in at least 2 characters.")
    phone.display.type("da\n")
    assert titles(phone) == ["Lunch"] and shows(phone, "Thursday, October 19")
    tap(phone, "Lunch")
    assert node(phone, "event_description").get("text") == "with Ida"


def test_a_swipe_turns_the_page(phone):
    y = phone.height // 2
    phone.run(f"input swipe {phone.width - 40} {y} 40 {y} 300")
    assert shows(phone, "November")


def test_a_database_replaced_behind_its_back_is_read_anew(phone):
    phone.files.write(PATH, b"garbage" * 1000)
    assert shows(phone, "October 19")
    tap(phone, "October 19", "New Event")
    fill(phone, "event_title", "New")
    phone.back()
    tap(phone, "Save")
    assert stored(phone, "title, time_zone, source") == ["New|UTC|simple-calendar"]
