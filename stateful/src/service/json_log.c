#include "service/json_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "service/decimal.h"
#include "service/json_writer.h"
#include "service/log_limit.h"
#include "service/timestamp.h"

enum { PAIRS_MAX = 32, KEY_MAX = 48, NAME_SIZE = KEY_MAX + PAIRS_MAX + 1, NUMBER_MAX = 15 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};

/* Views into the line. */
typedef struct pair {
    sf_bytes key;
    sf_bytes value;
} pair;

typedef struct parts {
    sf_bytes message;
    pair pairs[PAIRS_MAX];
    size_t count;
} parts;

static bool is_key_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' ||
           byte == '.';
}

/* The size of the key when text begins with "key="; 0 if it does not. */
static size_t key_size(const char *text)
{
    size_t size = 0;

    while (size < KEY_MAX && is_key_byte(text[size]))
        size++;
    return size && text[size] == '=' && text[0] >= 'a' && text[0] <= 'z' ? size : 0;
}

/* Where the next "key=" begins that follows a space; the end of the text if there is none. */
static const char *next_key(const char *text)
{
    for (const char *space = strchr(text, ' '); space; space = strchr(space + 1, ' '))
        if (key_size(space + 1))
            return space + 1;
    return text + strlen(text);
}

static sf_bytes trimmed(const char *begin, const char *end)
{
    while (end > begin && end[-1] == ' ')
        end--;
    return sf_bytes_of(begin, (size_t)(end - begin));
}

static void take_apart(const char *line, parts *found)
{
    const char *at = key_size(line) ? line : next_key(line);

    found->message = trimmed(line, at);
    found->count = 0;
    while (*at && found->count < PAIRS_MAX) {
        size_t size = key_size(at);
        const char *value = at + size + 1;
        /* The last pair that there is room for takes the rest of the line. */
        const char *end = found->count + 1 < PAIRS_MAX ? next_key(value) : value + strlen(value);

        found->pairs[found->count++] = (pair){sf_bytes_of(at, size), trimmed(value, end)};
        at = end;
    }
}

/* The names of the members written so far. */
typedef struct names {
    char of[PAIRS_MAX][NAME_SIZE];
    size_t count;
} names;

static bool is_taken(const names *taken, const char *name)
{
    static const char *const reserved[] = {"ts", "level", "service", "msg"};

    for (size_t i = 0; i < SF_ARRAY_LENGTH(reserved); i++)
        if (!strcmp(name, reserved[i]))
            return true;
    for (size_t i = 0; i < taken->count; i++)
        if (!strcmp(name, taken->of[i]))
            return true;
    return false;
}

static const char *take_name(names *taken, sf_bytes key)
{
    char *name = taken->of[taken->count];
    size_t size = key.size;

    memcpy(name, key.data, size);
    name[size] = 0;
    while (is_taken(taken, name) && size + 1 < NAME_SIZE) {
        name[size++] = '_';
        name[size] = 0;
    }
    taken->count++;
    return name;
}

/* A whole number that every reader holds exactly. */
static bool is_number(sf_bytes value)
{
    return value.size > 0 && value.size <= NUMBER_MAX && !memchr(value.data, '.', value.size) &&
           !memchr(value.data, 'e', value.size) && !memchr(value.data, 'E', value.size) &&
           sf_decimal_token_size(value.data, value.size) == value.size;
}

static void write_pair(sf_json_writer *json, const pair *written, names *taken)
{
    const char *name = take_name(taken, written->key);

    if (is_number(written->value))
        sf_json_write_raw(json, name, written->value);
    else
        sf_json_write_bytes(json, name, written->value);
}

void sf_json_log_write(const sf_json_log_line *line, sf_buffer *out)
{
    sf_json_writer json;
    names taken;
    parts found;

    taken.count = 0;
    take_apart(line->line, &found);
    sf_json_writer_init(&json, out);
    sf_json_write_object(&json, NULL);
    sf_json_write_timestamp(&json, "ts", line->time_ms);
    sf_json_write_text(&json, "level", level_names[line->level]);
    sf_json_write_text(&json, "service", line->service);
    sf_json_write_bytes(&json, "msg", found.message);
    for (size_t i = 0; i < found.count; i++)
        write_pair(&json, &found.pairs[i], &taken);
    sf_json_write_end_object(&json);
}

/* A line stays one line, and a terminal is not steered by what was logged. */
static void add_printable(sf_buffer *out, const char *text)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        *sf_buffer_extend(out, 1) = byte < 0x20 || byte == 0x7f ? '?' : byte;
    }
}

void sf_json_log_write_text(const sf_json_log_line *line, sf_buffer *out)
{
    char time[SF_TIMESTAMP_TEXT_SIZE];

    sf_timestamp_format(line->time_ms, time);
    sf_buffer_printf(out, "%.10s %.8s %-5s ", time, time + 11, level_names[line->level]);
    add_printable(out, line->line);
}

static const char *service_name = "";
static bool writes_text;
static sf_log_limit *limit; /* made once, for good */

/* Sentences repeat, their values differ: level and message are what is counted. */
static bool is_admitted(sf_log_level level, const char *text, int64_t now_ms, uint64_t *held)
{
    sf_buffer key = SF_BUFFER_EMPTY;
    bool is_it;

    sf_buffer_add_text(&key, level_names[level]);
    sf_buffer_add_bytes(&key, trimmed(text, key_size(text) ? text : next_key(text)));
    is_it = sf_log_limit_admit(limit, sf_buffer_bytes(&key), now_ms, held);
    sf_buffer_done(&key);
    return is_it;
}

/* One write a line, so that the lines of several threads and processes do not mix. */
static void write_line(void *user, sf_log_level level, const char *text)
{
    sf_json_log_line line = {
        .service = service_name,
        .time_ms = sf_clock_now_ms(sf_clock_system()),
        .level = level,
        .line = text,
    };
    sf_buffer out = SF_BUFFER_EMPTY, told = SF_BUFFER_EMPTY;
    uint64_t held;

    (void)user;
    if (!is_admitted(level, text, line.time_ms, &held))
        return;
    if (held) {
        sf_buffer_printf(&told, "%s held_back=%" PRIu64, text, held);
        line.line = sf_buffer_text(&told);
    }
    if (writes_text)
        sf_json_log_write_text(&line, &out);
    else
        sf_json_log_write(&line, &out);
    sf_buffer_add(&out, "\n", 1);
    (void)!write(STDERR_FILENO, out.data, out.size); /* nobody could be told */
    sf_buffer_done(&out);
    sf_buffer_done(&told);
}

void sf_json_log_start(const char *service, sf_log_level lowest, sf_log_form form)
{
    service_name = service;
    if (!limit)
        limit = sf_log_limit_new();
    writes_text =
        form == SF_LOG_FORM_TEXT || (form == SF_LOG_FORM_BY_TERMINAL && isatty(STDERR_FILENO));
    sf_log_set(write_line, NULL, lowest);
}

sf_log_level sf_json_log_level(const char *word)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(level_names); i++)
        if (!strcmp(word, level_names[i]))
            return (sf_log_level)i;
    return SF_LOG_INFO;
}
