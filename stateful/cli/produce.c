/* produce.c - stateful produce: a record for each line of standard input */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "command.h"
#include "outbound.h"
#include "produce_line.h"
#include "record_text.h"
#include "topic_facts.h"

static sf_status read_headers(const arguments *read, produce_form *form, sf_error *err)
{
    for (size_t i = 0; i < arguments_count(read, "header"); i++) {
        const char *text = arguments_text_at(read, "header", i);
        const char *sign = strchr(text, '=');
        char *name;

        if (!sign || sign == text)
            return sf_fail_with(err, SF_REJECT, SF_INVALID, "--header %s is not NAME=VALUE", text);
        name = sf_arena_text(form->arena, text);
        name[sign - text] = '\0';
        form->headers = sf_headers_with(form->headers, name, sf_bytes_text(sign + 1), form->arena);
    }
    return SF_OK;
}

static sf_status read_form(const command_call *call, int32_t partitions, produce_form *form,
                           sf_error *err)
{
    const arguments *read = call->arguments;
    size_t keys = TEXT_PLAIN;
    size_t values = TEXT_PLAIN;
    int64_t partition = SF_PARTITION_BY_KEY;
    sf_status status = arguments_choice(read, "keys", text_form_names, &keys, err);

    if (!status)
        status = arguments_choice(read, "values", text_form_names, &values, err);
    if (!status)
        status = arguments_number(read, "partition", 0, partitions - 1, &partition, err);
    if (!status)
        status = arguments_number(read, "timestamp", 0, INT64_MAX, &form->timestamp, err);
    if (!status)
        status = read_headers(read, form, err);
    form->keys = (text_form)keys;
    form->values = (text_form)values;
    form->partition = (int32_t)partition;
    form->partitions = partitions;
    form->separator = arguments_text(read, "key-separator");
    form->null = arguments_text(read, "null");
    form->as_json = call->as_json;
    if (!status && form->separator && !*form->separator)
        return sf_fail_with(err, SF_REJECT, SF_INVALID, "--key-separator is empty");
    return status;
}

static sf_status send_line(outbound *out, const char *topic, const produce_form *form, char *line,
                           sf_arena *arena, sf_error *err)
{
    int32_t partition = form->partition;
    sf_record record = {
        .timestamp = form->timestamp >= 0 ? form->timestamp : sf_clock_now_ms(sf_clock_system()),
        .headers = form->headers,
    };
    sf_status status = produce_line_parse(form, line, arena, &record, &partition, err);

    return status ? status : outbound_send(out, topic, partition, &record, err);
}

/* Lines end with a newline, the last one may go without. */
static sf_status send_lines(outbound *out, const char *topic, const produce_form *form,
                            uint64_t *sent, sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    sf_status status = SF_OK;

    while (!status && (size = getline(&line, &capacity, stdin)) > 0) {
        if (line[size - 1] == '\n')
            line[--size] = '\0';
        if (strlen(line) != (size_t)size)
            status = sf_fail_with(err, SF_REJECT, SF_BAD_DATA,
                                  "holds a NUL; bytes can be given with --values hex or base64");
        if (!status)
            status = send_line(out, topic, form, line, arena, err);
        sf_arena_reset(arena);
        *sent += !status;
    }
    if (status)
        status = sf_error_prefix(err, status, "line %" PRIu64, *sent + 1);
    if (!status && ferror(stdin))
        status = sf_fail(err, SF_IO, "standard input cannot be read");
    free(line);
    sf_arena_free(arena);
    return status;
}

static sf_status send_all(const command_call *call, const produce_form *form, const char *topic,
                          uint64_t *sent, sf_error *err)
{
    outbound *out = NULL;
    sf_error flush_error = {0};
    sf_status status = outbound_open(call, NULL, &out, err);
    sf_status flushed;

    if (status)
        return status;
    status = send_lines(out, topic, form, sent, err);
    flushed = outbound_flush(out, &flush_error); /* lines before a wrong one count */
    outbound_close(out);
    if (status || !flushed)
        return status;
    if (err)
        *err = flush_error;
    return flushed;
}

static sf_status produce(const command_call *call, sf_error *err)
{
    const char *topic = arguments_operand(call->arguments, 0);
    produce_form form = {.timestamp = -1, .arena = sf_arena_new()};
    int32_t partitions = 0;
    uint64_t sent = 0;
    sf_status status = topic_facts_partitions(call, topic, &partitions, err);

    if (!status)
        status = read_form(call, partitions, &form, err);
    if (!status)
        status = send_all(call, &form, topic, &sent, err);
    sf_arena_free(form.arena);
    if (sent)
        fprintf(stderr, "%" PRIu64 " records sent to %s\n", sent, topic);
    return status;
}

static const option options[] = {
    {"key-separator", 'K', "TEXT", "what stands between key and value; else a line is a value",
     false},
    {"partition", 'p', "N", "where to; else where the key belongs", false},
    {"header", 'H', "NAME=VALUE", "for every record", true},
    {"timestamp", 't', "MS", "of every record, since 1970; else now", false},
    {"null", 'Z', "TEXT", "a key or value that reads so is null (deletes, in a table)", false},
    {"keys", 0, "FORM", "how keys are written: text (usual), hex, base64, int64", false},
    {"values", 0, "FORM", "how values are written, the same", false},
    {NULL, 0, NULL, NULL, false},
};

const command produce_command = {
    .words = "produce",
    .operands = "TOPIC",
    .least = 1,
    .most = 1,
    .summary = "send lines of standard input as records",
    .details =
        "Every line is a record. With --json every line is an object as `stateful consume --json`\n"
        "prints it: key, value, timestamp, headers, partition, each of which may be left out.\n"
        "What stands before a wrong line is sent.\n",
    .options = options,
    .run = produce,
};
