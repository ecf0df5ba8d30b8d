#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the seeds of the fuzz targets: seeds.py OUT makes OUT/TARGET/NAME."""

import pathlib
import struct
import sys
import zlib


def cpio_entry(name, data=b"", mode=0o100644, magic="070701", checksum=0):
    fields = (7, mode, 0, 0, 1, 0, len(data), 8, 1, 0, 0, len(name) + 1, checksum)
    entry = (magic + "".join(f"{field:08x}" for field in fields)).encode() + name.encode() + b"\0"
    entry += bytes(-len(entry) % 4) + data
    return entry + bytes(-len(entry) % 4)


def cpio_seeds():
    trailer = cpio_entry("TRAILER!!!", mode=0)
    yield "empty", trailer
    yield "files", cpio_entry("etc/motd", b"hello\n") + cpio_entry("dir", mode=0o40755) + trailer
    yield "two", (cpio_entry("a", b"1") + trailer + bytes(64)) * 2
    yield "crc", cpio_entry("sum", b"abc", magic="070702", checksum=sum(b"abc")) + trailer


def elf_seeds():
    def program(kind, *headers):
        ident = b"\x7fELF\2\1\1" + bytes(9)
        head = struct.pack("<HHIQQQIHHHHHH", kind, 62, 1, 0x401000, 64, 0, 0, 64, 56, len(headers),
                           0, 0, 0)
        return ident + head + b"".join(struct.pack("<IIQQQQQQ", *h) for h in headers)

    text = (1, 5, 0, 0x400000, 0, 0x1800, 0x1800, 0x1000)
    data = (1, 6, 0x1800, 0x402800, 0, 0x300, 0x2000, 0x200000)
    yield "fixed", program(2, text, data, (0x6474e551, 6, 0, 0, 0, 0, 0, 16))
    yield "dynamic", program(3, (3, 4, 0x318, 0x318, 0, 28, 28, 1), text, data)
    yield "high", program(3, (1, 6, 0, 0x7fffffffe000, 0, 0x1000, 0x1000, 1 << 63))


def exec_stack_seeds():
    strings = b"/bin/sh\0-c\0echo $HOME\0HOME=/root\0PATH=/bin:/sbin\0TERM=linux\0"
    yield "usual", bytes((3, 3, 20, 17)) + strings
    yield "empty", bytes(4)
    yield "no_end", bytes((4, 3, 1, 0)) + strings + b"LANG=C"
    yield "empty_strings", bytes((30, 29, 59, 255)) + bytes(60)


def cmdline_seeds():
    yield "usual", b"console=ttyS0 quiet loglevel=7 init=/bin/sh -- -l"
    yield "quotes", b'a="b c" "d=e f" "g h" i="j" k=l"m n"o "'
    yield "odd", b"= =x x= -- --= \t\n\"\" a=\"\""


def kstrtox_seeds():
    for i, text in enumerate(("0", "18446744073709551615", "0xfFfF", "-9223372036854775808",
                              "0777\n", "64M", "15E@0x10", "yes", "off\n", "+12", "0x")):
        yield f"number{i}", text.encode()


def printf_seeds():
    for i, text in enumerate(("%d %5u %-8x|%#o", "%s %.3s %*c %%", "%+ld % lld %hhd %zu",
                              "%pS %ps %pe %p", "%0*.*lx", "%n %y", "%", "%-+ #0100.50ju")):
        yield f"format{i}", text.encode()


def acpi_table(signature, body, revision=3):
    header = struct.pack("<4sIBB6s8sI4sI", signature, 36 + len(body), revision, 0,
                         b"OSHIT ", b"FUZZ    ", 1, b"FUZZ", 1)
    table = bytearray(header + body)
    table[9] = -sum(table) & 0xff
    return bytes(table)


def acpi_machine():
    """RSDP at 0, XSDT at 64, then the tables it names, in physical memory from 0 on."""
    madt = acpi_table(b"APIC", struct.pack("<II", 0xfee00000, 1)
                      + bytes((0, 8, 0, 0, 1, 0, 0, 0)) + bytes((1, 12)) + bytes(10)
                      + bytes((2, 10, 0, 0, 2, 0, 0, 0, 5, 0)) + bytes((4, 6, 255, 0, 0, 1))
                      + bytes((5, 12)) + bytes(10) + bytes((9, 16)) + bytes(14)
                      + bytes((10, 12)) + bytes(10))
    hpet = acpi_table(b"HPET", struct.pack("<IBBBBQBHB", 0x8086a201, 0, 64, 0, 0, 0xfed00000,
                                           0, 128, 0))
    mcfg = acpi_table(b"MCFG", bytes(8) + struct.pack("<QHBBI", 0xb0000000, 0, 0, 255, 0))
    dsdt = acpi_table(b"DSDT", b"\x08_S5_\x12\x06\x04\x0a\x05\x0a\x06\x00\x00")
    places, at = [], 256
    for table in (dsdt, madt, hpet, mcfg):
        places.append((at, table))
        at += len(table) + 15 & ~15
    fadt = bytearray(208)
    struct.pack_into("<I", fadt, 40 - 36, places[0][0])
    places.append((at, acpi_table(b"FACP", bytes(fadt))))
    xsdt = acpi_table(b"XSDT", b"".join(struct.pack("<Q", place) for place, _ in places[1:]))
    rsdp = b"RSD PTR \0OSHIT \2" + struct.pack("<IIQB3x", 64, 36, 64, 0)
    memory = bytearray(at + 512)
    for place, table in [(0, rsdp), (64, xsdt)] + places:
        memory[place:place + len(table)] = table
    return bytes(memory)


