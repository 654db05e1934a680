#include "task/dead_letter.h"

#include <inttypes.h>

static void add(sf_record *letter, const char *name, const char *text, sf_arena *arena)
{
    letter->headers = sf_headers_with(letter->headers, name, sf_bytes_text(text), arena);
}

sf_record sf_dead_letter(const sf_record *raw, const sf_origin *origin, const char *node,
                         const sf_error *why, sf_arena *arena)
{
    sf_record letter = *raw;

    if (letter.timestamp < 0)
        letter.timestamp = 0;
    add(&letter, "__streams.errors.exception", sf_code_name(why->code), arena);
    add(&letter, "__streams.errors.message", why->text, arena);
    if (node)
        add(&letter, "__streams.errors.processor", node, arena);
    add(&letter, "__streams.errors.topic", origin->topic, arena);
    add(&letter, "__streams.errors.partition",
        sf_arena_printf(arena, "%" PRId32, origin->partition), arena);
    add(&letter, "__streams.errors.offset", sf_arena_printf(arena, "%" PRId64, origin->offset),
        arena);
    return letter;
}
