#include "support/equality_history.h"

#include <stdlib.h>

#include "base/memory.h"

enum { RECORDS_MIN = 60, RECORDS_MORE = 200, STEP_MS = 12, LATE_MS = 60 };

void equality_history_init(equality_history *history)
{
    *history = (equality_history){.memory = sf_arena_new()};
}

void equality_history_done(equality_history *history)
{
    free(history->arrivals);
    sf_arena_free(history->memory);
}

void equality_history_add(equality_history *history, const char *topic, const sf_record *record)
{
    history->arrivals =
        sf_realloc_array(history->arrivals, history->count + 1, sizeof(*history->arrivals));
    history->arrivals[history->count++] =
        (equality_arrival){topic, sf_record_copy(record, history->memory)};
}

void equality_history_cut(equality_history *history, sf_random *random)
{
    size_t end = 0;

    history->parts = 1 + (size_t)sf_random_below(random, EQUALITY_PARTS_MAX);
    for (size_t part = 0; part < history->parts; part++) {
        size_t left = history->count - end;
        bool is_last = part + 1 == history->parts;

        end += is_last ? left : (size_t)sf_random_below(random, left + 1);
        history->part_ends[part] = end;
    }
}

size_t equality_history_part(const equality_history *history, size_t part)
{
    return part ? history->part_ends[part - 1] : 0;
}

sf_bytes equality_key(int number, sf_arena *arena)
{
    return sf_bytes_text(sf_arena_printf(arena, "k%d", number));
}

static bool chance(sf_random *random, unsigned percent)
{
    return sf_random_below(random, 100) < percent;
}

static sf_record draw_record(int64_t now_ms, sf_random *random, sf_arena *arena)
{
    int64_t late_ms = chance(random, 30) ? (int64_t)sf_random_below(random, LATE_MS) : 0;
    sf_record record = {.timestamp = now_ms > late_ms ? now_ms - late_ms : 0};

    if (!chance(random, 3))
        record.key = equality_key((int)sf_random_below(random, EQUALITY_KEYS), arena);
    if (!chance(random, 10))
        record.value =
            sf_bytes_text(sf_arena_printf(arena, "%d", 1 + (int)sf_random_below(random, 999)));
    return record;
}

void equality_history_draw(equality_history *history, const char *const *topics, sf_random *random)
{
    size_t topic_count = 0, count = RECORDS_MIN + (size_t)sf_random_below(random, RECORDS_MORE);
    int64_t now_ms = 1 + (int64_t)sf_random_below(random, 50);

    while (topics[topic_count])
        topic_count++;
    for (size_t i = 0; i < count; i++) {
        sf_record record;

        if (chance(random, 60))
            now_ms += (int64_t)sf_random_below(random, STEP_MS);
        record = draw_record(now_ms, random, history->memory);
        equality_history_add(history, topics[sf_random_below(random, topic_count)], &record);
    }
    equality_history_cut(history, random);
}
