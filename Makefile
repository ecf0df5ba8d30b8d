# SPDX-License-Identifier: GPL-2.0-only
#
# OShit's build.  `make help` lists the goals.
#
# One make, which knows every file: the lists in the folders' Makefiles are read, never run.  All
# output goes to $(O); commands run in the source tree, so that file names in messages and in the
# kernel are the same wherever $(O) is.
#
#	scripts/Makefile.config		configuration goals
#	scripts/Makefile.flags		compiler and linker options
#	scripts/Makefile.build		from the lists to objects
#	scripts/Makefile.vdso		the vDSO
#	scripts/Makefile.user		programs of user space, initramfs
#	scripts/Makefile.link		from objects to vmoshit
#	scripts/Makefile.run		QEMU and ISO images
#	scripts/Makefile.tools		tags, compile_commands.json, documentation
#	scripts/Makefile.check		tests and checks

OSHIT_VERSION	:= 0.1
LINUX_RELEASE	:= 6.1.0

O ?= build
V ?= 0
C ?= 0

MAKEFLAGS += -rR --no-print-directory
SHELL := /bin/sh
export LC_ALL := C

.DELETE_ON_ERROR:
.SUFFIXES:

PHONY := all
all:

ifeq ($(abspath $(O)),$(CURDIR))
$(error O=$(O) is the source tree; nothing is built there)
endif

# --- which parts of the build a goal needs

config-goals	:= menuconfig nconfig config oldconfig olddefconfig defconfig savedefconfig \
		   allnoconfig allyesconfig alldefconfig randconfig listnewconfig %.config
quiet-goals	:= help clean mrproper tags htmldocs
goals		:= $(or $(MAKECMDGOALS),all)
config-wanted	:= $(filter $(config-goals),$(goals))
other-wanted	:= $(filter-out $(config-goals),$(goals))
cleaning	:= $(filter clean mrproper,$(goals))

ifneq ($(and $(config-wanted)$(cleaning),$(word 2,$(goals))),)

# Each goal sees what the one before it has left.
.NOTPARALLEL:
PHONY += $(goals) one-by-one
$(goals): one-by-one ;
one-by-one:
	@set -e; for goal in $(goals); do $(MAKE) $$goal; done

else

include scripts/Makefile.lib

# --- tools: checked once for each group in each $(O), installed if missing

tool-groups	:= $(if $(filter-out $(quiet-goals),$(goals)),build config user) \
		   $(if $(LLVM),llvm) \
		   $(if $(filter qemu% kunit selftest selftest-linux check check-debug check-tiny check-programs check-matrix torture soak bench bench-pressure bench-scale profile,\
			$(goals)),qemu) \
		   $(if $(filter iso qemu-iso selftest check,$(goals)),iso) \
		   $(if $(filter kunit torture soak selftest% check% sparse style bench bench-pressure bench-scale profile,$(goals)),check) \
		   $(if $(filter bench bench-pressure bench-scale profile,$(goals)),bench) \
		   $(if $(filter htmldocs tags,$(goals)),docs)
tool-groups	:= $(foreach g,$(tool-groups),$(if $(wildcard $(O)/.tools/$(g)),,$(g)))

ifneq ($(strip $(tool-groups)),)
$(shell scripts/install-deps.sh $(tool-groups) >&2 && \
	mkdir -p $(O)/.tools && cd $(O)/.tools && touch $(tool-groups))
ifneq ($(.SHELLSTATUS),0)
$(error tools are missing)
endif
endif

ifneq ($(config-wanted),)
include scripts/Makefile.config
else ifeq ($(filter-out $(quiet-goals),$(goals)),)
# nothing more to read
else
include scripts/Makefile.config
include $(O)/include/config/auto.conf
include scripts/Makefile.flags
include scripts/Makefile.build
include scripts/Makefile.vdso
include scripts/Makefile.user
include scripts/Makefile.link
include scripts/Makefile.run
endif
include scripts/Makefile.tools
-include scripts/Makefile.check

all: $(O)/vmoshit

PHONY += clean mrproper help
clean:
	$(call say,CLEAN,$(O))
	$(Q)find $(O) -mindepth 1 -maxdepth 1 ! -name .config ! -name '.config.old' \
		-exec rm -rf {} + 2>/dev/null || :

mrproper:
	$(call say,RM,$(O))
	$(Q)rm -rf $(O)

help:
	@cat scripts/help.txt

endif

PHONY += FORCE
FORCE:
.PHONY: $(PHONY)
