/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI tables put together in a small "physical memory", good, short and damaged.  What the parsers
 * must never do, read outside of a table, is watched by the host's address sanitizer.
 */
#include <linux/errno.h>

#include <oshit/acpi.h>
#include <oshit/container_of.h>
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>

#define MEMORY_SIZE 2048
#define BASE	    0x1000000UL /* physical address of the first byte */

/* Where the tables are, in it. */
enum { RSDP = 16, XSDT = 64, RSDT = 192, FADT = 256, DSDT = 640, MADT = 768, HPET = 1024 };

static u8 memory[MEMORY_SIZE]; /* tests run one by one */

static void put(size_t at, u64 value, size_t size)
{
	for (; size--; value >>= 8)
		memory[at++] = (u8)value;
}

static void fix_checksum(size_t at, size_t len, size_t where)
{
	u8 sum = 0;

	memory[at + where] = 0;
	for (size_t i = 0; i < len; i++)
		sum += memory[at + i];
	memory[at + where] = (u8)-sum;
}

/* The header; call it last, for the sake of the checksum. */
static void finish_table(size_t at, const char *signature, size_t len, u8 revision)
{
	memcpy(memory + at, signature, 4);
	put(at + 4, len, 4);
	memory[at + 8] = revision;
	memcpy(memory + at + 10, "OSHIT TESTTBL ", 14);
	fix_checksum(at, len, 9);
}

static void put_rsdp(void)
{
	memcpy(memory + RSDP, "RSD PTR ", 8);
	memcpy(memory + RSDP + 9, "OSHIT ", 6);
	memory[RSDP + 15] = 2;
	put(RSDP + 16, BASE + RSDT, 4);
	put(RSDP + 20, 36, 4);
	put(RSDP + 24, BASE + XSDT, 8);
	fix_checksum(RSDP, 20, 8);
	fix_checksum(RSDP, 36, 32);
}

static void put_root_tables(void)
{
	put(XSDT + 36, BASE + FADT, 8);
	put(XSDT + 44, 0, 8); /* a hole */
	put(XSDT + 52, BASE + MADT, 8);
	put(XSDT + 60, BASE + HPET, 8);
	finish_table(XSDT, "XSDT", 68, 1);
	put(RSDT + 36, BASE + MADT, 4);
	finish_table(RSDT, "RSDT", 40, 1);
}

static void put_fadt(void)
{
	put(FADT + 40, BASE + DSDT, 4);
	put(FADT + 46, 9, 2);
	put(FADT + 48, 0xb2, 4);
	put(FADT + 52, 2, 1);
	put(FADT + 64, 0x604, 4);
	put(FADT + 76, 0x608, 4);
	put(FADT + 89, 2, 1);
	put(FADT + 91, 4, 1);
	put(FADT + 108, 0x32, 1);
	put(FADT + 109, 2, 2);
	put(FADT + 112, 1 << 10 | 1 << 8, 4);
	put(FADT + 116, 0x0801, 2); /* I/O, 8 bits wide */
	put(FADT + 120, 0xcf9, 8);
	put(FADT + 128, 0x0f, 1);
	finish_table(FADT, "FACP", 244, 3);
}

static void put_dsdt(const char *aml, size_t len)
{
	memset(memory + DSDT, 0, MADT - DSDT);
	memcpy(memory + DSDT + ACPI_HEADER_LEN, aml, len);
	finish_table(DSDT, "DSDT", ACPI_HEADER_LEN + len, 2);
}

/* Local APICs 0 (on) and 1 (can be switched on), I/O APIC, override of 0 by 2, an NMI on all. */
static const u8 madt_entries[] = {
	/* clang-format off */
	0, 8, 0, 0, 1, 0, 0, 0,
	0, 8, 1, 1, 2, 0, 0, 0,
	1, 12, 4, 0, 0, 0, 0xc0, 0xfe, 16, 0, 0, 0,
	2, 10, 0, 0, 2, 0, 0, 0, 5, 0,
	4, 6, 0xff, 5, 0, 1,
	9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0,
	99, 3, 0, /* of a type to come */
	/* clang-format on */
};

