#include "text_array.h"

#include <string.h>

static void add_quoted(sf_buffer *array, const char *element)
{
    sf_buffer_add_text(array, "\"");
    for (;;) {
        size_t plain = strcspn(element, "\"\\");

        sf_buffer_add(array, element, plain);
        element += plain;
        if (!*element)
            break;
        sf_buffer_add_text(array, "\\");
        sf_buffer_add(array, element++, 1);
    }
    sf_buffer_add_text(array, "\"");
}

void text_array_add(sf_buffer *array, const char *element)
{
    sf_buffer_add_text(array, array->size ? "," : "{");
    if (element)
        add_quoted(array, element);
    else
        sf_buffer_add_text(array, "NULL");
}

const char *text_array_end(sf_buffer *array)
{
    sf_buffer_add_text(array, array->size ? "}" : "{}");
    return sf_buffer_text(array);
}
