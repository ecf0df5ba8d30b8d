#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Starts QEMU with the serial port on this terminal; the arguments go to QEMU.
#
#	QEMU_SMP=n		CPUs (1)
#	QEMU_MEM=size		memory (512M)
#	QEMU_ACCEL=kvm|tcg	instead of looking for KVM
#	QEMU_APPEND=text	kernel command line, with -kernel
#	QEMU_FIRMWARE=bios|uefi	for -cdrom (bios)
#	QEMU_SWAP=file		a disk (ide.0) that is this file
#	QEMU_EXTRA=options	more options of QEMU
#	QEMU=program		(qemu-system-x86_64)

set -eu

# A /dev/kvm that opens proves nothing: in a virtual machine it may be there and not work.
kvm_is_usable()
{
	[ -r /dev/kvm ] && [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo
}

if [ -n "${QEMU_ACCEL:-}" ]; then
	accel=$QEMU_ACCEL
elif kvm_is_usable; then
	accel=kvm
else
	accel=tcg,thread=multi
fi

uefi_firmware()
{
	for file in /usr/share/OVMF/OVMF_CODE.fd /usr/share/ovmf/OVMF.fd; do
		[ -e "$file" ] && { echo "$file"; return; }
	done
	echo "qemu.sh: no UEFI firmware; the package ovmf has it" >&2
	exit 1
}

if [ "${QEMU_FIRMWARE:-bios}" = uefi ]; then
	firmware=$(uefi_firmware)
	set -- -drive "if=pflash,format=raw,unit=0,readonly=on,file=$firmware" "$@"
fi
if [ -n "${QEMU_SWAP:-}" ]; then
	set -- -drive "if=none,id=swap,format=raw,file=$QEMU_SWAP" -device ide-hd,drive=swap,bus=ide.0 "$@"
fi
case " $* " in
*' -kernel '*)	set -- "$@" -append "console=ttyS0 ${QEMU_APPEND:-}" ;;
esac

echo "Leave with Ctrl-A X"
# shellcheck disable=SC2086 # QEMU_EXTRA is a list of words
exec "${QEMU:-qemu-system-x86_64}" -machine q35 -accel "$accel" -cpu max \
	-smp "${QEMU_SMP:-1}" -m "${QEMU_MEM:-512M}" -nic none \
	-display none -serial mon:stdio "$@" ${QEMU_EXTRA:-}
