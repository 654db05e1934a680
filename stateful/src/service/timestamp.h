/* timestamp.h - moments as RFC 3339 texts: any offset comes in, UTC goes out. Any thread. */
#ifndef SF_SERVICE_TIMESTAMP_H
#define SF_SERVICE_TIMESTAMP_H

#include <stateful/bytes.h>
#include <stateful/error.h>

/* Room for any timestamp as text, with its NUL. */
#define SF_TIMESTAMP_TEXT_SIZE 32

/* The years 0000 to 9999, the range of the format. */
#define SF_TIMESTAMP_LEAST_MS INT64_C(-62167219200000)
#define SF_TIMESTAMP_MOST_MS INT64_C(253402300799999)

/* Reads "2026-02-27T09:00:00Z", "2026-02-27t10:00:00.25+01:00" into ms since 1970 UTC. A zone must
 * be there; a space before its hours is taken as the '+' it was before somebody decoded it; digits
 * beyond milliseconds are dropped; a leap second counts as the second after it. SF_REJECT with a
 * sentence that begins with "must" and shows an example. */
sf_status sf_timestamp_parse(sf_bytes text, int64_t *time_ms, sf_error *err);

/* Writes "2026-02-27T09:00:00Z" or, where there are milliseconds, "2026-02-27T09:00:00.250Z", puts a
 * NUL behind it and returns the size in bytes without that. Times beyond the years 0 to 9999 are cut
 * to them. */
size_t sf_timestamp_format(int64_t time_ms, char text[SF_TIMESTAMP_TEXT_SIZE]);

#endif
