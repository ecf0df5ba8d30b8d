/* SPDX-License-Identifier: GPL-2.0-only */
/* From pages of files to the entries that map them. In mm/ only. */
#ifndef MM_MAPPING_H
#define MM_MAPPING_H

struct page;

/* No entry allows to write to @page any more, and no CPU does by an old one. @page is locked and in
 * its mapping. May sleep. */
void page_write_protect(struct page *page);

#endif
