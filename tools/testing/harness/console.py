# SPDX-License-Identifier: GPL-2.0-only
"""The far end of a serial line: collects what the machine prints, waits for patterns, types."""

import os
import re
import select

ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>c78]")


# The last words of a machine that neither goes on nor ends.
HALTED = re.compile(r"^(?:\[.*\] )?reboot: system halted$", re.MULTILINE)


class Timeout(Exception):
    """The machine did not print in time what was waited for."""


class Closed(Exception):
    """The machine is gone."""


class Console:
    """`text` is all output so far, without carriage returns and escape sequences."""

    def __init__(self, read_fd, write_fd, log=None):
        self.read_fd = read_fd
        self.write_fd = write_fd
        self.log = log
        self.raw = b""
        self.text = ""
        self.position = 0       # in text; expect() looks from here on
        self.closed = False

    def pump(self, seconds):
        """Takes in what comes within @seconds; False if nothing did."""
        ready, _, _ = select.select([self.read_fd], [], [], max(0, seconds))
        if not ready:
            return False
        data = os.read(self.read_fd, 65536)
        if not data:
            self.closed = True
            return False
        if self.log:
            self.log.write(data)
            self.log.flush()
        self.raw += data
        self.text = ESCAPE.sub(b"", self.raw).replace(b"\r", b"").decode("utf-8", "replace")
        return True

    def expect(self, pattern, seconds_left):
        """Waits for @pattern after the place where the last one ended; as long as @seconds_left()
        says."""
        regex = re.compile(pattern, re.MULTILINE)
        while True:
            match = regex.search(self.text, self.position)
            if match:
                self.position = match.end()
                return match
            if self.closed:
                raise Closed(f"the machine ended while waiting for /{pattern}/")
            if HALTED.search(self.text):
                raise Closed(f"the machine halted while waiting for /{pattern}/")
            left = seconds_left()
            if left <= 0:
                raise Timeout(f"/{pattern}/ did not appear")
            self.pump(left)

    def drain(self, seconds_left):
        """Reads until the machine closes the line; False if it halts or hangs."""
        while not self.closed:
            left = seconds_left()
            if left <= 0 or HALTED.search(self.text):
                return False
            self.pump(left)
        return True

    def send(self, text):
        """Types @text; the emulated UART takes it in as the machine reads."""
        os.write(self.write_fd, text.encode())

    def lines(self):
        return self.text.split("\n")
