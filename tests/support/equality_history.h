/* equality_history.h - what comes in: random records for the input topics of a topology, in a few parts
 * with a pause between them.
 *
 * Keys "k0", "k1", ... and a few nulls; values are numbers as texts and some nulls; times go on, with
 * late records and equal times, across the pauses too.
 */
#ifndef TESTS_SUPPORT_EQUALITY_HISTORY_H
#define TESTS_SUPPORT_EQUALITY_HISTORY_H

#include <stateful/arena.h>
#include <stateful/record.h>

#include "base/random.h"

enum { EQUALITY_PARTS_MAX = 3, EQUALITY_KEYS = 9 };

typedef struct equality_arrival {
    const char *topic;
    sf_record record;
} equality_arrival;

typedef struct equality_history {
    sf_arena *memory;
    equality_arrival *arrivals;
    size_t count;
    size_t part_ends[EQUALITY_PARTS_MAX];
    size_t parts;
} equality_history;

void equality_history_init(equality_history *history);
void equality_history_done(equality_history *history);

/* topics end with NULL. */
void equality_history_draw(equality_history *history, const char *const *topics, sf_random *random);

/* Appends; the record is copied. */
void equality_history_add(equality_history *history, const char *topic, const sf_record *record);

/* Cuts what is there into parts. */
void equality_history_cut(equality_history *history, sf_random *random);

/* Where a part begins, as an index of arrivals; part == parts: the end. */
size_t equality_history_part(const equality_history *history, size_t part);

/* "k<number>", in the arena. */
sf_bytes equality_key(int number, sf_arena *arena);

#endif
