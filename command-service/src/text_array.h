/* text_array.h - an array of texts as the database reads one: {"a","b \"c\"",NULL}. */
#ifndef COMMAND_SERVICE_TEXT_ARRAY_H
#define COMMAND_SERVICE_TEXT_ARRAY_H

#include "base/buffer.h"

/* Adds an element behind the others; NULL is null. */
void text_array_add(sf_buffer *array, const char *element);

/* The whole array; valid until the buffer changes. */
const char *text_array_end(sf_buffer *array);

#endif
