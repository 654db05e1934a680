/* published_rows.h - the rows of a published store, as they were committed. Any thread. */
#ifndef SF_STORE_PUBLISHED_ROWS_H
#define SF_STORE_PUBLISHED_ROWS_H

#include "store/publications.h"
#include "store/row_source.h"

/* The key as on disk, appended. */
void sf_published_add_full_key(const sf_published *published, sf_bytes key, sf_buffer *full_key);

/* Each open and each read shows what is committed by then. */
sf_row_source sf_published_rows(sf_published *published);

#endif
