#include "simulation/simulated_log.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"

struct sf_simulated_piece {
    int64_t first; /* offset of its first record, -1: none yet */
    bool is_committed;
    bool is_decided_so;       /* to be committed */
    sf_simulated_piece *next; /* undecided like it */
};

void sf_simulated_log_init(sf_simulated_log *log, const int64_t *now_us)
{
    *log = (sf_simulated_log){.arena = sf_arena_new(), .now_us = now_us};
}

void sf_simulated_log_done(sf_simulated_log *log)
{
    sf_arena_free(log->arena);
    free(log->entries);
}

static sf_simulated_entry *add_entry(sf_simulated_log *log)
{
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? 2 * log->capacity : 32;
        log->entries = sf_realloc_array(log->entries, log->capacity, sizeof(log->entries[0]));
    }
    log->entries[log->count] = (sf_simulated_entry){
        .offset = log->next++,
        .appended_ms = *log->now_us / 1000,
    };
    return &log->entries[log->count++];
}

int64_t sf_simulated_log_append(sf_simulated_log *log, const sf_record *record,
                                sf_simulated_piece *piece)
{
    sf_simulated_entry *entry = add_entry(log);

    entry->record = sf_record_copy(record, log->arena);
    entry->piece = piece;
    if (piece && piece->first < 0)
        piece->first = entry->offset;
    return entry->offset;
}

sf_simulated_piece *sf_simulated_log_open_piece(sf_simulated_log *log)
{
    sf_simulated_piece *piece = sf_arena_zalloc(log->arena, sizeof(*piece));

    piece->first = -1;
    piece->next = log->undecided;
    log->undecided = piece;
    return piece;
}

void sf_simulated_piece_decide(sf_simulated_piece *piece, bool committed)
{
    piece->is_decided_so = committed;
}

void sf_simulated_log_end_piece(sf_simulated_log *log, sf_simulated_piece *piece, bool committed)
{
    sf_simulated_piece **link = &log->undecided;

    add_entry(log)->is_marker = true;
    piece->is_committed = committed;
    while (*link != piece)
        link = &(*link)->next;
    *link = piece->next;
}

int64_t sf_simulated_log_last_stable(const sf_simulated_log *log)
{
    int64_t stable = log->next;

    for (const sf_simulated_piece *piece = log->undecided; piece; piece = piece->next) {
        if (piece->first >= 0 && piece->first < stable)
            stable = piece->first;
    }
    return stable;
}

bool sf_simulated_entry_is_committed(const sf_simulated_entry *entry)
{
    return !entry->is_marker && (!entry->piece || entry->piece->is_committed);
}

bool sf_simulated_entry_counts(const sf_simulated_entry *entry)
{
    return !entry->is_marker && (!entry->piece || entry->piece->is_decided_so);
}

size_t sf_simulated_log_seek(const sf_simulated_log *log, int64_t offset)
{
    /* Offsets are the indexes, since nothing is taken out of memory. */
    if (offset <= 0)
        return 0;
    return offset < log->next ? (size_t)offset : log->count;
}

/* Whether a cleaner may take it: newer has the keys of committed records behind it. */
static bool is_superseded(const sf_simulated_entry *entry, sf_map *newer)
{
    return !sf_simulated_entry_is_committed(entry) ||
           sf_map_put(newer, entry->record.key, newer) != NULL;
}

static bool is_old_deletion(const sf_simulated_entry *entry, int64_t now_ms, int64_t stays_ms)
{
    return sf_bytes_is_null(entry->record.value) && entry->cleaned_ms &&
           now_ms - entry->cleaned_ms > stays_ms;
}

/* Where a cleaner stops: before what is undecided or too young. */
static size_t cleaned_end(const sf_simulated_log *log, const sf_simulated_cleaning *how,
                          int64_t now_ms)
{
    int64_t stable = sf_simulated_log_last_stable(log);
    int64_t below = how->below < stable ? how->below : stable;
    size_t end = sf_simulated_log_seek(log, below);

    for (size_t i = 0; how->lag_ms > 0 && i < end; i++) {
        if (now_ms - log->entries[i].appended_ms < how->lag_ms)
            return i;
    }
    return end;
}

void sf_simulated_log_compact(sf_simulated_log *log, const sf_simulated_cleaning *how)
{
    int64_t now_ms = *log->now_us / 1000;
    sf_map *newer = sf_map_new();

    for (size_t i = cleaned_end(log, how, now_ms); i-- > 0;) {
        sf_simulated_entry *entry = &log->entries[i];

        if (is_superseded(entry, newer) || is_old_deletion(entry, now_ms, how->deletions_stay_ms))
            entry->is_compacted = true;
        if (!entry->cleaned_ms)
            entry->cleaned_ms = now_ms;
    }
    sf_map_free(newer);
}

int64_t sf_simulated_log_first_needed(const sf_simulated_log *log)
{
    int64_t first = sf_simulated_log_last_stable(log);
    sf_map *newer = sf_map_new();

    for (size_t i = sf_simulated_log_seek(log, first); i-- > 0;) {
        const sf_simulated_entry *entry = &log->entries[i];

        if (!is_superseded(entry, newer) && !sf_bytes_is_null(entry->record.value))
            first = entry->offset;
    }
    sf_map_free(newer);
    return first;
}

void sf_simulated_log_trim(sf_simulated_log *log, int64_t below)
{
    if (below > log->next)
        below = log->next;
    if (below > log->low)
        log->low = below;
}
