#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void sf_buffer_done(sf_buffer *buffer)
{
    free(buffer->data);
    *buffer = SF_BUFFER_EMPTY;
}

void sf_buffer_clear(sf_buffer *buffer)
{
    buffer->size = 0;
}

uint8_t *sf_buffer_reserve(sf_buffer *buffer, size_t size)
{
    size_t needed = buffer->size + size;

    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : 64;

        while (capacity < needed)
            capacity *= 2;
        buffer->data = sf_realloc(buffer->data, capacity);
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->size;
}

uint8_t *sf_buffer_extend(sf_buffer *buffer, size_t size)
{
    uint8_t *added = sf_buffer_reserve(buffer, size);

    buffer->size += size;
    return added;
}

void sf_buffer_add(sf_buffer *buffer, const void *data, size_t size)
{
    if (size)
        memcpy(sf_buffer_extend(buffer, size), data, size);
}

void sf_buffer_add_bytes(sf_buffer *buffer, sf_bytes bytes)
{
    sf_buffer_add(buffer, bytes.data, bytes.size);
}

void sf_buffer_add_text(sf_buffer *buffer, const char *text)
{
    sf_buffer_add(buffer, text, strlen(text));
}

void sf_buffer_printf(sf_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    (void)vsnprintf((char *)sf_buffer_reserve(buffer, (size_t)length + 1), (size_t)length + 1,
                    format, again); /* measured above */
    buffer->size += (size_t)length;
    va_end(again);
    va_end(arguments);
}

sf_bytes sf_buffer_bytes(const sf_buffer *buffer)
{
    return sf_bytes_of(buffer->data ? (const void *)buffer->data : "", buffer->size);
}

const char *sf_buffer_text(sf_buffer *buffer)
{
    *sf_buffer_reserve(buffer, 1) = 0;
    return (const char *)buffer->data;
}

char *sf_buffer_detach(sf_buffer *buffer)
{
    char *text = (char *)(uintptr_t)sf_buffer_text(buffer);

    *buffer = SF_BUFFER_EMPTY;
    return text;
}
