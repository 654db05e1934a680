#include "store/undo_log.h"

#include <stdlib.h>

#include "base/memory.h"

void sf_undo_log_done(sf_undo_log *log)
{
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

void sf_undo_log_add(sf_undo_log *log, uint64_t savepoint, const sf_buffer_entry *entry,
                     bool is_new)
{
    if (log->savepoint != savepoint) {
        log->savepoint = savepoint;
        log->count = 0;
        sf_buffer_clear(&log->values);
    }
    *next_record(log) = (sf_undo_record){
        .entry = (sf_buffer_entry *)entry,
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
