/* row_source.h - where the rows of a store are read: by its task through the write buffer, by others
 * as they were committed. Keys are without the partition, values with their timestamp. */
#ifndef SF_STORE_ROW_SOURCE_H
#define SF_STORE_ROW_SOURCE_H

#include "base/buffer.h"
#include "store/range.h"

typedef struct sf_row_source {
    void *store;

    /* from <= key < to (null: no bound) of the store's own family, or of its side family (see
     * buffered_store.h). */
    sf_range *(*open)(void *store, bool side, sf_bytes from, sf_bytes to, bool backwards);

    /* Appends a row of the store's own family; nothing if there is none. */
    sf_status (*read)(void *store, sf_bytes key, sf_buffer *to, sf_error *err);
} sf_row_source;

#endif
