/* consume.c - stateful consume: records of a topic, a line each */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "command.h"
#include "record_text.h"
#include "scan.h"
#include "service/json_writer.h"
#include "topic_facts.h"

/* What stands in a line, in this order. */
enum { SHOW_PARTITION, SHOW_OFFSET, SHOW_TIMESTAMP, SHOW_KEY, SHOW_VALUE, SHOW_HEADERS, SHOWN };

static const char *const field_names[] = {"partition", "offset",  "timestamp", "key",
                                          "value",     "headers", NULL};

typedef struct printing {
    bool shows[SHOWN];
    text_form keys;
    text_form values;
    bool as_json;
    int64_t left; /* records still to be printed */
    sf_buffer line;
} printing;

/* ---- JSON ---- */

static void write_bytes(sf_json_writer *json, const char *name, sf_bytes bytes, text_form form)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    if (form == TEXT_PLAIN || sf_bytes_is_null(bytes)) {
        sf_json_write_bytes(json, name, bytes);
        return;
    }
    record_text_add(&text, bytes, form);
    if (form == TEXT_INT64 && bytes.size == 8)
        sf_json_write_raw(json, name, sf_buffer_bytes(&text));
    else
        sf_json_write_bytes(json, name, sf_buffer_bytes(&text));
    sf_buffer_done(&text);
}

/* A list of pairs: names may repeat, and their order counts. */
static void write_headers(sf_json_writer *json, sf_headers headers)
{
    sf_json_write_array(json, "headers");
    for (size_t i = 0; i < headers.count; i++) {
        sf_json_write_object(json, NULL);
        sf_json_write_text(json, "name", headers.items[i].name);
        sf_json_write_bytes(json, "value", headers.items[i].value);
        sf_json_write_end_object(json);
    }
    sf_json_write_end_array(json);
}

static void print_json(printing *how, int32_t partition, const sf_consumed_record *consumed)
{
    const sf_record *record = &consumed->record;
    sf_json_writer json;

    sf_json_writer_init(&json, &how->line);
    sf_json_write_object(&json, NULL);
    sf_json_write_integer(&json, "partition", partition);
    sf_json_write_integer(&json, "offset", consumed->offset);
    sf_json_write_integer(&json, "timestamp", record->timestamp);
    write_bytes(&json, "key", record->key, how->keys);
    write_bytes(&json, "value", record->value, how->values);
    write_headers(&json, record->headers);
    sf_json_write_end_object(&json);
}

/* ---- text ---- */

static void add_bytes(printing *how, sf_bytes bytes, text_form form)
{
    if (sf_bytes_is_null(bytes))
        sf_buffer_add_text(&how->line, "NULL");
    else
        record_text_add(&how->line, bytes, form);
}

static void add_headers(printing *how, sf_headers headers)
{
    for (size_t i = 0; i < headers.count; i++) {
        sf_buffer_printf(&how->line, "%s%s=", i ? "," : "", headers.items[i].name);
        add_bytes(how, headers.items[i].value, TEXT_PLAIN);
    }
}

static void add_field(printing *how, int field, int32_t partition,
                      const sf_consumed_record *consumed)
{
    const sf_record *record = &consumed->record;

    if (field == SHOW_PARTITION)
        sf_buffer_printf(&how->line, "%" PRId32, partition);
    else if (field == SHOW_OFFSET)
        sf_buffer_printf(&how->line, "%" PRId64, consumed->offset);
    else if (field == SHOW_TIMESTAMP)
        sf_buffer_printf(&how->line, "%" PRId64, record->timestamp);
    else if (field == SHOW_KEY)
        add_bytes(how, record->key, how->keys);
    else if (field == SHOW_VALUE)
        add_bytes(how, record->value, how->values);
    else
        add_headers(how, record->headers);
}

static void print_text(printing *how, int32_t partition, const sf_consumed_record *consumed)
{
    bool is_first = true;

    for (int field = 0; field < SHOWN; field++) {
        if (!how->shows[field])
            continue;
        if (!is_first)
            sf_buffer_add_text(&how->line, "\t");
        add_field(how, field, partition, consumed);
        is_first = false;
    }
}

/* ---- the command ---- */

static sf_status print_record(void *user, int32_t partition, const sf_consumed_record *consumed,
                              bool *enough, sf_error *err)
{
    printing *how = user;

    sf_buffer_clear(&how->line);
    if (how->as_json)
        print_json(how, partition, consumed);
    else
        print_text(how, partition, consumed);
    sf_buffer_add_text(&how->line, "\n");
    if (fwrite(how->line.data, how->line.size, 1, stdout) != 1)
        return sf_fail(err, SF_IO, "standard output cannot be written");
    *enough = --how->left <= 0;
    return SF_OK;
}

static sf_status read_fields(printing *how, const char *list, sf_error *err)
{
    char *copy = sf_text_copy(list);
    char *rest = copy;
    sf_status status = SF_OK;

    for (char *word = strsep(&rest, ","); word && !status; word = strsep(&rest, ",")) {
        int field = 0;

        while (field < SHOWN && strcmp(word, field_names[field]) != 0)
            field++;
        if (field == SHOWN)
            status = sf_fail_with(err, SF_REJECT, SF_INVALID,
                                  "--print '%s' is not one of partition, offset, timestamp, key, "
                                  "value, headers",
                                  word);
        else
            how->shows[field] = true;
    }
    free(copy);
    return status;
}

