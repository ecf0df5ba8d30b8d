# SPDX-License-Identifier: GPL-2.0-only
"""QEMU's machine protocol, as much as the harness needs: commands, and why the machine ended."""

import json
import os
import select
import socket
import tempfile
import time


class Qmp:
    """A listening socket that QEMU connects to; it starts stopped, so that no event is lost."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="oshit-qmp-")
        self.path = os.path.join(self.folder, "qmp")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.stream = None
        self.events = []

    def arguments(self):
        return ["-qmp", f"unix:{self.path}", "-S"]

    def accept(self, process, timeout):
        """Waits for QEMU, which may have ended already because of a bad argument."""
        ready = []
        deadline = time.monotonic() + timeout
        while not ready:
            if process.poll() is not None or time.monotonic() > deadline:
                raise ConnectionError("no connection")
            ready, _, _ = select.select([self.listener], [], [], 0.05)
        connection, _ = self.listener.accept()
        connection.settimeout(timeout)
        self.stream = connection.makefile("rw", encoding="utf-8")
        self.stream.readline()          # the greeting
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        message = {"execute": name}
        if arguments:
            message["arguments"] = arguments
        self.stream.write(json.dumps(message) + "\n")
        self.stream.flush()
        while True:
            line = self.stream.readline()
            if not line:
                raise ConnectionError(f"no answer to {name}")
            answer = json.loads(line)
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{name}: {answer['error']['desc']}")
            else:
                return answer["return"]

    def drain(self):
        """Takes in the events that came since, up to the end of the machine."""
        try:
            for line in self.stream:
                answer = json.loads(line)
                if "event" in answer:
                    self.events.append(answer)
        except (OSError, ValueError):
            pass

    def shutdown_reason(self):
        for event in self.events:
            if event["event"] == "SHUTDOWN":
                return event["data"].get("reason", "unknown")
        return None

    def close(self):
        if self.stream:
            self.stream.close()
        self.listener.close()
        os.unlink(self.path)
        os.rmdir(self.folder)
