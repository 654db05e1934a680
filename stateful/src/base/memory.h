/* memory.h - allocation that ends the process when there is none: Kafka and PostgreSQL hold all we
 * need to start again. Give back with free(). Any thread. */
#ifndef SF_BASE_MEMORY_H
#define SF_BASE_MEMORY_H

#include <stddef.h>

#define SF_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

void *sf_alloc(size_t size);
void *sf_zalloc(size_t size); /* zeroed */
void *sf_realloc(void *memory, size_t size);
void *sf_realloc_array(void *memory, size_t count, size_t size); /* the product is checked */
char *sf_text_copy(const char *text);                            /* NULL gives NULL */
void *sf_memory_copy(const void *memory, size_t size);
char *sf_text_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
