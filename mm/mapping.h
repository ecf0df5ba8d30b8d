/* SPDX-License-Identifier: GPL-2.0-only */
/* From pages of files to the entries that map them. In mm/ only. */
#ifndef MM_MAPPING_H
#define MM_MAPPING_H

struct deferred_flush;
struct page;

/* No entry allows to write to @page any more, and no CPU does by an old one. @page is locked and in
 * its mapping. May sleep. */
void page_write_protect(struct page *page);

/* Takes @page, which is locked and in its mapping, out of all tables; the caller flushes. Dirty it
 * is already, if any entry permits writing. False: an area has locked it, or the lock of the areas
 * is not free; some tables may have lost it nevertheless. */
bool try_unmap_cached_page(struct page *page, struct deferred_flush *flush);

struct rmap_walk;
/* As rmap_walk(), for a page of a file. False: the lock of the areas is not free. */
bool try_walk_mappings(struct page *page, struct rmap_walk *walk);

#endif