static size_t put_madt(const u8 *entries, size_t len)
{
	put(MADT + 36, 0xfee00000, 4);
	put(MADT + 40, 1, 4);
	memcpy(memory + MADT + 44, entries, len);
	finish_table(MADT, "APIC", 44 + len, 3);
	return 44 + len;
}

static void put_hpet(void)
{
	put(HPET + 36, 0x8086a201, 4);
	put(HPET + 40, 0x4000, 2); /* memory, 64 bits */
	put(HPET + 44, 0xfed00000, 8);
	put(HPET + 53, 128, 2);
	finish_table(HPET, "HPET", 56, 1);
}

static const char s5_aml[] = "\x08_S5_\x12\x06\x04\x0a\x05\x0a\x06\x00\x00";

static void put_machine(void)
{
	memset(memory, 0, sizeof(memory));
	put_rsdp();
	put_root_tables();
	put_fadt();
	put_dsdt(s5_aml, sizeof(s5_aml) - 1);
	put_madt(madt_entries, sizeof(madt_entries));
	put_hpet();
}

struct machine_walk {
	struct acpi_walk walk;
	char found[64]; /* signatures, each with a blank */
	unsigned int nr_bad;
};

static const void *map_memory(struct acpi_walk *walk, phys_addr_t addr, size_t len)
{
	(void)walk;
	if (addr < BASE || addr - BASE > MEMORY_SIZE || len > MEMORY_SIZE - (addr - BASE))
		return NULL;
	return memory + (addr - BASE);
}

static void note_found(struct acpi_walk *walk, phys_addr_t addr, const struct acpi_table *table)
{
	struct machine_walk *machine = container_of(walk, struct machine_walk, walk);
	size_t len = strlen(machine->found);

	(void)addr;
	strscpy(machine->found + len, table->signature, sizeof(machine->found) - len);
	len += strlen(table->signature);
	strscpy(machine->found + len, " ", sizeof(machine->found) - len);
}

static void note_bad(struct acpi_walk *walk, phys_addr_t addr, const char *why)
{
	(void)addr;
	(void)why;
	container_of(walk, struct machine_walk, walk)->nr_bad++;
}

static int walk_machine(struct machine_walk *machine)
{
	struct acpi_rsdp rsdp;

	memset(machine, 0, sizeof(*machine));
	machine->walk.map = map_memory;
	machine->walk.found = note_found;
	machine->walk.bad = note_bad;
	return acpi_parse_rsdp(memory + RSDP, ACPI_RSDP_LEN, &rsdp)
		       ?: acpi_walk_tables(&machine->walk, &rsdp);
}

static struct acpi_table table_at(struct test *t, size_t at)
{
	struct acpi_table table = { .data = memory };

	EXPECT_OK(t, acpi_parse_table(memory + at, MEMORY_SIZE - at, &table));
	return table;
}

static void rsdp_is_found_and_checked(struct test *t)
{
	struct acpi_rsdp rsdp;

	put_machine();
	EXPECT_TRUE(t, acpi_scan_rsdp(memory, MEMORY_SIZE) == memory + RSDP);
	EXPECT_TRUE(t, !acpi_scan_rsdp(memory, RSDP + 19));
	EXPECT_OK(t, acpi_parse_rsdp(memory + RSDP, ACPI_RSDP_LEN, &rsdp));
	EXPECT_STREQ(t, rsdp.oem, "OSHIT");
	EXPECT_EQ(t, rsdp.xsdt, BASE + XSDT);
	EXPECT_EQ(t, rsdp.rsdt, BASE + RSDT);
	EXPECT_EQ(t, acpi_parse_rsdp(memory + RSDP, ACPI_RSDP_LEN - 1, &rsdp), -EINVAL);
	memory[RSDP + 30] ^= 1;
	EXPECT_EQ(t, acpi_parse_rsdp(memory + RSDP, ACPI_RSDP_LEN, &rsdp), -EINVAL);
	memory[RSDP + 15] = 0; /* as ACPI 1.0 only the first 20 bytes count */
	fix_checksum(RSDP, 20, 8);
	EXPECT_OK(t, acpi_parse_rsdp(memory + RSDP, ACPI_RSDP_V1_LEN, &rsdp));
	EXPECT_EQ(t, rsdp.xsdt, 0);
}

