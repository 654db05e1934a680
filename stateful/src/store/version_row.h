/* version_row.h - versions of a versioned store that are over, as they lie in its side family. Numbers
 * are 8 bytes big-endian.
 *
 *   key:     key, end
 *   value:   timestamp, 1 byte (0: a null), value
 *
 * A version ends when the next one begins. Nulls are rows too, unless the row before says by its end
 * that a null begins: what lies between two rows is null. A null that is the newest version and has no
 * row before it is a row that ends as it begins.
 */
#ifndef SF_STORE_VERSION_ROW_H
#define SF_STORE_VERSION_ROW_H

#include "base/buffer.h"

/* Where the end is: see expiry.h. */
#define SF_VERSION_END_AT (-8)

typedef struct sf_version_row {
    int64_t from_ms; /* its timestamp */
    int64_t to_ms;   /* not included */
    sf_bytes value;  /* may be null */
} sf_version_row;

/* Replace the buffer's contents. end_ms is not negative. value is without the timestamp, which the
 * write buffer puts before it. */
void sf_version_row_encode_key(sf_bytes key, int64_t to_ms, sf_buffer *encoded);
void sf_version_row_encode_value(sf_bytes value, sf_buffer *encoded);

/* Whether it is a row of that key; *to_ms = its end. */
bool sf_version_row_decode_key(sf_bytes encoded, sf_bytes key, int64_t *to_ms);

/* From the value with its timestamp; false: too short. The value lies in full_value. */
bool sf_version_row_decode_value(sf_bytes full_value, sf_version_row *row);

#endif
