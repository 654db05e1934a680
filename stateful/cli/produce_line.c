#include "produce_line.h"

#include <string.h>

#include "base/memory.h"
#include "service/json_reader.h"

/* ---- plain ---- */

static sf_status take_text(const produce_form *form, const char *text, text_form as,
                           sf_arena *arena, sf_bytes *bytes, sf_error *err)
{
    if (form->null && !strcmp(text, form->null)) {
        *bytes = SF_NULL;
        return SF_OK;
    }
    return record_text_parse(text, as, arena, bytes, err);
}

static sf_status parse_plain(const produce_form *form, char *line, sf_arena *arena,
                             sf_record *record, sf_error *err)
{
    char *value = line;
    sf_status status = SF_OK;

    if (form->separator) {
        char *found = strstr(line, form->separator);

        if (!found)
            return sf_fail_with(err, SF_REJECT, SF_BAD_DATA, "holds no '%s' after its key",
                                form->separator);
        value = found + strlen(form->separator);
        *found = '\0';
        status = take_text(form, line, form->keys, arena, &record->key, err);
    }
    return status ? status : take_text(form, value, form->values, arena, &record->value, err);
}

/* ---- JSON ---- */

enum {
    MEMBER_PARTITION,
    MEMBER_OFFSET,
    MEMBER_TIMESTAMP,
    MEMBER_KEY,
    MEMBER_VALUE,
    MEMBER_HEADERS
};

static const sf_json_member record_members[] = {
    SF_JSON_OPTIONAL("partition"), SF_JSON_OPTIONAL("offset"), SF_JSON_OPTIONAL("timestamp"),
    SF_JSON_OPTIONAL("key"),       SF_JSON_OPTIONAL("value"),  SF_JSON_OPTIONAL("headers"),
};

static const sf_json_member header_members[] = {
    SF_JSON_REQUIRED("name"),
    SF_JSON_OPTIONAL("value"),
};

static const sf_json_bounds any_size = {0, INT64_MAX};

/* A text, a number for form int64, or null. */
static void read_bytes(sf_json_reader *json, text_form as, sf_arena *arena, sf_bytes *bytes)
{
    sf_error error = {0};
    sf_bytes found = SF_NULL;

    if (sf_json_read_null(json)) {
        *bytes = SF_NULL;
        return;
    }
    if (as == TEXT_INT64 && sf_json_peek(json) == SF_JSON_NUMBER) {
        if (!sf_json_read_number(json, &found))
            return;
    } else if (!sf_json_read_text(json, any_size, &found)) {
        return;
    }
    if (as == TEXT_PLAIN)
        *bytes = sf_arena_copy(arena, found);
    else if (record_text_parse((const char *)sf_arena_copy(arena, found).data, as, arena, bytes,
                               &error))
        sf_json_note(json, "%s", error.text);
}

static void read_header(sf_json_reader *json, sf_arena *arena, sf_headers *headers)
{
    sf_bytes name = sf_bytes_text("");
    sf_bytes value = SF_NULL;
    sf_json_object object;
    int member;

    if (!sf_json_read_object(json, &object, header_members, SF_ARRAY_LENGTH(header_members)))
        return;
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == 0)
            (void)sf_json_read_text(json, any_size, &name); /* the end of reading tells */
        else
            read_bytes(json, TEXT_PLAIN, arena, &value);
    }
    *headers =
        sf_headers_with(*headers, (const char *)sf_arena_copy(arena, name).data, value, arena);
}

static void read_headers(sf_json_reader *json, sf_arena *arena, sf_headers *headers)
{
    sf_json_array array;

    if (!sf_json_read_array(json, &array))
        return;
    while (sf_json_next_item(json, &array))
        read_header(json, arena, headers);
}

static void read_member(sf_json_reader *json, const produce_form *form, int member, sf_arena *arena,
                        sf_record *record, int64_t *partition)
{
    const sf_json_bounds partitions = {0, form->partitions - 1};

    if (member == MEMBER_PARTITION)
        (void)sf_json_read_integer(json, partitions, partition); /* the end of reading tells */
    else if (member == MEMBER_OFFSET)
        (void)sf_json_skip(json, NULL); /* the broker says which it becomes */
    else if (member == MEMBER_TIMESTAMP)
        (void)sf_json_read_integer(json, any_size, &record->timestamp); /* as above */
    else if (member == MEMBER_KEY)
        read_bytes(json, form->keys, arena, &record->key);
    else if (member == MEMBER_VALUE)
        read_bytes(json, form->values, arena, &record->value);
    else
        read_headers(json, arena, &record->headers);
}

static sf_status parse_json(const produce_form *form, const char *line, sf_arena *arena,
                            sf_record *record, int32_t *partition, sf_error *err)
{
    int64_t where = *partition;
    sf_json_reader json;
    sf_json_object object;
    int member;
    sf_status status;

    sf_json_reader_init(&json, sf_bytes_text(line), arena);
    if (sf_json_read_object(&json, &object, record_members, SF_ARRAY_LENGTH(record_members)))
        while ((member = sf_json_next_member(&json, &object)) >= 0)
            read_member(&json, form, member, arena, record, &where);
    status = sf_json_read_end(&json, err);
    if (!status && form->partition < 0)
        *partition = (int32_t)where;
    return status;
}

sf_status produce_line_parse(const produce_form *form, char *line, sf_arena *arena,
                             sf_record *record, int32_t *partition, sf_error *err)
{
    return form->as_json ? parse_json(form, line, arena, record, partition, err)
                         : parse_plain(form, line, arena, record, err);
}
