# SPDX-License-Identifier: GPL-2.0-only
"""QEMU's machine protocol, as much as the harness needs: commands, and why the machine ended."""

import json
import os
import queue
import select
import socket
import tempfile
import threading
import time


class Qmp:
    """A listening socket that QEMU connects to; it starts stopped, so that no event is lost. A
    thread reads what comes: a disk that fails sends more events than the socket holds."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="oshit-qmp-")
        self.path = os.path.join(self.folder, "qmp")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.stream = None
        self.events = []
        self.answers = queue.Queue()    # None: the end
        self.timeout = 0
        self.reader = None

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
        self.timeout = timeout
        self.stream = connection.makefile("rw", encoding="utf-8")
        self.stream.readline()          # the greeting
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.command("qmp_capabilities")

    def read(self):
        try:
            for line in self.stream:
                answer = json.loads(line)
                if "event" in answer:
                    self.events.append(answer)
                else:
                    self.answers.put(answer)
        except (OSError, ValueError):
            pass
        self.answers.put(None)

    def command(self, name, **arguments):
        message = {"execute": name}
        if arguments:
            message["arguments"] = arguments
        self.stream.write(json.dumps(message) + "\n")
        self.stream.flush()
        try:
            answer = self.answers.get(timeout=self.timeout)
        except queue.Empty:
            answer = None
        if not answer:
            raise ConnectionError(f"no answer to {name}")
        if "error" in answer:
            raise RuntimeError(f"{name}: {answer['error']['desc']}")
        return answer["return"]

    def drain(self):
        """Takes in the events that came since, up to the end of the machine."""
        self.reader.join(self.timeout)

    def shutdown_reason(self):
        for event in self.events:
            if event["event"] == "SHUTDOWN":
                return event["data"].get("reason", "unknown")
        return None

    def close(self):
        if self.reader:
            self.reader.join(self.timeout)      # the emulator has ended
        if self.stream:
            self.stream.close()
        self.listener.close()
        os.unlink(self.path)
        os.rmdir(self.folder)
