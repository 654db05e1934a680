/* json_errors.c - what a reader has to say: where by a JSON pointer, what by a sentence. */
#include "service/json_reader_implementation.h"

#include <stdarg.h>
#include <stdio.h>

/* One more place is kept for the error that ends all reading. */
enum { NOTES_MAX = 16, NAME_SHOWN_MAX = 64 };

/* "~" and "/" of a name are "~0" and "~1" in a pointer; long foreign names are cut. */
static char *put_name(char *to, sf_bytes name)
{
    size_t size = name.size < NAME_SHOWN_MAX ? name.size : NAME_SHOWN_MAX;

    while (size < name.size && size > 0 && (name.data[size] & 0xc0) == 0x80)
        size--;
    for (size_t i = 0; i < size; i++) {
        if (name.data[i] == '~' || name.data[i] == '/') {
            *to++ = '~';
            *to++ = name.data[i] == '~' ? '0' : '1';
        } else {
            *to++ = (char)name.data[i];
        }
    }
    return to;
}

/* The JSON pointer to where frame is, outermost first. */
static char *put_pointer(char *to, const sf_json_frame *frame)
{
    if (!frame)
        return to;
    to = put_pointer(to, frame->outer);
    if (!frame->has_begun)
        return to;
    *to++ = '/';
    if (!sf_bytes_is_null(frame->name))
        return put_name(to, frame->name);
    return to + sprintf(to, "%zu", frame->index);
}

static void add_error(sf_json_reader *json, const char *format, va_list arguments)
{
    char text[512];
    size_t pointer_size = (size_t)(json->depth + 1) * (2 * NAME_SHOWN_MAX + 24);
    char *pointer;

    if (json->error_count == NOTES_MAX && !json->is_broken)
        return;
    if (!json->errors)
        json->errors = sf_arena_alloc(json->arena, (NOTES_MAX + 1) * sizeof(*json->errors));
    pointer = sf_arena_alloc(json->arena, pointer_size);
    *put_pointer(pointer, json->frame) = 0;
    (void)vsnprintf(text, sizeof(text), format, arguments); /* a cut sentence is still one */
    json->errors[json->error_count++] = (sf_json_error){
        .pointer = pointer,
        .text = sf_arena_text(json->arena, text),
    };
}

void sf_json_note(sf_json_reader *json, const char *format, ...)
{
    va_list arguments;

    if (json->is_broken)
        return;
    va_start(arguments, format);
    add_error(json, format, arguments);
    va_end(arguments);
}

bool sf_json_reader_fail(sf_json_reader *json, const char *format, ...)
{
    va_list arguments;

    if (json->is_broken)
        return false;
    json->is_broken = true;
    va_start(arguments, format);
    add_error(json, format, arguments);
    va_end(arguments);
    json->frame = NULL;
    json->value_is_due = false;
    return false;
}

bool sf_json_reader_break(sf_json_reader *json, const char *expected)
{
    size_t offset = (size_t)(json->at - json->begin);

    if (json->at == json->end)
        return sf_json_reader_fail(json, "expected %s, but the text ends at byte %zu", expected,
                                   offset);
    if (*json->at > 0x20 && *json->at < 0x7f)
        return sf_json_reader_fail(json, "expected %s at byte %zu, found '%c'", expected, offset,
                                   *json->at);
    return sf_json_reader_fail(json, "expected %s at byte %zu, found byte 0x%02x", expected, offset,
                               *json->at);
}
