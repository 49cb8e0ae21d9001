"""A headless Chromium that tests drive over its debugging pipe: one browser for all, a fresh tab for each page."""

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from base64 import b64decode

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WHY_NOT = "needs Debian's package chromium"
_KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), " ": (32, " "), "Escape": (27, "")}


class Browser:
    """Speaks the DevTools protocol: JSON messages that end with a NUL byte, on descriptors 3 and 4 of the browser."""

    def __init__(self, profile):
        from_here, to_browser = os.pipe()
        from_browser, to_here = os.pipe()
        # Above 4, so that putting one in its place does not close the other.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (from_here, to_here)]

        def place():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self._process = subprocess.Popen(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--hide-scrollbars",
             f"--user-data-dir={profile}", "--remote-debugging-pipe"],
            pass_fds=(3, 4), preexec_fn=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for end in (from_here, to_here, *ends):
            os.close(end)
        self._out, self._in, self._rest, self._number, self.events = to_browser, from_browser, b"", 0, []

    def close(self):
        for end in (self._out, self._in):
            os.close(end)
        self._process.terminate()
        self._process.wait(30)

    def send(self, method, session=None, **parameters):
        """A command and its answer; events that come meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        text = json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0"
        while text:
            text = text[os.write(self._out, text) :]
        while (answer := self._receive()).get("id") != self._number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def wait(self, method, session):
        """Until an event of that name comes, or has come."""
        while not any(event.get("method") == method and event.get("sessionId") == session for event in self.events):
            self.events.append(self._receive())

    def _receive(self, patience=60):
        until = time.monotonic() + patience
        while b"\0" not in self._rest:
            if not select.select([self._in], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError(f"the browser said nothing for {patience} seconds")
            got = os.read(self._in, 1 << 20)
            if not got:
                raise RuntimeError("the browser is gone")
            self._rest += got
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, path, *, width=1280, height=900, dark=False, scripts=True, media=""):
        """A page in a tab of its own, loaded."""
        return Tab(self, path.as_uri(), width, height, dark, scripts, media)


class Tab:
    """A loaded page: ``messages`` is what its console said, ``requests`` what it asked for beyond itself."""

    def __init__(self, browser, address, width, height, dark, scripts, media):
        self._browser = browser
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        self._target = target
        self._session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        browser.events.clear()
        self.send("Page.navigate", url=address)
        browser.wait("Page.loadEventFired", self._session)
        self._address = address

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._browser.send("Target.closeTarget", targetId=self._target)

    def send(self, method, **parameters):
        return self._browser.send(method, self._session, **parameters)

    def run(self, script):
        """The value of an expression in the page, promises awaited; tools may run where the page's scripts may not."""
        done = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(str(done["exceptionDetails"])[:600])
        return done["result"].get("value")

    def press(self, key):
        code, text = _KEYS.get(key, (0, key))
        named = {"key": key, "windowsVirtualKeyCode": code, **({"text": text} if text else {})}
        self.send("Input.dispatchKeyEvent", type="keyDown", **named)
        self.send("Input.dispatchKeyEvent", type="keyUp", **named)

    def type(self, text):
        self.send("Input.insertText", text=text)

    def _seen(self, method):
        events = self._browser.events
        return [e["params"] for e in events if e.get("method") == method and e.get("sessionId") == self._session]

    @property
    def messages(self):
        said = [entry["entry"]["text"] for entry in self._seen("Log.entryAdded")]
        said += [str(call["args"]) for call in self._seen("Runtime.consoleAPICalled")]
        return said + [str(error["exceptionDetails"]) for error in self._seen("Runtime.exceptionThrown")]

    @property
    def requests(self):
        asked = [sent["request"]["url"] for sent in self._seen("Network.requestWillBeSent")]
        return [
            url for url in asked if url.split("#")[0] != self._address.split("#")[0] and not url.startswith("data:")
        ]

    def screenshot(self, path, *, whole=True):
        """The page as PNG."""
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(b64decode(shot["data"]))

    def pdf(self):
        return b64decode(self.send("Page.printToPDF", preferCSSPageSize=True)["data"])
