#include "store/undo_log.h"

#include <stdlib.h>

#include "base/memory.h"

void sf_undo_log_clear(sf_undo_log *log)
{
    for (size_t i = 0; log->has_headers && i < log->count; i++)
        free(log->records[i].headers);
    log->has_headers = false;
    log->count = 0;
    sf_buffer_clear(&log->values);
}

void sf_undo_log_done(sf_undo_log *log)
{
    sf_undo_log_clear(log);
    free(log->records);
    sf_buffer_done(&log->values);
    *log = (sf_undo_log){0};
}

static sf_undo_record *next_record(sf_undo_log *log)
{
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? log->capacity * 2 : 16;
        log->records = sf_realloc_array(log->records, log->capacity, sizeof(*log->records));
    }
    return &log->records[log->count++];
}

static sf_kept_headers *take_headers(sf_undo_log *log, sf_buffer_entry *entry)
{
    sf_kept_headers *headers = entry->before ? entry->before->headers : NULL;

    if (!headers)
        return NULL;
    entry->before->headers = NULL;
    log->has_headers = true;
    return headers;
}

void sf_undo_log_add(sf_undo_log *log, uint64_t savepoint, sf_buffer_entry *entry, bool is_new)
{
    if (log->savepoint != savepoint) {
        sf_undo_log_clear(log);
        log->savepoint = savepoint;
    }
    *next_record(log) = (sf_undo_record){
        .entry = entry,
        .headers = take_headers(log, entry),
        .previous = entry->state == SF_ENTRY_DIRTY ? entry->previous : NULL,
        .value_at = log->values.size,
        .value_size = entry->value_size,
        .state = entry->state,
        .is_there = entry->is_there,
        .is_pending = entry->is_pending,
        .is_new = is_new,
    };
    sf_buffer_add(&log->values, entry->value, entry->value_size);
}