def acpi_seeds():
    yield "machine", acpi_machine()


def memblock_seeds():
    calls = ((0, 30, 0, 4, 9), (0x40, 8, 16, 255, 0), (3, 1, 200, 99, 0), (2, 0, 40, 7, 0),
             (6, 12, 0, 200, 60000), (4, 0, 210, 5, 0), (7, 4, 0, 1, 900), (5, 16, 0, 0, 77))
    yield "usual", b"".join(struct.pack("<BBHHH", *call) for call in calls * 3)


def hrtimer_seeds():
    calls = [(i * 7 % 256, i * 5 % 256, i * 11 % 97) for i in range(200)]
    yield "mixed", b"".join(struct.pack("<BBB", *call) for call in calls)


def mm_seeds():
    calls = [(i * 7 % 32, i * 37 % 256, i * 1009 % 65536) for i in range(200)]
    yield "mixed", b"".join(struct.pack("<BBH", *call) for call in calls)


def pgwalk_seeds():
    calls = ((0, 3, 0, 512), (1, 4, 100, 7), (1, 1, 0, 512), (0, 4, 512, 300), (0, 4, 812, 212),
             (0, 0x91, 1024, 300), (2, 0, 500, 40), (0, 0xa1, 1300, 200), (1, 6, 0, 1536))
    yield "usual", b"".join(struct.pack("<BBHH", what, how, first, nr - 1)
                            for what, how, first, nr in calls)


def vma_seeds():
    calls = ((0, 0, 10, 40), (2, 1, 20, 5), (3, 2, 0, 255), (0, 0x80, 60, 3), (1, 0, 30, 2),
             (0, 0, 50, 9), (3, 0x35, 0, 200), (2, 0, 0, 255), (0, 0, 49, 0))
    yield "usual", b"".join(bytes(call) for call in calls)
    yield "full", b"".join(bytes((i % 3 != 2 and 0, i, i * 7 % 256, i * 5 % 30)) for i in range(90))


def vmalloc_seeds():
    for seed in range(4):
        yield f"mixed{seed}", b"".join(struct.pack("<I", (seed * 99 + i) * 2654435761 & 0xffffffff)
                                       for i in range(30))


def mbr_sector(*entries):
    table = b"".join(struct.pack("<4xB3xII", *entry) for entry in entries)
    return bytes(446) + table + bytes(64 - len(table)) + b"\x55\xaa"


def gpt_disk():
    """40 sectors: MBR, header, 4 entries in one sector; the copies at the end."""
    array = b"".join(b"\x11" * 32 + struct.pack("<QQ80x", *span) for span in ((8, 9), (10, 20)))
    array += bytes(512 - len(array))

    def header(own, other, entries):
        fields = [b"EFI PART", 0x10000, 92, 0, 0, own, other, 6, 35, bytes(16), entries, 4, 128,
                  zlib.crc32(array)]
        layout = "<8sIIIIQQQQ16sQIII"
        fields[3] = zlib.crc32(struct.pack(layout, *fields))
        return struct.pack(layout, *fields) + bytes(420)

    return (mbr_sector((0xee, 1, 39)) + header(1, 39, 2) + array + bytes(35 * 512) + array +
            header(39, 1, 38))


def partition_seeds():
    empty = bytes(512)
    yield "mbr", mbr_sector((0x83, 1, 2), (0x82, 3, 1)) + empty * 4
    chain = [mbr_sector((0x83, 1, 1), (0x05, 2, 9))] + [empty] * 11
    chain[2] = mbr_sector((0x83, 1, 2), (0x05, 4, 3))
    chain[6] = mbr_sector((0x83, 1, 2), (0x05, 6, 2))
    chain[8] = mbr_sector((0x83, 1, 2), (0x05, 6, 2))
    yield "chain", b"".join(chain)
    disk = gpt_disk()
    yield "gpt", disk
    yield "gpt-copy", disk[:512] + b"damaged!" + disk[520:]


SEEDS = {"acpi": acpi_seeds, "cmdline": cmdline_seeds, "cpio": cpio_seeds, "elf": elf_seeds,
         "exec_stack": exec_stack_seeds, "hrtimer": hrtimer_seeds, "kstrtox": kstrtox_seeds,
         "memblock": memblock_seeds, "partition": partition_seeds,
         "mm": mm_seeds, "pgwalk": pgwalk_seeds, "printf": printf_seeds,
         "vma": vma_seeds, "vmalloc": vmalloc_seeds}


def main():
    for target, seeds in SEEDS.items():
        folder = pathlib.Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in seeds():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