static void walk_finds_all_tables(struct test *t)
{
	struct machine_walk machine;

	put_machine();
	EXPECT_OK(t, walk_machine(&machine));
	EXPECT_STREQ(t, machine.found, "XSDT FACP DSDT APIC HPET ");
	EXPECT_EQ(t, machine.nr_bad, 0);
}

static void bad_table_does_not_hide_the_others(struct test *t)
{
	struct machine_walk machine;

	put_machine();
	memory[FADT + 100] ^= 1;
	EXPECT_OK(t, walk_machine(&machine));
	EXPECT_STREQ(t, machine.found, "XSDT APIC HPET ");
	EXPECT_EQ(t, machine.nr_bad, 1);
	put(MADT + 4, 0xfffffff0, 4);
	put(HPET + 4, 3, 4);
	EXPECT_OK(t, walk_machine(&machine));
	EXPECT_STREQ(t, machine.found, "XSDT ");
	EXPECT_EQ(t, machine.nr_bad, 3);
}

static void bad_xsdt_falls_back_to_rsdt(struct test *t)
{
	struct machine_walk machine;

	put_machine();
	memory[XSDT + 40] ^= 1;
	EXPECT_OK(t, walk_machine(&machine));
	EXPECT_STREQ(t, machine.found, "RSDT APIC ");
	memory[RSDT + 36] ^= 1;
	EXPECT_EQ(t, walk_machine(&machine), -ENOENT);
	EXPECT_EQ(t, machine.nr_bad, 2);
}

static void fadt_prefers_extended_fields(struct test *t)
{
	struct acpi_table table;
	struct acpi_fadt fadt;

	put_machine();
	table = table_at(t, FADT);
	ASSERT_OK(t, acpi_parse_fadt(&table, &fadt));
	EXPECT_EQ(t, fadt.dsdt, BASE + DSDT);
	EXPECT_EQ(t, fadt.pm1a_control.address, 0x604);
	EXPECT_EQ(t, fadt.pm1a_control.space, ACPI_SPACE_IO);
	EXPECT_EQ(t, fadt.pm1a_control.width, 16);
	EXPECT_EQ(t, fadt.pm1b_control.address, 0);
	EXPECT_TRUE(t, fadt.has_reset && fadt.has_i8042 && fadt.has_vga && fadt.pm_timer_32bit);
	EXPECT_TRUE(t, fadt.has_cmos_rtc);
	EXPECT_EQ(t, fadt.reset.address, 0xcf9);
	EXPECT_EQ(t, fadt.reset_value, 0xf);

	put(FADT + 109, 0x22, 2); /* there is a keyboard and no real-time clock */
	put(FADT + 140, 0x123456789aUL, 8);
	put(FADT + 172, 0x2000, 2); /* memory, 32 bits */
	put(FADT + 176, 0xfed40000, 8);
	finish_table(FADT, "FACP", 244, 5);
	table = table_at(t, FADT);
	ASSERT_OK(t, acpi_parse_fadt(&table, &fadt));
	EXPECT_TRUE(t, fadt.has_i8042 && !fadt.has_cmos_rtc);
	EXPECT_EQ(t, fadt.dsdt, 0x123456789aUL);
	EXPECT_EQ(t, fadt.pm1a_control.address, 0xfed40000);
	EXPECT_EQ(t, fadt.pm1a_control.space, ACPI_SPACE_MEMORY);
}

static void short_fadt_has_no_new_fields(struct test *t)
{
	struct acpi_table table;
	struct acpi_fadt fadt;

	put_machine();
	finish_table(FADT, "FACP", 116, 1);
	table = table_at(t, FADT);
	ASSERT_OK(t, acpi_parse_fadt(&table, &fadt));
	EXPECT_FALSE(t, fadt.has_reset);
	EXPECT_TRUE(t, fadt.has_i8042);
	finish_table(FADT, "FACP", 115, 1);
	table = table_at(t, FADT);
	EXPECT_EQ(t, acpi_parse_fadt(&table, &fadt), -EINVAL);
}

