/* store.h - what every state store has in common: its name, its kind, how it is kept. */
#ifndef STATEFUL_STORE_H
#define STATEFUL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stateful/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_store sf_store;

/* What a store is looked up by. */
typedef enum sf_store_kind {
    SF_KEY_VALUE_STORE,
    SF_WINDOW_STORE,
    SF_SESSION_STORE,
    SF_VERSIONED_STORE,
} sf_store_kind;

/* Zero is the usual case: a key-value store on disk, logged, cached. */
typedef struct sf_store_options {
    const char *name; /* also names the changelog: <application>-<name>-changelog */
    sf_store_kind kind;
    bool in_memory;   /* gone with the process, then restored from the changelog */
    bool logging_off; /* no changelog: gone with the disk */
    bool caching_off; /* every change goes downstream at once, not the newest at the commit */

    /* Versioned stores only. */
    int64_t history_ms; /* old versions are kept, and may be put, so long behind the newest one */
    int64_t segment_ms; /* how the reference parts the history; here versions expire one by one, so
                           it changes nothing that can be seen */

    /* Window stores only, but for what says otherwise. */
    bool retain_duplicates; /* a put never replaces, a null put is ignored, get finds the first */
    int64_t window_size_ms;
    int64_t retention_ms; /* sessions too; windows that begin (sessions that end) this long before
                             the newest one are gone; at least their size and grace; 0: they are
                             kept for ever */
    bool by_time;         /* kept by start, then key: for reads over all keys by time; reads of one
                             key look at all that lie in its times. For sessions as time_index */
    bool time_index;      /* sessions too; kept by key, with an index by start (sessions: by end)
                             beside: for reads of one key and reads over all keys by time */
} sf_store_options;

/* A value as a store keeps it. */
typedef struct sf_stored {
    sf_bytes value;    /* null: there is none */
    int64_t timestamp; /* of the record it came from, ms */
} sf_stored;

/* Name (the store's) and kind. Any thread. */
const char *sf_store_name(const sf_store *store);
sf_store_kind sf_store_kind_of(const sf_store *store);

#ifdef __cplusplus
}
#endif

#endif
