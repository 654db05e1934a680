/* arena.c - one chunk that grows to what the work at hand needs.
 *
 * Chunks are chained while a piece of work goes on; at the reset the largest stays and the others
 * are given back, so that after the first few records nothing is allocated any more. A chunk of
 * unusual size is not kept, else one giant record would be held for ever.
 */
#include <stateful/arena.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_SIZE = 16 * 1024, KEPT_SIZE = 1024 * 1024, ALIGNMENT = 16 };

typedef struct chunk {
    struct chunk *next;
    size_t size;
    _Alignas(ALIGNMENT) uint8_t data[];
} chunk;

struct sf_arena {
    uint8_t *free;
    uint8_t *end;
    chunk *chunks; /* the current one first */
};

static void use(sf_arena *arena, chunk *first)
{
    arena->chunks = first;
    arena->free = first->data;
    arena->end = first->data + first->size;
}

static void add_chunk(sf_arena *arena, size_t wanted)
{
    size_t size = arena->chunks ? arena->chunks->size * 2 : FIRST_SIZE;
    chunk *added;

    while (size < wanted)
        size *= 2;
    added = sf_alloc(sizeof(*added) + size);
    added->next = arena->chunks;
    added->size = size;
    use(arena, added);
}

sf_arena *sf_arena_new(void)
{
    sf_arena *arena = sf_zalloc(sizeof(*arena));

    add_chunk(arena, 0);
    return arena;
}

static void free_chunks(chunk *first)
{
    while (first) {
        chunk *next = first->next;

        free(first);
        first = next;
    }
}

void sf_arena_free(sf_arena *arena)
{
    if (!arena)
        return;
    free_chunks(arena->chunks);
    free(arena);
}

void *sf_arena_alloc(sf_arena *arena, size_t size)
{
    size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    uint8_t *memory;

    if (rounded > (size_t)(arena->end - arena->free))
        add_chunk(arena, rounded);
    memory = arena->free;
    arena->free += rounded;
    return memory;
}

void *sf_arena_zalloc(sf_arena *arena, size_t size)
{
    return memset(sf_arena_alloc(arena, size), 0, size);
}

sf_bytes sf_arena_copy(sf_arena *arena, sf_bytes bytes)
{
    uint8_t *copy;

    if (!bytes.data)
        return SF_NULL;
    copy = sf_arena_alloc(arena, bytes.size + 1);
    if (bytes.size)
        memcpy(copy, bytes.data, bytes.size);
    copy[bytes.size] = 0;
    return sf_bytes_of(copy, bytes.size);
}

char *sf_arena_text(sf_arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(sf_arena_alloc(arena, size), text, size);
}

char *sf_arena_printf(sf_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    int length;
    char *text;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    text = sf_arena_alloc(arena, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again); /* measured above */
    va_end(again);
    va_end(arguments);
    return text;
}

void sf_arena_reset(sf_arena *arena)
{
    chunk *kept = arena->chunks; /* chunks double, so the first is the largest */

    if (kept->next) {
        free_chunks(kept->next);
        kept->next = NULL;
    }
    if (kept->size > KEPT_SIZE) {
        free(kept);
        arena->chunks = NULL;
        add_chunk(arena, 0);
        return;
    }
    use(arena, kept);
}
