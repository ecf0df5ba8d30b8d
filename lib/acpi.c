/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI's static tables, read from bytes (ACPI specification 6.4, chapter 5; the HPET and MCFG
 * tables from their own).  All reading goes through field(), which knows the table's length and
 * gives 0 for what lies beyond, so no offset needs a check of its own; numbers are put together
 * from bytes, because nothing is aligned.
 *
 * AML is not interpreted: \_S5 is found by its encoding, the name, a package and its first two
 * integers, which is how firmware writes it.
 *
 * Mapping memory, keeping tables and using what they say is the caller's.  Any context; no state.
 */
#include <linux/errno.h>

#include <oshit/acpi.h>
#include <oshit/bitops.h>
#include <oshit/math.h>
#include <oshit/sizes.h>
#include <oshit/string.h>

#define TABLE_MAX	      MIB(16) /* a longer one is junk; real ones have some 100 KiB */

#define FADT_RESET_SUPPORTED  BIT(10)
#define FADT_TIMER_32BIT      BIT(8)
#define FADT_HARDWARE_REDUCED BIT(20)
#define FADT_BOOT_I8042	      BIT(1)
#define FADT_BOOT_NO_VGA      BIT(2)
#define FADT_BOOT_NO_RTC      BIT(5)
#define MADT_HAS_8259	      BIT(0)
#define CPU_ENABLED	      BIT(0)
#define CPU_ONLINE_CAPABLE    BIT(1)

#define MADT_FIRST_ENTRY      (ACPI_HEADER_LEN + 8)
#define MCFG_FIRST_ENTRY      (ACPI_HEADER_LEN + 8)
#define MCFG_ENTRY_LEN	      16
#define FADT_MIN_LEN	      116 /* revision 1 */
#define HPET_LEN	      56

