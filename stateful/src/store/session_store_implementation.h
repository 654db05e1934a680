/* session_store_implementation.h - the public iterator over sessions, for readers of committed state too:
 * they say where the rows are. */
#ifndef SF_STORE_SESSION_STORE_IMPLEMENTATION_H
#define SF_STORE_SESSION_STORE_IMPLEMENTATION_H

#include <stateful/session_store.h>

#include "store/row_source.h"

typedef struct sf_session_query {
    sf_row_source source;
    bool has_index; /* its side family orders by end */
    sf_bytes key;   /* null: all keys */
    int64_t first_end_ms;
    int64_t last_end_ms;     /* included */
    int64_t latest_start_ms; /* included */
} sf_session_query;

/* By end, then start, then key. */
sf_status sf_session_iterator_open(const sf_session_query *query, sf_session_iterator **iterator,
                                   sf_error *err);

#endif
