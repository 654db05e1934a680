/* group_offsets.h - offsets that groups commit, on their way into a frame and out of the catalog. */
#ifndef SF_JOURNAL_GROUP_OFFSETS_H
#define SF_JOURNAL_GROUP_OFFSETS_H

#include "journal/catalog.h"

/* Appends them as facts. Code SF_NOT_FOUND for an unknown topic or partition, SF_INVALID for an
 * offset below 0 or metadata of more than 4,096 bytes. With the catalog locked. */
sf_status sf_group_offsets_add(const sf_catalog *catalog, const char *group,
                               const sf_offset *offsets, size_t count, sf_buffer *facts,
                               sf_error *err);

/* Fills in what the group committed; metadata is copied into the arena. An unknown topic has
 * nothing committed. With the catalog locked. */
void sf_group_offsets_find(const sf_catalog *catalog, const char *group, sf_offset *offsets,
                           size_t count, sf_arena *arena);

#endif
