/* buffer.h - bytes that grow and are owned. One thread. */
#ifndef SF_BASE_BUFFER_H
#define SF_BASE_BUFFER_H

#include <stateful/bytes.h>

typedef struct sf_buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
} sf_buffer;

#define SF_BUFFER_EMPTY ((sf_buffer){NULL, 0, 0})

void sf_buffer_done(sf_buffer *buffer);
void sf_buffer_clear(sf_buffer *buffer); /* keeps the memory */

/* Room for size more bytes at the end; returns where they go. They count only once added. */
uint8_t *sf_buffer_reserve(sf_buffer *buffer, size_t size);

/* The same, and they count at once; contents undefined. */
uint8_t *sf_buffer_extend(sf_buffer *buffer, size_t size);

void sf_buffer_add(sf_buffer *buffer, const void *data, size_t size);
void sf_buffer_add_bytes(sf_buffer *buffer, sf_bytes bytes);
void sf_buffer_add_text(sf_buffer *buffer, const char *text);
void sf_buffer_printf(sf_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

sf_bytes sf_buffer_bytes(const sf_buffer *buffer);

/* The contents as a text, a NUL put behind them; valid until the next change. */
const char *sf_buffer_text(sf_buffer *buffer);

/* Hands the memory (free() it) with a NUL behind over; the buffer is empty then. */
char *sf_buffer_detach(sf_buffer *buffer);

#endif
