#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
    if (!memory) {
        fputs("stateful: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *sf_alloc(size_t size)
{
    return checked(malloc(size ? size : 1));
}

void *sf_zalloc(size_t size)
{
    return checked(calloc(1, size ? size : 1));
}

void *sf_realloc(void *memory, size_t size)
{
    return checked(realloc(memory, size ? size : 1));
}

void *sf_realloc_array(void *memory, size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total))
        total = SIZE_MAX;
    return sf_realloc(memory, total);
}

char *sf_text_copy(const char *text)
{
    return text ? sf_memory_copy(text, strlen(text) + 1) : NULL;
}

void *sf_memory_copy(const void *memory, size_t size)
{
    void *copy = sf_alloc(size);

    if (size)
        memcpy(copy, memory, size);
    return copy;
}

char *sf_text_printf(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return checked(length < 0 ? NULL : text);
}
