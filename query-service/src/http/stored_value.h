/* stored_value.h - the values of each store as JSON, for looking into it. */
#ifndef QUERY_SERVICE_HTTP_STORED_VALUE_H
#define QUERY_SERVICE_HTTP_STORED_VALUE_H

#include "http/analytics.h"

/* A key as it is in the store, and as it is in the records that change it. */
typedef struct stored_key {
    sf_bytes key;
    sf_bytes record_key;
} stored_key;

typedef struct stored_value_kind {
    const char *store;
    bool has_text_key; /* else an id, 8 bytes big-endian */
    bool is_windowed;
    /* Writes the member value; *is_there = whether there is one. SF_RETRY if the key is not here. */
    sf_status (*write)(const analytics_views *views, const stored_key *key, sf_arena *arena,
                       sf_json_writer *json, bool *is_there, sf_error *err);
} stored_value_kind;

/* All stores that can be looked into. */
extern const stored_value_kind stored_value_kinds[];
extern const size_t stored_value_kind_count;

#endif
