/* arena.h - memory that lives as long as one piece of work, a record or a request, and goes at once.
 *
 * One thread at a time. Running out of memory ends the process.
 */
#ifndef STATEFUL_ARENA_H
#define STATEFUL_ARENA_H

#include <stateful/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_arena sf_arena;

/* An empty arena; free it with sf_arena_free, which takes all that was given out with it (NULL is
 * fine). */
sf_arena *sf_arena_new(void);
void sf_arena_free(sf_arena *arena);

/* size bytes, aligned for any type, not zeroed; valid until the reset. */
void *sf_arena_alloc(sf_arena *arena, size_t size);

/* The same, zeroed. */
void *sf_arena_zalloc(sf_arena *arena, size_t size);

/* A copy of bytes; null stays null. A NUL follows the copy, not counted. */
sf_bytes sf_arena_copy(sf_arena *arena, sf_bytes bytes);

/* A copy of a text. */
char *sf_arena_text(sf_arena *arena, const char *text);

/* A formatted text. */
char *sf_arena_printf(sf_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* All that was given out is gone; the memory stays for the next piece of work. */
void sf_arena_reset(sf_arena *arena);

#ifdef __cplusplus
}
#endif

#endif