static int s5_of(struct test *t, const char *aml, size_t len, u8 *a, u8 *b)
{
	struct acpi_table table;

	put_dsdt(aml, len);
	table = table_at(t, DSDT);
	return acpi_parse_s5(&table, a, b);
}

#define S5_OF(t, aml, a, b) s5_of(t, aml, sizeof(aml) - 1, a, b)

static void s5_values_are_found(struct test *t)
{
	u8 a, b;

	ASSERT_OK(t, S5_OF(t, s5_aml, &a, &b));
	EXPECT_EQ(t, a, 5);
	EXPECT_EQ(t, b, 6);
	ASSERT_OK(t, S5_OF(t, "junk\x08\\_S5_\x12\x40\x05\x02\x00\x01", &a, &b));
	EXPECT_EQ(t, a, 0);
	EXPECT_EQ(t, b, 1);
	ASSERT_OK(t, S5_OF(t, "_S5_\x08_S5_\x12\x06\x04\x0b\x07\x00\x0c\x03\x00\x00\x00", &a, &b));
	EXPECT_EQ(t, a, 7);
	EXPECT_EQ(t, b, 3);
}

static void broken_s5_is_refused(struct test *t)
{
	u8 a, b;

	EXPECT_EQ(t, S5_OF(t, "", &a, &b), -EINVAL);
	EXPECT_EQ(t, S5_OF(t, "_S5_\x12\x06\x04\x0a\x05\x0a\x05", &a, &b), -EINVAL);
	EXPECT_EQ(t, S5_OF(t, "\x08_S5_", &a, &b), -EINVAL);
	EXPECT_EQ(t, S5_OF(t, "\x08_S5_\x12\x06\x04\x0a", &a, &b), -EINVAL);
	EXPECT_EQ(t, S5_OF(t, "\x08_S5_\x12\x06\x01\x0a\x05", &a, &b), -EINVAL);
	EXPECT_EQ(t, S5_OF(t, "\x08_S5_\x12\x06\x04\x0a\x08\x00", &a, &b), -EINVAL);
	EXPECT_EQ(t, S5_OF(t, "\x08_S5_\x12\x06\x04\x0c\x05\x00\x00", &a, &b), -EINVAL);
}

static void next_entry(struct test *t, size_t *pos, struct acpi_madt_entry *entry, u8 type)
{
	struct acpi_table table = table_at(t, MADT);

	EXPECT_EQ(t, acpi_madt_next(&table, pos, entry), 1);
	EXPECT_EQ(t, entry->type, type);
}

static void madt_entries_are_read(struct test *t)
{
	struct acpi_madt_entry entry;
	struct acpi_table table;
	struct acpi_madt madt;
	size_t pos = 0;

	put_machine();
	table = table_at(t, MADT);
	ASSERT_OK(t, acpi_parse_madt(&table, &madt));
	EXPECT_EQ(t, madt.lapic_address, 0xfee00000);
	EXPECT_TRUE(t, madt.has_8259);
	next_entry(t, &pos, &entry, ACPI_MADT_LAPIC);
	EXPECT_TRUE(t, entry.cpu.apic_id == 0 && entry.cpu.enabled);
	next_entry(t, &pos, &entry, ACPI_MADT_LAPIC);
	EXPECT_TRUE(t, entry.cpu.apic_id == 1 && !entry.cpu.enabled && entry.cpu.online_capable);
	next_entry(t, &pos, &entry, ACPI_MADT_IOAPIC);
	EXPECT_EQ(t, entry.ioapic.address, 0xfec00000);
	EXPECT_EQ(t, entry.ioapic.gsi_base, 16);
	next_entry(t, &pos, &entry, ACPI_MADT_OVERRIDE);
	EXPECT_TRUE(t, entry.override.source == 0 && entry.override.gsi == 2);
	EXPECT_EQ(t, entry.override.flags, 5);
	next_entry(t, &pos, &entry, ACPI_MADT_LAPIC_NMI);
	EXPECT_TRUE(t, entry.nmi.processor_uid == ~0U && entry.nmi.lint == 1);
	next_entry(t, &pos, &entry, ACPI_MADT_X2APIC);
	EXPECT_TRUE(t, entry.cpu.apic_id == 256 && entry.cpu.processor_uid == 7);
	next_entry(t, &pos, &entry, 99);
	EXPECT_EQ(t, acpi_madt_next(&table, &pos, &entry), 0);
	EXPECT_EQ(t, acpi_madt_next(&table, &pos, &entry), 0);
}

