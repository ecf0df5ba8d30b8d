#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes an ISO image that GRUB starts, on BIOS and UEFI, by Multiboot2.
#
#	make-iso.sh VMOSHIT ISO		QEMU_APPEND is the kernel's command line

set -eu

kernel=$1
iso=$2
root=$(dirname "$iso")/.iso

rm -rf "$root"
mkdir -p "$root/boot/grub"
cp "$kernel" "$root/boot/vmoshit"
cat > "$root/boot/grub/grub.cfg" <<END
serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
set timeout_style=hidden
set timeout=0
menuentry "OShit" {
	multiboot2 /boot/vmoshit console=ttyS0 ${QEMU_APPEND:-}
	boot
}
END
if ! grub-mkrescue -o "$iso.tmp" "$root" >"$root.log" 2>&1; then
	cat "$root.log" >&2
	rm -f "$iso.tmp"
	exit 1
fi
mv "$iso.tmp" "$iso"
rm -rf "$root" "$root.log"
