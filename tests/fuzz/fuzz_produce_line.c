/* fuzz_produce_line.c - any line as what `stateful produce` reads: it becomes a record whose key and value
 * are the same again once they were shown as text, or it is refused with a sentence. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "produce_line.h"

enum { AS_JSON = 16, HAS_SEPARATOR = 32, HAS_NULL = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static produce_form form_of(uint8_t drawn)
{
    return (produce_form){
        .keys = (text_form)(drawn & 3),
        .values = (text_form)(drawn >> 2 & 3),
        .separator = drawn & HAS_SEPARATOR ? ":" : NULL,
        .null = drawn & HAS_NULL ? "null" : NULL,
        .as_json = drawn & AS_JSON,
        .partition = -1,
        .partitions = 4,
    };
}

static void show_and_read(sf_bytes bytes, text_form form, sf_arena *arena)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_bytes again = SF_NULL;
    sf_error error = {0};

    if (sf_bytes_is_null(bytes))
        return;
    record_text_add(&text, bytes, form);
    check(!record_text_parse(sf_buffer_text(&text), form, arena, &again, &error));
    check(sf_bytes_equal(again, bytes));
    sf_buffer_done(&text);
}

/* Of a line that has no separator and was taken. */
static void check_digits(const produce_form *form, const char *line)
{
    if (form->as_json || form->separator || form->values != TEXT_HEX)
        return;
    for (; *line; line++)
        check(isxdigit((unsigned char)*line));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_record record = {.timestamp = -1};
    sf_arena *arena = sf_arena_new();
    sf_error error = {0};
    int32_t partition = -1;
    produce_form form;
    char *line, *kept;

    form = form_of(size ? data[0] : 0);
    line = sf_alloc(size + 1);
    memcpy(line, data + (size > 0), size - (size > 0));
    line[size - (size > 0)] = 0;
    kept = sf_text_copy(line);
    if (produce_line_parse(&form, line, arena, &record, &partition, &error)) {
        check(error.text[0]);
    } else {
        check(partition >= -1 && partition < form.partitions);
        show_and_read(record.key, form.keys, arena);
        show_and_read(record.value, form.values, arena);
        if (!sf_bytes_is_null(record.value))
            check_digits(&form, kept);
    }
    free(kept);
    free(line);
    sf_arena_free(arena);
    return 0;
}