static void broken_madt_entries_end_the_walk(struct test *t)
{
	static const u8 broken[][4] = {
		{ 0, 0 }, { 0, 1 }, { 0, 4 }, { 7, 1 }, { 7, 5 }, { 1, 255 }
	};
	struct acpi_madt_entry entry;
	struct acpi_table table;

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		size_t pos = 0;

		memset(memory, 0, sizeof(memory));
		put_madt(broken[i], sizeof(broken[i]));
		table = table_at(t, MADT);
		EXPECT_EQ(t, acpi_madt_next(&table, &pos, &entry), -EINVAL);
	}
}

static void hpet_has_an_address(struct test *t)
{
	struct acpi_table table;
	struct acpi_hpet hpet;

	put_machine();
	table = table_at(t, HPET);
	ASSERT_OK(t, acpi_parse_hpet(&table, &hpet));
	EXPECT_EQ(t, hpet.address.address, 0xfed00000);
	EXPECT_EQ(t, hpet.id, 0x8086a201);
	EXPECT_EQ(t, hpet.min_tick, 128);
	finish_table(HPET, "HPET", 55, 1);
	table = table_at(t, HPET);
	EXPECT_EQ(t, acpi_parse_hpet(&table, &hpet), -EINVAL);
}

static void mcfg_gives_windows(struct test *t)
{
	struct acpi_ecam ecam;
	struct acpi_table table;
	size_t pos = 0;

	memset(memory, 0, sizeof(memory));
	put(MADT + 44, 0xb0000000, 8);
	put(MADT + 55, 255, 1);
	put(MADT + 60, 0, 8); /* the second has no address */
	finish_table(MADT, "MCFG", 44 + 32, 1);
	table = table_at(t, MADT);
	ASSERT_EQ(t, acpi_mcfg_next(&table, &pos, &ecam), 1);
	EXPECT_EQ(t, ecam.base, 0xb0000000);
	EXPECT_TRUE(t, ecam.segment == 0 && ecam.first_bus == 0 && ecam.last_bus == 255);
	EXPECT_EQ(t, acpi_mcfg_next(&table, &pos, &ecam), -EINVAL);

	finish_table(MADT, "MCFG", 44 + 15, 1);
	table = table_at(t, MADT);
	pos = 0;
	EXPECT_EQ(t, acpi_mcfg_next(&table, &pos, &ecam), -EINVAL);
	finish_table(MADT, "MCFG", 44, 1);
	table = table_at(t, MADT);
	EXPECT_EQ(t, acpi_mcfg_next(&table, &pos, &ecam), 0);
}

static const struct test_case acpi_cases[] = {
	TEST_CASE(rsdp_is_found_and_checked),
	TEST_CASE(walk_finds_all_tables),
	TEST_CASE(bad_table_does_not_hide_the_others),
	TEST_CASE(bad_xsdt_falls_back_to_rsdt),
	TEST_CASE(fadt_prefers_extended_fields),
	TEST_CASE(short_fadt_has_no_new_fields),
	TEST_CASE(s5_values_are_found),
	TEST_CASE(broken_s5_is_refused),
	TEST_CASE(madt_entries_are_read),
	TEST_CASE(broken_madt_entries_end_the_walk),
	TEST_CASE(hpet_has_an_address),
	TEST_CASE(mcfg_gives_windows),
};
TEST_SUITE(acpi, acpi_cases);
