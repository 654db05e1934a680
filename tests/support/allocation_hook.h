/* allocation_hook.h - counts allocations of the whole program: include it in the test's own file, once.
 * Under a sanitizer, which has an allocator of its own, nothing is counted: then allocations stays 0. */
#ifndef TESTS_SUPPORT_ALLOCATION_HOOK_H
#define TESTS_SUPPORT_ALLOCATION_HOOK_H

#include <stdlib.h>

#include "support/sanitizer.h"

#define COUNTS_ALLOCATIONS (!UNDER_SANITIZER)

static size_t allocations;

#if COUNTS_ALLOCATIONS
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocations++;
    return __libc_realloc(memory, size);
}
#endif

#endif
