/* simulated_log.h - one partition of a simulated broker: records, markers that end transactions, what is
 * compacted and trimmed.
 *
 * Nothing is ever taken out of memory: what readers no longer get stays for the oracles. One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_LOG_H
#define SF_SIMULATION_SIMULATED_LOG_H

#include <stdbool.h>

#include <stateful/record.h>

/* What a transaction wrote to one partition. Undecided until its marker is written there. */
typedef struct sf_simulated_piece sf_simulated_piece;

typedef struct sf_simulated_entry {
    int64_t offset;
    int64_t appended_ms;
    int64_t cleaned_ms; /* when a cleaner first came by; 0: none has */
    bool is_marker;     /* ends a transaction; takes an offset, is no record */
    bool is_compacted;
    const sf_simulated_piece *piece; /* NULL: written without a transaction */
    sf_record record;
} sf_simulated_entry;

typedef struct sf_simulated_log {
    sf_simulated_entry *entries;
    size_t count;
    size_t capacity;
    int64_t low;  /* what is below is trimmed */
    int64_t next; /* the high watermark */
    sf_simulated_piece *undecided;
    const int64_t *now_us; /* borrowed: the clock of the brokers */
    sf_arena *arena;
} sf_simulated_log;

void sf_simulated_log_init(sf_simulated_log *log, const int64_t *now_us);
void sf_simulated_log_done(sf_simulated_log *log);

/* Copies the record; its offset. */
int64_t sf_simulated_log_append(sf_simulated_log *log, const sf_record *record,
                                sf_simulated_piece *piece);

/* A transaction's part of this partition; the log's. */
sf_simulated_piece *sf_simulated_log_open_piece(sf_simulated_log *log);

/* How the transaction is to end is known, before its marker is written. */
void sf_simulated_piece_decide(sf_simulated_piece *piece, bool committed);

/* Writes the marker: from now on the piece's records count, or never will. */
void sf_simulated_log_end_piece(sf_simulated_log *log, sf_simulated_piece *piece, bool committed);

/* Behind the last record before which everything is decided. */
int64_t sf_simulated_log_last_stable(const sf_simulated_log *log);

/* Whether a read_committed reader is given this entry, once it is below the last stable offset. */
bool sf_simulated_entry_is_committed(const sf_simulated_entry *entry);

/* Whether it counts, or will once its transaction's marker is written. */
bool sf_simulated_entry_counts(const sf_simulated_entry *entry);

/* The index of the first entry with that offset or a later one. */
size_t sf_simulated_log_seek(const sf_simulated_log *log, int64_t offset);

typedef struct sf_simulated_cleaning {
    int64_t below;             /* this offset */
    int64_t deletions_stay_ms; /* after a cleaner first came by */
    int64_t lag_ms;            /* what is younger is not looked at */
} sf_simulated_cleaning;

/* Takes out what a cleaner may: records that a later committed one of the same key replaces, those of
 * aborted transactions, markers, and old deletions. */
void sf_simulated_log_compact(sf_simulated_log *log, const sf_simulated_cleaning *how);

/* The first offset that a reader from the beginning needs: what is below is replaced, deleted, aborted
 * or a marker. */
int64_t sf_simulated_log_first_needed(const sf_simulated_log *log);

void sf_simulated_log_trim(sf_simulated_log *log, int64_t below);

#endif
