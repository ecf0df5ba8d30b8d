# SPDX-License-Identifier: GPL-2.0-only
"""Commands for gdb on a kernel that runs in QEMU (make qemu-gdb):

    gdb -x scripts/gdb/oshit.py -ex 'target remote :1234' build/vmoshit

oshit-log               the kernel log, even when no console works
oshit-tasks             the tasks, and where each stands
oshit-pgtable ADDRESS   the page-table entries that translate an address
oshit-percpu VARIABLE   the copies of a per-CPU variable

They read memory only; nothing in the kernel runs or changes.
"""

import re
import struct

import gdb

ENTRY_FLAGS = (
    (0, "present"), (1, "write"), (2, "user"), (3, "write-through"), (4, "no-cache"),
    (5, "accessed"), (6, "dirty"), (7, "large"), (8, "global"), (63, "no-execute"),
)
LEVELS = (("PGD", 39), ("PUD", 30), ("PMD", 21), ("PTE", 12))
ADDRESS_BITS = 0x000FFFFFFFFFF000


def read_memory(addr, size):
    """Bytes of the kernel's memory."""
    return gdb.selected_inferior().read_memory(addr, size).tobytes()


def read_physical(addr):
    """Eight bytes at a physical address, which QEMU's monitor can read."""
    text = gdb.execute(f"monitor xp /1gx {addr:#x}", to_string=True)
    match = re.search(r": (0x[0-9a-f]+)", text)
    if not match:
        raise gdb.GdbError(f"cannot read physical memory at {addr:#x}: {text.strip()}")
    return int(match.group(1), 16)


def evaluate(expression, what):
    """A value, or an error that says what this kernel has not got."""
    try:
        return gdb.parse_and_eval(expression)
    except gdb.error as error:
        raise gdb.GdbError(f"this kernel has no {what} ({error})") from error


class Command(gdb.Command):
    """A command named like its class says, with the docstring as its help."""

    def __init__(self):
        super().__init__(self.name, gdb.COMMAND_DATA)


class Log(Command):
    """oshit-log: print the kernel log"""

    name = "oshit-log"

    def invoke(self, _argument, _from_tty):
        ring = evaluate("'printk.c'::ring", "log ring")
        nr_slots = ring.type.range()[1] + 1
        slot_size = ring[0].type.sizeof
        head = int(evaluate("'printk.c'::ring_head", "log ring"))
        slots = read_memory(int(ring.address), nr_slots * slot_size)
        pos = max(0, head - nr_slots)
        while pos < head:
            pos += self.print_record(slots, pos, nr_slots, slot_size)

    @staticmethod
    def slot(slots, pos, nr_slots, slot_size):
        """Stamp and data of the slot at a position; see kernel/printk.c."""
        raw = slots[pos % nr_slots * slot_size:][:slot_size]
        return struct.unpack("<Q", raw[:8])[0], raw[8:]

    def print_record(self, slots, pos, nr_slots, slot_size):
        """Prints the record at a position, if one begins there. Returns its number of slots."""
        stamp, data = self.slot(slots, pos, nr_slots, slot_size)
        if stamp != 2 * pos + 3:
            return 1
        time_ns, length, _level, count, _cpu = struct.unpack("<QHBBI", data[:16])
        for i in range(1, count):
            data += self.slot(slots, pos + i, nr_slots, slot_size)[1]
        text = data[16:16 + length].decode(errors="replace").rstrip("\n")
        print(f"[{time_ns // 10**9:5d}.{time_ns // 1000 % 10**6:06d}] {text}")
        return max(count, 1)


class Tasks(Command):
    """oshit-tasks: list the tasks"""

    name = "oshit-tasks"

    def invoke(self, _argument, _from_tty):
        raise gdb.GdbError("no tasks yet: each CPU runs one thread, see `info threads`")


class PageTable(Command):
    """oshit-pgtable ADDRESS: show how the present page tables translate an address"""

    name = "oshit-pgtable"

    def invoke(self, argument, _from_tty):
        if not argument:
            raise gdb.GdbError("usage: oshit-pgtable ADDRESS")
        addr = int(gdb.parse_and_eval(argument)) & (2**64 - 1)
        table = int(gdb.parse_and_eval("(unsigned long)$cr3")) & ADDRESS_BITS
        for name, shift in LEVELS:
            index = addr >> shift & 511
            entry = read_physical(table + 8 * index)
            flags = [text for bit, text in ENTRY_FLAGS if entry >> bit & 1]
            print(f"{name}[{index:3d}] at {table + 8 * index:#014x} = {entry:#018x}", *flags)
            if not entry & 1:
                print(f"{addr:#x} is not mapped")
                return
            if name == "PTE" or entry & 0x80 and name != "PGD":
                offset = addr & (1 << shift) - 1
                print(f"{addr:#x} is physical {(entry & ADDRESS_BITS & -(1 << shift)) + offset:#x}")
                return
            table = entry & ADDRESS_BITS


class PerCpu(Command):
    """oshit-percpu VARIABLE: print each CPU's copy of a per-CPU variable"""

    name = "oshit-percpu"

    def invoke(self, argument, _from_tty):
        if not argument:
            raise gdb.GdbError("usage: oshit-percpu VARIABLE")
        offsets = evaluate("percpu_offset", "per-CPU areas")
        variable = evaluate(argument, f"variable {argument}")
        for cpu in range(offsets.type.range()[1] + 1):
            offset = int(offsets[cpu])
            if cpu and not offset:
                continue
            addr = int(variable.address) + offset & (2**64 - 1)
            copy = gdb.Value(addr).cast(variable.type.pointer()).dereference()
            print(f"cpu {cpu} at {addr:#x}: {copy}")


for command in (Log, Tasks, PageTable, PerCpu):
    command()