/* A little-endian number of @size bytes. */
static u64 number(const u8 *bytes, size_t size)
{
	u64 value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

static u64 field(const struct acpi_table *table, size_t offset, size_t size)
{
	if (offset > table->len || size > table->len - offset)
		return 0;
	return number(table->data + offset, size);
}

/* Bytes of a good table or RSDP add up to 0. */
static bool checksum_ok(const u8 *bytes, size_t len)
{
	u8 sum = 0;

	while (len--)
		sum += *bytes++;
	return sum == 0;
}

/* Text of fixed length without a 0, padded with blanks; what is not printable becomes `?`. */
static void copy_text(char *dst, const u8 *src, size_t len)
{
	for (size_t i = 0; i < len; i++)
		dst[i] = src[i] >= ' ' && src[i] <= '~' ? (char)src[i] : '?';
	while (len && (src[len - 1] == ' ' || !src[len - 1]))
		len--;
	dst[len] = '\0';
}

int acpi_parse_rsdp(const void *buf, size_t len, struct acpi_rsdp *rsdp)
{
	const u8 *bytes = buf;

	if (len < ACPI_RSDP_V1_LEN || memcmp(bytes, "RSD PTR ", 8) ||
	    !checksum_ok(bytes, ACPI_RSDP_V1_LEN))
		return -EINVAL;
	copy_text(rsdp->oem, bytes + 9, 6);
	rsdp->revision = bytes[15];
	rsdp->rsdt = number(bytes + 16, 4);
	rsdp->xsdt = 0;
	if (rsdp->revision < 2)
		return 0;
	if (len < ACPI_RSDP_LEN || number(bytes + 20, 4) < ACPI_RSDP_LEN ||
	    !checksum_ok(bytes, ACPI_RSDP_LEN))
		return -EINVAL;
	rsdp->xsdt = number(bytes + 24, 8);
	return 0;
}

const void *acpi_scan_rsdp(const void *mem, size_t len)
{
	const u8 *bytes = mem;
	struct acpi_rsdp rsdp;

	for (size_t i = 0; i + ACPI_RSDP_V1_LEN <= len; i += 16) {
		if (!acpi_parse_rsdp(bytes + i, len - i, &rsdp))
			return bytes + i;
	}
	return NULL;
}

static size_t header_len(const u8 *bytes)
{
	return number(bytes + 4, 4);
}

int acpi_parse_table(const void *buf, size_t len, struct acpi_table *table)
{
	const u8 *bytes = buf;
	size_t table_len;

	if (len < ACPI_HEADER_LEN)
		return -EINVAL;
	table_len = header_len(bytes);
	if (table_len < ACPI_HEADER_LEN || table_len > len || !checksum_ok(bytes, table_len))
		return -EINVAL;
	copy_text(table->signature, bytes, 4);
	table->revision = bytes[8];
	copy_text(table->oem, bytes + 10, 6);
	copy_text(table->oem_table, bytes + 16, 8);
	table->data = bytes;
	table->len = table_len;
	return 0;
}

/* The table at a physical address; NULL and a report if there is none. */
static const struct acpi_table *map_table(struct acpi_walk *walk, phys_addr_t addr,
					  struct acpi_table *table)
{
	const char *why = "its header cannot be mapped";
	const u8 *header = walk->map(walk, addr, ACPI_HEADER_LEN);

	if (header) {
		size_t len = header_len(header);
		const void *whole = NULL;

		why = "its length is impossible";
		if (len >= ACPI_HEADER_LEN && len <= TABLE_MAX) {
			why = "it cannot be mapped";
			whole = walk->map(walk, addr, len);
		}
		if (whole && !acpi_parse_table(whole, len, table))
			return table;
		if (whole)
			why = "its checksum is wrong";
	}
	walk->bad(walk, addr, why);
	return NULL;
}

static void walk_dsdt(struct acpi_walk *walk, const struct acpi_table *table)
{
	struct acpi_table dsdt;
	struct acpi_fadt fadt;

	if (acpi_parse_fadt(table, &fadt) || !fadt.dsdt || !map_table(walk, fadt.dsdt, &dsdt))
		return;
	if (strcmp(dsdt.signature, "DSDT"))
		walk->bad(walk, fadt.dsdt, "it is no DSDT");
	else
		walk->found(walk, fadt.dsdt, &dsdt);
}

static void walk_root(struct acpi_walk *walk, const struct acpi_table *root, size_t entry_size)
{
	struct acpi_table table;

	for (size_t pos = ACPI_HEADER_LEN; pos + entry_size <= root->len; pos += entry_size) {
		phys_addr_t addr = field(root, pos, entry_size);

		if (!addr || !map_table(walk, addr, &table))
			continue;
		walk->found(walk, addr, &table);
		if (!strcmp(table.signature, "FACP"))
			walk_dsdt(walk, &table);
	}
}

/* Whether the root table at @addr has the signature wanted, and then all its tables. */
static bool try_root(struct acpi_walk *walk, phys_addr_t addr, const char *signature)
{
	struct acpi_table root;

	if (!addr || !map_table(walk, addr, &root))
		return false;
	if (strcmp(root.signature, signature)) {
		walk->bad(walk, addr, "it is no root table");
		return false;
	}
	walk->found(walk, addr, &root);
	walk_root(walk, &root, *signature == 'X' ? 8 : 4);
	return true;
}

int acpi_walk_tables(struct acpi_walk *walk, const struct acpi_rsdp *rsdp)
{
	if (try_root(walk, rsdp->xsdt, "XSDT") || try_root(walk, rsdp->rsdt, "RSDT"))
		return 0;
	return -ENOENT;
}

static struct acpi_register register_at(const struct acpi_table *table, size_t offset)
{
	struct acpi_register reg = {
		.space = field(table, offset, 1),
		.width = field(table, offset + 1, 1),
		.offset = field(table, offset + 2, 1),
		.access = field(table, offset + 3, 1),
		.address = field(table, offset + 4, 8),
	};

	return reg;
}

/* The extended field if it is set, else the old one, which holds an I/O port. */
static struct acpi_register port_or_register(const struct acpi_table *table, size_t old,
					     size_t old_len, size_t extended)
{
	struct acpi_register reg = register_at(table, extended);

	if (reg.address)
		return reg;
	return (struct acpi_register){
		.space = ACPI_SPACE_IO,
		.width = (u8)(field(table, old_len, 1) * 8),
		.address = field(table, old, 4),
	};
}

int acpi_parse_fadt(const struct acpi_table *table, struct acpi_fadt *fadt)
{
	u64 boot_flags = field(table, 109, 2);
	u64 flags = field(table, 112, 4);

	if (table->len < FADT_MIN_LEN)
		return -EINVAL;
	fadt->dsdt = field(table, 140, 8) ?: field(table, 40, 4);
	fadt->pm1a_control = port_or_register(table, 64, 89, 172);
	fadt->pm1b_control = port_or_register(table, 68, 89, 184);
	fadt->pm_timer = port_or_register(table, 76, 91, 208);
	fadt->reset = register_at(table, 116);
	fadt->reset_value = field(table, 128, 1);
	fadt->has_reset = (flags & FADT_RESET_SUPPORTED) && fadt->reset.address;
	fadt->pm_timer_32bit = flags & FADT_TIMER_32BIT;
	fadt->hardware_reduced = flags & FADT_HARDWARE_REDUCED;
	fadt->has_i8042 = table->revision < 3 || (boot_flags & FADT_BOOT_I8042);
	fadt->has_vga = !(boot_flags & FADT_BOOT_NO_VGA);
	fadt->has_cmos_rtc = !(boot_flags & FADT_BOOT_NO_RTC);
	fadt->sci_irq = field(table, 46, 2);
	fadt->smi_command = field(table, 48, 4);
	fadt->acpi_enable = field(table, 52, 1);
	fadt->century = field(table, 108, 1);
	return 0;
}

enum aml { /* the encodings that \_S5 needs, ACPI 6.4 chapter 20 */
	   AML_ZERO = 0x00,
	   AML_ONE = 0x01,
	   AML_NAME = 0x08,
	   AML_BYTE = 0x0a,
	   AML_WORD = 0x0b,
	   AML_DWORD = 0x0c,
	   AML_PACKAGE = 0x12,
	   AML_ROOT = '\\',
	   AML_ONES = 0xff,
};

/* An integer at *@pos, which is moved behind it. */
static bool aml_integer(const struct acpi_table *table, size_t *pos, u64 *value)
{
	size_t size;

	if (*pos >= table->len)
		return false;
	switch (table->data[*pos]) {
	case AML_ZERO:
	case AML_ONE:
	case AML_ONES:
		*value = table->data[(*pos)++];
		return true;
	case AML_BYTE:
		size = 1;
		break;
	case AML_WORD:
		size = 2;
		break;
	case AML_DWORD:
		size = 4;
		break;
	default:
		return false;
	}
	if (size >= table->len - *pos)
		return false;
	*value = number(table->data + *pos + 1, size);
	*pos += 1 + size;
	return true;
}

/* The package behind the name: its length (1 to 4 bytes), how many elements, then these. */
static bool s5_package(const struct acpi_table *table, size_t pos, u64 *a, u64 *b)
{
	if (field(table, pos, 1) != AML_PACKAGE)
		return false;
	pos++;
	pos += 1 + (field(table, pos, 1) >> 6);
	if (field(table, pos, 1) < 2)
		return false;
	pos++;
	return aml_integer(table, &pos, a) && aml_integer(table, &pos, b);
}

/* Whether a NameOp, perhaps with a root prefix, stands before the name at @pos. */
static bool is_definition(const struct acpi_table *table, size_t pos)
{
	const u8 *before = table->data + pos - 1;

	return *before == AML_NAME || (*before == AML_ROOT && before[-1] == AML_NAME);
}

int acpi_parse_s5(const struct acpi_table *table, u8 *sleep_type_a, u8 *sleep_type_b)
{
	u64 a, b;

	for (size_t pos = ACPI_HEADER_LEN + 1; pos + 4 <= table->len; pos++) {
		if (memcmp(table->data + pos, "_S5_", 4) || !is_definition(table, pos))
			continue;
		if (s5_package(table, pos + 4, &a, &b) && a < 8 && b < 8) {
			*sleep_type_a = (u8)a;
			*sleep_type_b = (u8)b;
			return 0;
		}
	}
	return -EINVAL;
}

int acpi_parse_madt(const struct acpi_table *table, struct acpi_madt *madt)
{
	if (table->len < MADT_FIRST_ENTRY)
		return -EINVAL;
	madt->lapic_address = field(table, 36, 4);
	madt->has_8259 = field(table, 40, 4) & MADT_HAS_8259;
	return 0;
}

static void set_cpu(struct acpi_madt_entry *entry, u32 apic_id, u32 uid, u64 flags)
{
	entry->cpu.apic_id = apic_id;
	entry->cpu.processor_uid = uid;
	entry->cpu.enabled = flags & CPU_ENABLED;
	entry->cpu.online_capable = flags & CPU_ONLINE_CAPABLE;
}

/* An entry of a type that we know, as a table of its own; -EINVAL if it is too short. */
static int parse_madt_entry(const struct acpi_table *e, struct acpi_madt_entry *entry)
{
	static const u8 min_len[] = {
		[ACPI_MADT_LAPIC] = 8,		[ACPI_MADT_IOAPIC] = 12,
		[ACPI_MADT_OVERRIDE] = 10,	[ACPI_MADT_LAPIC_NMI] = 6,
		[ACPI_MADT_LAPIC_ADDRESS] = 12, [ACPI_MADT_X2APIC] = 16,
		[ACPI_MADT_X2APIC_NMI] = 12,
	};

	if (entry->type < ARRAY_SIZE(min_len) && e->len < min_len[entry->type])
		return -EINVAL;
	switch (entry->type) {
	case ACPI_MADT_LAPIC:
		set_cpu(entry, field(e, 3, 1), field(e, 2, 1), field(e, 4, 4));
		break;
	case ACPI_MADT_X2APIC:
		set_cpu(entry, field(e, 4, 4), field(e, 12, 4), field(e, 8, 4));
		break;
	case ACPI_MADT_IOAPIC:
		entry->ioapic.id = field(e, 2, 1);
		entry->ioapic.address = field(e, 4, 4);
		entry->ioapic.gsi_base = field(e, 8, 4);
		break;
	case ACPI_MADT_OVERRIDE:
		entry->override.source = field(e, 3, 1);
		entry->override.gsi = field(e, 4, 4);
		entry->override.flags = field(e, 8, 2);
		break;
	case ACPI_MADT_LAPIC_NMI:
		entry->nmi.processor_uid = field(e, 2, 1) == 0xff ? ~0U : field(e, 2, 1);
		entry->nmi.flags = field(e, 3, 2);
		entry->nmi.lint = field(e, 5, 1);
		break;
	case ACPI_MADT_X2APIC_NMI:
		entry->nmi.processor_uid = field(e, 4, 4);
		entry->nmi.flags = field(e, 2, 2);
		entry->nmi.lint = field(e, 8, 1);
		break;
	case ACPI_MADT_LAPIC_ADDRESS:
		entry->lapic_address = field(e, 4, 8);
		break;
	}
	return 0;
}

int acpi_madt_next(const struct acpi_table *table, size_t *pos, struct acpi_madt_entry *entry)
{
	struct acpi_table bytes;
	int err;

	if (!*pos)
		*pos = MADT_FIRST_ENTRY;
	if (*pos >= table->len)
		return 0;
	bytes.data = table->data + *pos;
	bytes.len = field(table, *pos + 1, 1);
	if (bytes.len < 2 || bytes.len > table->len - *pos)
		return -EINVAL;
	memset(entry, 0, sizeof(*entry));
	entry->type = bytes.data[0];
	err = parse_madt_entry(&bytes, entry);
	if (err)
		return err;
	*pos += bytes.len;
	return 1;
}

int acpi_parse_hpet(const struct acpi_table *table, struct acpi_hpet *hpet)
{
	if (table->len < HPET_LEN)
		return -EINVAL;
	hpet->id = field(table, 36, 4);
	hpet->address = register_at(table, 40);
	hpet->number = field(table, 52, 1);
	hpet->min_tick = field(table, 53, 2);
	return 0;
}

int acpi_mcfg_next(const struct acpi_table *table, size_t *pos, struct acpi_ecam *ecam)
{
	if (!*pos)
		*pos = MCFG_FIRST_ENTRY;
	if (*pos >= table->len)
		return 0;
	if (table->len - *pos < MCFG_ENTRY_LEN)
		return -EINVAL;
	ecam->base = field(table, *pos, 8);
	ecam->segment = field(table, *pos + 8, 2);
	ecam->first_bus = field(table, *pos + 10, 1);
	ecam->last_bus = field(table, *pos + 11, 1);
	if (!ecam->base || ecam->first_bus > ecam->last_bus)
		return -EINVAL;
	*pos += MCFG_ENTRY_LEN;
	return 1;
}
