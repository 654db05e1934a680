/* kept_headers.h - a copy of a record's headers in one block of memory; give it back with free(). */
#ifndef SF_STORE_KEPT_HEADERS_H
#define SF_STORE_KEPT_HEADERS_H

#include <stateful/record.h>

typedef struct sf_kept_headers sf_kept_headers;

/* NULL if there are none. */
sf_kept_headers *sf_kept_headers_copy(sf_headers headers);

/* NULL is none. Valid as long as the copy. */
sf_headers sf_kept_headers_get(const sf_kept_headers *kept);

#endif
