"""References and areas of the tests of spreadsheets, from texts that are some."""

from step_gym.envs.machine.apps.spreadsheet.references import Area, Reference, read_reference


def reference(text: str) -> Reference:
    found = read_reference(text)
    assert found is not None, text
    return found


def area(text: str) -> Area:
    return reference(text).area
