/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page cache.
 *
 * A page is read in before it joins its file, so that whoever finds it there finds its contents,
 * too.  Who comes second with the same page takes the first one's and throws his away: work done
 * twice, once in a while, for a cache without page locks.
 *
 * The tree holds a reference to each page.  A page that is truncated lives on in the mappings and
 * hands that have references; page->mapping stays, and says only that it was a file's: such a page
 * is never written to by a private mapping, but copied.
 *
 * Locks: mapping->lock for the tree, never held while something is allocated or read.
 */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>

void address_space_init(struct address_space *mapping, const struct address_space_operations *ops,
			void *host)
{
	*mapping = (struct address_space){ .ops = ops, .host = host };
	spin_lock_init(&mapping->lock);
}

u64 address_space_number(struct address_space *mapping)
{
	static atomic64_t last;
	u64 number = READ_ONCE(mapping->number), none = 0;

	if (number)
		return number;
	number = (u64)atomic64_fetch_add(1, &last) + 1;
	/* Who comes second takes the number of the first. */
	if (__atomic_compare_exchange_n(&mapping->number, &none, number, false, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED))
		return number;
	return none;
}

struct page *find_get_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = page_tree_find(&mapping->pages, index);
	if (page)
		get_page(page);
	spin_unlock(&mapping->lock);
	return page;
}

/* 0: *@page has joined the file; -EEXIST: *@page is now the one that was there; -EAGAIN: see
 * page_tree_insert(). The caller gets a reference in the first two cases. */
static int try_insert(struct address_space *mapping, struct page **page,
		      struct page_tree_node **spare)
{
	int err;

	spin_lock(&mapping->lock);
	err = page_tree_insert(&mapping->pages, (*page)->index, *page, spare);
	if (err == -EEXIST)
		*page = page_tree_find(&mapping->pages, (*page)->index);
	if (err != -EAGAIN)
		get_page(*page);
	spin_unlock(&mapping->lock);
	return err;
}

static void give_up_insertion(struct address_space *mapping, unsigned long index)
{
	spin_lock(&mapping->lock);
	if (!page_tree_find(&mapping->pages, index))
		page_tree_remove(&mapping->pages, index);
	spin_unlock(&mapping->lock);
}

/* @page joins the file, which takes over the reference; returns the page that is there then. */
static struct page *add_to_cache(struct address_space *mapping, struct page *page)
{
	struct page_tree_node *spare = NULL;
	struct page *there = page;
	int err;

	while ((err = try_insert(mapping, &there, &spare)) == -EAGAIN) {
		spare = page_tree_alloc_node();
		if (!spare) {
			give_up_insertion(mapping, page->index);
			put_page(page);
			return ERR_PTR(-ENOMEM);
		}
	}
	page_tree_free_node(spare);
	if (err)
		put_page(page);
	return there;
}

struct page *read_cache_page(struct address_space *mapping, unsigned long index)
{
	struct page *page = find_get_page(mapping, index);
	int err;

	if (page)
		return page;
	page = alloc_page(GFP_USER);
	if (!page)
		return ERR_PTR(-ENOMEM);
	page->mapping = mapping;
	page->index = index;
	err = mapping->ops->read_page(mapping, page);
	if (err) {
		put_page(page);
		return ERR_PTR(err);
	}
	return add_to_cache(mapping, page);
}

void truncate_pages(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	do {
		spin_lock(&mapping->lock);
		page = page_tree_find_next(&mapping->pages, &index);
		if (page)
			page_tree_remove(&mapping->pages, index);
		spin_unlock(&mapping->lock);
		if (page)
			put_page(page);
	} while (page && ++index);
}

int filemap_fault(struct vm_fault *fault)
{
	struct address_space *mapping = fault->area->private;
	u64 nr_pages = DIV_ROUND_UP(READ_ONCE(mapping->size), PAGE_SIZE);
	struct page *page;

	if (fault->pgoff >= nr_pages)
		return VM_FAULT_SIGBUS;
	page = read_cache_page(mapping, fault->pgoff);
	if (IS_ERR(page))
		return PTR_ERR(page) == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	fault->page = page;
	return 0;
}

void filemap_fault_around(struct vm_area *area, unsigned long pgoff, struct page **pages,
			  unsigned int nr)
{
	struct address_space *mapping = area->private;
	u64 nr_pages = DIV_ROUND_UP(READ_ONCE(mapping->size), PAGE_SIZE);

	spin_lock(&mapping->lock);
	for (unsigned int i = 0; i < nr; i++) {
		pages[i] = pgoff + i < nr_pages ? page_tree_find(&mapping->pages, pgoff + i) : NULL;
		if (pages[i])
			get_page(pages[i]);
	}
	spin_unlock(&mapping->lock);
}