static sf_status read_printing(const command_call *call, printing *how, sf_error *err)
{
    const arguments *read = call->arguments;
    const char *fields = arguments_text(read, "print");
    size_t keys = TEXT_PLAIN;
    size_t values = TEXT_PLAIN;
    sf_status status = arguments_choice(read, "keys", text_form_names, &keys, err);

    if (!status)
        status = arguments_choice(read, "values", text_form_names, &values, err);
    if (!status)
        status = arguments_number(read, "max", 1, INT64_MAX, &how->left, err);
    if (!status)
        status = read_fields(how, fields ? fields : "key,value", err);
    how->keys = (text_form)keys;
    how->values = (text_form)values;
    how->as_json = call->as_json;
    return status;
}

static sf_status find_range(const command_call *call, const char *topic, int32_t partition,
                            scan_range *range, sf_error *err)
{
    const char *from = arguments_text(call->arguments, "from");
    sf_watermarks marks;
    sf_status status = topic_facts_watermarks(call, topic, partition, &marks, err);

    range->partition = partition;
    if (!status)
        range->end = arguments_has(call->arguments, "uncommitted") ? marks.high : marks.last_stable;
    if (!status && arguments_has(call->arguments, "follow"))
        range->end = INT64_MAX;
    if (!status)
        status =
            scan_find_offset(call, topic, partition, from ? from : "beginning", &range->from, err);
    return status;
}

static sf_status choose_partitions(const command_call *call, const char *topic, int32_t **chosen,
                                   size_t *count, sf_error *err)
{
    size_t given = arguments_count(call->arguments, "partition");
    int32_t there = 0;
    sf_status status = topic_facts_partitions(call, topic, &there, err);

    if (status)
        return status;
    *count = given ? given : (size_t)there;
    *chosen = sf_zalloc(*count * sizeof(**chosen));
    for (size_t i = 0; i < *count; i++) {
        const char *text = given ? arguments_text_at(call->arguments, "partition", i) : NULL;
        int64_t number = (int64_t)i;

        if (text && (!text_is_number(text, &number) || number < 0 || number >= there))
            return sf_fail_with(err, SF_REJECT, SF_INVALID,
                                "--partition is '%s', but topic %s has partitions 0 to %" PRId32,
                                text, topic, there - 1);
        (*chosen)[i] = (int32_t)number;
    }
    return SF_OK;
}

static sf_status find_ranges(const command_call *call, const char *topic, scan_range **ranges,
                             size_t *count, sf_error *err)
{
    int32_t *chosen = NULL;
    sf_status status = choose_partitions(call, topic, &chosen, count, err);

    if (!status)
        *ranges = sf_zalloc((*count + 1) * sizeof(**ranges));
    for (size_t i = 0; !status && i < *count; i++)
        status = find_range(call, topic, chosen[i], &(*ranges)[i], err);
    free(chosen);
    return status;
}

static sf_status consume(const command_call *call, sf_error *err)
{
    const char *topic = arguments_operand(call->arguments, 0);
    printing how = {.left = INT64_MAX};
    scan_range *ranges = NULL;
    size_t count = 0;
    sf_status status = read_printing(call, &how, err);

    if (!status)
        status = find_ranges(call, topic, &ranges, &count, err);
    if (arguments_has(call->arguments, "follow"))
        (void)setvbuf(stdout, NULL, _IOLBF, 0); /* whoever watches wants each line at once */
    if (!status)
        status = scan_run(call,
                          &(scan){
                              .topic = topic,
                              .ranges = ranges,
                              .count = count,
                              .read_uncommitted = arguments_has(call->arguments, "uncommitted"),
                              .fn = print_record,
                              .user = &how,
                          },
                          err);
    free(ranges);
    sf_buffer_done(&how.line);
    return status;
}

static const option options[] = {
    {"from", 'o', "WHERE", "beginning (usual), end, an offset, a time or @ms since 1970", false},
    {"partition", 'p', "N", "only this one", true},
    {"max", 'n', "N", "ends after so many records", false},
    {"follow", 'f', NULL, "goes on with what comes later, until interrupted", false},
    {"uncommitted", 0, NULL, "records of open and aborted transactions, too", false},
    {"keys", 0, "FORM", "how keys are shown: text (usual), hex, base64, int64", false},
    {"values", 0, "FORM", "how values are shown, the same", false},
    {"print", 0, "FIELDS", "of partition,offset,timestamp,key,value,headers (key,value)", false},
    {NULL, 0, NULL, NULL, false},
};

const command consume_command = {
    .words = "consume",
    .operands = "TOPIC",
    .least = 1,
    .most = 1,
    .summary = "print the records of a topic",
    .details = "Prints what the topic holds now, partition by partition, a record a line, fields "
               "parted by\n"
               "tabs, a null as NULL; committed records only. With --json all fields as a JSON "
               "object a line,\n"
               "which `stateful produce --json` reads back.\n",
    .options = options,
    .run = consume,
};
