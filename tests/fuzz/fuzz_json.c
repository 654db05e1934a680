/* fuzz_json.c - any bytes as JSON: skipping and reading agree on whether they are; errors have a place
 * and a sentence; a text that was read is valid UTF-8 and survives writing and reading again. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "service/json_reader.h"
#include "service/json_writer.h"
#include "service/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void read_value(sf_json_reader *json);

static void read_object(sf_json_reader *json)
{
    static const sf_json_member members[] = {SF_JSON_REQUIRED("id"), SF_JSON_OPTIONAL("items"),
                                             SF_JSON_OPTIONAL("price")};
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, members, SF_ARRAY_LENGTH(members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        sf_money money;

        check(sf_json_has_member(&object, member));
        if (member == 2)
            (void)sf_json_read_money(json, 2, (sf_json_bounds){0, 1000}, &money);
        else
            read_value(json);
    }
}

static void read_array(sf_json_reader *json)
{
    sf_json_array array;
    size_t count = 0;

    sf_json_read_array(json, &array);
    while (sf_json_next_item(json, &array)) {
        check(array.frame.index == count++);
        if (count % 3)
            read_value(json);
    }
}

static void check_text(sf_bytes text)
{
    sf_arena *arena = sf_arena_new();
    sf_buffer out = SF_BUFFER_EMPTY;
    sf_json_writer writer;
    sf_json_reader json;
    sf_bytes again;

    check(sf_utf8_is_valid(text));
    sf_json_writer_init(&writer, &out);
    sf_json_write_bytes(&writer, NULL, text);
    sf_json_reader_init(&json, sf_buffer_bytes(&out), arena);
    check(sf_json_read_text(&json, (sf_json_bounds){0, INT64_MAX}, &again));
    check(!sf_json_read_end(&json, NULL));
    check(sf_bytes_equal(text, again));
    sf_buffer_done(&out);
    sf_arena_free(arena);
}

static void read_value(sf_json_reader *json)
{
    sf_bytes text;
    int64_t number;
    bool truth;

    switch (sf_json_peek(json)) {
    case SF_JSON_OBJECT:
        read_object(json);
        return;
    case SF_JSON_ARRAY:
        read_array(json);
        return;
    case SF_JSON_TEXT:
        if (sf_json_read_text(json, (sf_json_bounds){0, 1000}, &text))
            check_text(text);
        return;
    case SF_JSON_NUMBER:
        (void)sf_json_read_integer(json, (sf_json_bounds){-1000, 1000}, &number);
        return;
    case SF_JSON_BOOLEAN:
        (void)sf_json_read_boolean(json, &truth);
        return;
    case SF_JSON_NULL:
        (void)sf_json_read_null(json);
        return;
    default:
        (void)sf_json_skip(json, NULL);
    }
}

static void check_errors(const sf_json_reader *json)
{
    for (size_t i = 0; i < json->error_count; i++) {
        check(json->errors[i].text[0]);
        check(!json->errors[i].pointer[0] || json->errors[i].pointer[0] == '/');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_arena *arena = sf_arena_new();
    sf_json_reader json;
    bool is_json;

    sf_json_reader_init(&json, sf_bytes_of(data, size), arena);
    (void)sf_json_skip(&json, NULL);
    is_json = !sf_json_read_end(&json, NULL);
    check_errors(&json);
    sf_json_reader_init(&json, sf_bytes_of(data, size), arena);
    read_value(&json);
    (void)sf_json_read_end(&json, NULL);
    check(json.is_broken != is_json);
    check_errors(&json);
    sf_arena_free(arena);
    return 0;
}
