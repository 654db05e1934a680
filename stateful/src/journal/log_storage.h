/* log_storage.h - where the segments of a log lie: in a directory or in memory.
 *
 * A segment is named by its base, the position in the log of its first byte. It comes into being
 * whole and on disk, grows at its end, and is cut only by who holds the lock. Segments opened are
 * counted references that keep their descriptor: one per user, any thread, one call at a time but
 * for _sync. Calls on the storage itself: any thread.
 */
#ifndef SF_JOURNAL_LOG_STORAGE_H
#define SF_JOURNAL_LOG_STORAGE_H

#include <stddef.h>
#include <stdint.h>

#include <stateful/bytes.h>
#include <stateful/error.h>

typedef struct sf_log_storage sf_log_storage;
typedef struct sf_log_segment sf_log_segment;

typedef struct sf_log_storage_ops {
    void (*free)(sf_log_storage *storage);

    /* Keeps all other writers out, of this process (those with a storage of their own) and of
     * others. Waits for it. */
    sf_status (*lock)(sf_log_storage *storage, sf_error *err);
    void (*unlock)(sf_log_storage *storage);

    /* The bases of all segments, ascending; the caller frees. */
    sf_status (*list)(sf_log_storage *storage, int64_t **bases, size_t *count, sf_error *err);

    /* Makes a segment with these contents. SF_RETRY when there is no room. */
    sf_status (*create)(sf_log_storage *storage, int64_t base, sf_bytes contents, sf_error *err);

    /* Code SF_NOT_FOUND if there is none of that base. */
    sf_status (*open)(sf_log_storage *storage, int64_t base, sf_log_segment **segment,
                      sf_error *err);
    void (*close)(sf_log_segment *segment);

    sf_status (*size)(sf_log_segment *segment, size_t *size, sf_error *err);

    /* *got may be less than size at the end of the segment. */
    sf_status (*read)(sf_log_segment *segment, size_t at, void *data, size_t size, size_t *got,
                      sf_error *err);

    /* Writes pieces one behind the other from at on, which is the segment's end (or, in one that
     * nobody sees yet, before it). SF_RETRY when there is no room;
     * some of it may be there after any failure. */
    sf_status (*append)(sf_log_segment *segment, size_t at, const sf_bytes *pieces, size_t count,
                        sf_error *err);

    sf_status (*cut)(sf_log_segment *segment, size_t size, sf_error *err);

    /* Returns once all that was appended before is on disk. */
    sf_status (*sync)(sf_log_segment *segment, sf_error *err);

    /* Keeps other cleaners out, as _lock does writers, but does not wait: *got tells. */
    sf_status (*lock_cleaner)(sf_log_storage *storage, bool *got, sf_error *err);
    void (*unlock_cleaner)(sf_log_storage *storage);

    /* A new segment, empty, that is not in the list before _replace. By who has the cleaner's lock;
     * what an earlier one left unfinished is gone then. SF_RETRY when there is no room. */
    sf_status (*begin)(sf_log_storage *storage, int64_t base, sf_log_segment **segment,
                       sf_error *err);

    /* Makes it, synced before, the segment of its base. Who has the former one open keeps it. */
    sf_status (*replace)(sf_log_segment *segment, sf_error *err);

    /* The same for one that is removed; it must not be the last. */
    sf_status (*remove)(sf_log_storage *storage, int64_t base, sf_error *err);

    /* A descriptor that becomes readable when another process appends, -1 if there is none. The
     * caller closes it. */
    int (*watch)(sf_log_storage *storage);
} sf_log_storage_ops;

struct sf_log_storage {
    const sf_log_storage_ops *ops;
    const char *name; /* for messages; the storage's */
    bool is_shared;   /* others than this process may append */
};

struct sf_log_segment {
    const sf_log_storage_ops *ops;
    int64_t base;
};

/* In a directory, made if missing. */
sf_status sf_directory_storage_new(const char *path, sf_log_storage **storage, sf_error *err);

/* In memory. */
sf_log_storage *sf_memory_storage_new(void);

#endif
