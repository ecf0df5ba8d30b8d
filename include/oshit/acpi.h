/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI's static tables, read from bytes.  The firmware is not trusted: nothing outside of the
 * given bytes is looked at, lengths and checksums are verified, and a field that a table is too
 * short to have is 0, as the specification wants for tables of older revisions.
 *
 * Who has the RSDP walks the tables with acpi_walk_tables(), which calls back for each good one,
 * and takes what it needs out of them with the other functions.  All of them may be called in any
 * context, touch no state and return 0 or -EINVAL unless said otherwise.
 */
#ifndef OSHIT_ACPI_H
#define OSHIT_ACPI_H

#include <oshit/types.h>

#define ACPI_RSDP_V1_LEN 20
#define ACPI_RSDP_LEN	 36
#define ACPI_HEADER_LEN	 36

struct acpi_rsdp {
	u8 revision; /* 0: ACPI 1.0, no xsdt */
	char oem[7];
	phys_addr_t rsdt; /* 0: none */
	phys_addr_t xsdt; /* 0: none */
};

struct acpi_table { /* its header, checked, and its bytes */
	char signature[5];
	char oem[7];
	char oem_table[9];
	u8 revision;
	const u8 *data; /* with the header */
	size_t len;
};

/* A register somewhere: "generic address structure". */
struct acpi_register {
	u8 space; /* enum acpi_space */
	u8 width; /* bits; 0: unknown */
	u8 offset; /* bits */
	u8 access; /* 1..4: byte to quad word, 0: as wide as width says */
	u64 address; /* 0: there is no such register */
};

enum acpi_space { ACPI_SPACE_MEMORY = 0, ACPI_SPACE_IO = 1, ACPI_SPACE_PCI = 2 };

/* @len bytes at @buf. */
int acpi_parse_rsdp(const void *buf, size_t len, struct acpi_rsdp *rsdp);
/* Looks at each 16th byte of a stretch of memory; the RSDP's place, or NULL. */
const void *acpi_scan_rsdp(const void *mem, size_t len);
/* Checks length and checksum of a table; @len may be more than the table has. */
int acpi_parse_table(const void *buf, size_t len, struct acpi_table *table);

struct acpi_walk { /* embedded in what the callbacks need */
	/* @len bytes of physical memory, or NULL.  They must stay for as long as the caller of
	 * acpi_walk_tables() uses the tables. */
	const void *(*map)(struct acpi_walk *walk, phys_addr_t addr, size_t len);
	/* A good table. */
	void (*found)(struct acpi_walk *walk, phys_addr_t addr, const struct acpi_table *table);
	/* A table that cannot be used, and why in words. */
	void (*bad)(struct acpi_walk *walk, phys_addr_t addr, const char *why);
};

/* Walks the XSDT, or the RSDT if there is none or it is bad, then all tables in it in their order;
 * the DSDT comes after the FADT.  -ENOENT if there is no usable root table. */
int acpi_walk_tables(struct acpi_walk *walk, const struct acpi_rsdp *rsdp);

struct acpi_fadt {
	phys_addr_t dsdt; /* 0: none */
	struct acpi_register pm1a_control; /* for SLP_TYP and SLP_EN */
	struct acpi_register pm1b_control;
	struct acpi_register pm_timer;
	struct acpi_register reset;
	u8 reset_value;
	bool has_reset; /* the firmware says that the reset register works */
	bool pm_timer_32bit; /* else 24 */
	bool hardware_reduced; /* no PM1 registers */
	bool has_i8042; /* all machines of revision 1 and 2 have one */
	bool has_vga;
	bool has_cmos_rtc;
	u16 sci_irq;
	u32 smi_command; /* I/O port; 0: always in ACPI mode */
	u8 acpi_enable; /* to be written to it */
	u8 century; /* register in the CMOS, 0: none */
};

int acpi_parse_fadt(const struct acpi_table *table, struct acpi_fadt *fadt);

/* Sleep type values that mean "off", from the DSDT's (or an SSDT's) object \_S5. */
int acpi_parse_s5(const struct acpi_table *table, u8 *sleep_type_a, u8 *sleep_type_b);

struct acpi_madt {
	u32 lapic_address;
	bool has_8259; /* to be masked */
};

enum acpi_madt_type {
	ACPI_MADT_LAPIC = 0,
	ACPI_MADT_IOAPIC = 1,
	ACPI_MADT_OVERRIDE = 2,
	ACPI_MADT_LAPIC_NMI = 4,
	ACPI_MADT_LAPIC_ADDRESS = 5,
	ACPI_MADT_X2APIC = 9,
	ACPI_MADT_X2APIC_NMI = 10,
};

struct acpi_madt_entry {
	u8 type; /* enum acpi_madt_type, or one that we do not know: nothing else is set then */
	union {
		struct { /* LAPIC, X2APIC */
			u32 apic_id;
			u32 processor_uid;
			bool enabled;
			bool online_capable; /* off, but can be switched on */
		} cpu;
		struct { /* IOAPIC */
			u8 id;
			u32 address;
			u32 gsi_base;
		} ioapic;
		struct { /* OVERRIDE: ISA interrupt @source arrives as @gsi */
			u8 source;
			u32 gsi;
			u16 flags; /* MPS INTI: bits 0-1 polarity, bits 2-3 trigger mode */
		} override;
		struct { /* LAPIC_NMI, X2APIC_NMI */
			u32 processor_uid; /* ~0: all */
			u16 flags;
			u8 lint; /* 0 or 1 */
		} nmi;
		u64 lapic_address; /* LAPIC_ADDRESS */
	};
};

int acpi_parse_madt(const struct acpi_table *table, struct acpi_madt *madt);
/* The entry at *@pos, which starts as 0 and is moved on. 1, 0 at the end, -EINVAL. */
int acpi_madt_next(const struct acpi_table *table, size_t *pos, struct acpi_madt_entry *entry);

struct acpi_hpet {
	struct acpi_register address;
	u32 id; /* as the device's own ID register */
	u8 number;
	u16 min_tick; /* least period of a periodic timer, in ticks */
};

int acpi_parse_hpet(const struct acpi_table *table, struct acpi_hpet *hpet);

struct acpi_ecam { /* PCI configuration space in memory, 1 MiB a bus */
	phys_addr_t base; /* of bus 0, even if first_bus is another */
	u16 segment;
	u8 first_bus, last_bus;
};

/* As acpi_madt_next(), over the entries of an MCFG. */
int acpi_mcfg_next(const struct acpi_table *table, size_t *pos, struct acpi_ecam *ecam);

#endif
