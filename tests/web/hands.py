# SPDX-License-Identifier: Apache-2.0
"""Ways in which a person uses a page: by mouse alone, by touch alone, by keyboard alone."""
import time

ENTER, TAB, ESCAPE, SHIFT = "\ue007", "\ue004", "\ue00c", "\ue008"
RIGHT, LEFT = "\ue014", "\ue012"
LONG = 0.8  # seconds of a long press
MOST_TABS = 80

# The middle of an element, once it is in sight and nothing lies over it.
PLACE = """
  const one = document.querySelector(arguments[0]);
  one.scrollIntoView({ block: 'nearest', behavior: 'instant' });
  const { left, top, width, height } = one.getBoundingClientRect();
  const [x, y] = [Math.round(left + width * arguments[1]), Math.round(top + height / 2)];
  const there = document.elementFromPoint(x, y);
  return one.contains(there) || there?.labels?.[0]?.contains(one) || there?.contains(one) ? [x, y] : null;
"""


# How the focus gets to an element: of radio buttons one takes the focus, the others are reached by the arrows, and so are
# the genres of the dial. The other way at the page's end lies the browser itself.
WAY = """
  const one = document.querySelector(arguments[0]), here = document.activeElement;
  if (here === one) return 'there';
  if ((here.type === 'radio' && here.name === one.name) || (here.closest('#genres') && one.closest('#genres'))) return 'arrow';
  return here === document.body || here.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING ? 'on' : 'back';
"""


class Hand:
    """What all ways share. browser: Browser or Firefox."""

    def __init__(self, browser):
        self.browser = browser

    def place(self, selector, part=0.5):
        seen = [None]

        def is_there():  # and rests: the dial may be on its way to what is on air
            seen.append(self.browser.run(PLACE, selector, part))
            return seen[-1] is not None and seen[-1] == seen[-2]

        self.browser.wait(f"{selector} can be reached", is_there, 20)
        return seen[-1]

    def press(self, selector):
        self.hold(selector, 0)

    def queue(self, selector):
        self.hold(selector, LONG)


class Mouse(Hand):
    name = "mouse"

    def hold(self, selector, seconds, part=0.5):
        x, y = self.place(selector, part)
        self.browser.act({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [
            {"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0},
            {"type": "pause", "duration": int(seconds * 1000)}, {"type": "pointerUp", "button": 0}]})

    def slide(self, selector):
        self.hold(selector, 0, 0.3)

    def close(self, sheet):
        self.press(f"{sheet} .close")


class Touch(Mouse):
    """By touch events as a phone's screen makes them; Chromium alone."""
    name = "touch"

    def command(self, name, **parameters):
        return self.browser.call("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def hold(self, selector, seconds, part=0.5):
        x, y = self.place(selector, part)
        self.command("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        time.sleep(seconds)  # a finger that rests
        self.command("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


class Keyboard(Hand):
    name = "keyboard"

    def key(self, *keys):
        downs = [{"type": "keyDown", "value": key} for key in keys]
        self.browser.act({"type": "key", "id": "keyboard",
                          "actions": downs + [{"type": "keyUp", "value": key} for key in reversed(keys)]})

    def go_to(self, selector):
        for _ in range(MOST_TABS):
            way = self.browser.run(WAY, selector)
            if way == "there":
                return
            self.key(*{"arrow": [RIGHT], "on": [TAB], "back": [SHIFT, TAB]}[way])
        raise AssertionError(f"{selector} is not reached by Tab")

    def hold(self, selector, seconds):
        self.go_to(selector)
        kind = self.browser.run("return document.activeElement.type")
        if kind == "checkbox":
            self.key(" ")
        elif kind != "radio":  # the arrows have chosen that
            self.key(*([SHIFT, ENTER] if seconds else [ENTER]))

    def slide(self, selector):
        self.go_to(selector)
        self.key(LEFT)

    def close(self, sheet):
        self.key(ESCAPE)
