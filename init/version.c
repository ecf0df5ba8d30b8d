/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's names.  The release starts with a Linux number because C libraries refuse old ones;
 * it says which ABI is meant.  No date and no build host: equal sources give equal bytes.
 */
#include <oshit/banner.h>
#include <oshit/version.h>

const char kernel_release[] = OSHIT_RELEASE CONFIG_LOCALVERSION;
const char kernel_compiler[] = OSHIT_COMPILER ", " OSHIT_LINKER;
const char kernel_banner[] =
	"OShit " OSHIT_VERSION " (" OSHIT_RELEASE CONFIG_LOCALVERSION ", " OSHIT_COMPILER ")";
