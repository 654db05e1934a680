#include "support/record_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void refuse(const char *what, const char *text)
{
    fprintf(stderr, "%s: %s\n", what, text);
    exit(2);
}

static int digit(char letter)
{
    const char *const digits = "0123456789abcdef";
    const char *place = letter ? strchr(digits, letter) : NULL;

    return place ? (int)(place - digits) : -1;
}

sf_bytes record_line_bytes(const char *text, sf_arena *arena)
{
    size_t size = strlen(text) / 2;
    uint8_t *data;

    if (!strcmp(text, "-"))
        return SF_NULL;
    data = sf_arena_alloc(arena, size + 1);
    for (size_t i = 0; i < size; i++) {
        int high = digit(text[2 * i]);
        int low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            refuse("these are no hexadecimal digits", text);
        data[i] = (uint8_t)(high << 4 | low);
    }
    return sf_bytes_of(data, size);
}

void record_line_print_bytes(FILE *file, sf_bytes bytes)
{
    if (sf_bytes_is_null(bytes))
        fputc('-', file);
    for (size_t i = 0; i < bytes.size; i++)
        fprintf(file, "%02x", bytes.data[i]);
}

static sf_headers parse_headers(char *text, sf_arena *arena)
{
    sf_headers headers = {0};
    char *rest = text;
    char *name;

    while ((name = strsep(&rest, ";")) && *name) {
        char *value = strchr(name, '=');

        if (!value)
            refuse("a header has no value", name);
        *value++ = '\0';
        headers = sf_headers_with(headers, name, record_line_bytes(value, arena), arena);
    }
    return headers;
}

static void parse(char *text, sf_arena *arena, record_line *line)
{
    char *fields[6];

    for (size_t i = 0; i < 6; i++) {
        fields[i] = strsep(&text, "\t");
        if (!fields[i])
            refuse("a line has too few fields, the last one", i ? fields[i - 1] : "");
    }
    *line = (record_line){
        .partition = (int32_t)strtol(fields[0], NULL, 10),
        .offset = strtoll(fields[1], NULL, 10),
        .record =
            {
                .timestamp = strtoll(fields[2], NULL, 10),
                .key = record_line_bytes(fields[3], arena),
                .value = record_line_bytes(fields[4], arena),
                .headers = parse_headers(fields[5], arena),
            },
    };
}

bool record_line_read(FILE *file, sf_arena *arena, record_line *line)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size = getline(&text, &capacity, file);

    if (size > 0) {
        text[strcspn(text, "\n")] = '\0';
        parse(sf_arena_text(arena, text), arena, line);
    }
    free(text);
    return size > 0;
}

void record_line_print(FILE *file, const record_line *line)
{
    const sf_record *record = &line->record;

    fprintf(file, "%" PRId32 "\t%" PRId64 "\t%" PRId64 "\t", line->partition, line->offset,
            record->timestamp);
    record_line_print_bytes(file, record->key);
    fputc('\t', file);
    record_line_print_bytes(file, record->value);
    fputc('\t', file);
    for (size_t i = 0; i < record->headers.count; i++) {
        fprintf(file, "%s%s=", i ? ";" : "", record->headers.items[i].name);
        record_line_print_bytes(file, record->headers.items[i].value);
    }
    fputc('\n', file);
}
