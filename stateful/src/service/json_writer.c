#include "service/json_writer.h"

#include "service/json_text.h"
#include "service/timestamp.h"
#include "service/utf8.h"

void sf_json_writer_init(sf_json_writer *json, sf_buffer *out)
{
    json->out = out;
    json->needs_comma = false;
}

static void add_byte(sf_buffer *out, char byte)
{
    *sf_buffer_extend(out, 1) = (uint8_t)byte;
}

/* Writes what may not stand for itself; returns its size in the text, in bytes. */
static size_t add_odd(sf_buffer *out, const uint8_t *at, size_t size)
{
    static const char shorts[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
    };
    uint32_t code_point;
    size_t taken = sf_utf8_decode(at, size, &code_point);

    if (!taken) {
        sf_buffer_add_text(out, "\xef\xbf\xbd");
        return 1;
    }
    if (taken > 1)
        sf_buffer_add(out, at, taken);
    else if (*at >= 0x20)
        sf_buffer_add(out, (char[]){'\\', (char)*at}, 2); /* a quote or a backslash */
    else if (shorts[*at])
        sf_buffer_add(out, (char[]){'\\', shorts[*at]}, 2);
    else
        sf_buffer_printf(out, "\\u%04x", *at);
    return taken;
}

static void add_quoted(sf_buffer *out, sf_bytes text)
{
    const uint8_t *at = text.data, *end = text.data + text.size;

    add_byte(out, '"');
    while (at < end) {
        const uint8_t *plain_end = sf_json_text_plain_end(at, end);

        sf_buffer_add(out, at, (size_t)(plain_end - at));
        at = plain_end;
        if (at < end)
            at += add_odd(out, at, (size_t)(end - at));
    }
    add_byte(out, '"');
}

static void begin_value(sf_json_writer *json, const char *name)
{
    if (json->needs_comma)
        add_byte(json->out, ',');
    json->needs_comma = true;
    if (!name)
        return;
    add_quoted(json->out, sf_bytes_text(name));
    add_byte(json->out, ':');
}

static void open_bracket(sf_json_writer *json, const char *name, char bracket)
{
    begin_value(json, name);
    add_byte(json->out, bracket);
    json->needs_comma = false;
}

static void close_bracket(sf_json_writer *json, char bracket)
{
    add_byte(json->out, bracket);
    json->needs_comma = true;
}

void sf_json_write_object(sf_json_writer *json, const char *name)
{
    open_bracket(json, name, '{');
}

void sf_json_write_end_object(sf_json_writer *json)
{
    close_bracket(json, '}');
}

void sf_json_write_array(sf_json_writer *json, const char *name)
{
    open_bracket(json, name, '[');
}

void sf_json_write_end_array(sf_json_writer *json)
{
    close_bracket(json, ']');
}

void sf_json_write_text(sf_json_writer *json, const char *name, const char *text)
{
    sf_json_write_bytes(json, name, sf_bytes_text(text));
}

void sf_json_write_bytes(sf_json_writer *json, const char *name, sf_bytes text)
{
    if (sf_bytes_is_null(text)) {
        sf_json_write_null(json, name);
        return;
    }
    begin_value(json, name);
    add_quoted(json->out, text);
}

void sf_json_write_integer(sf_json_writer *json, const char *name, int64_t value)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[24];
    size_t first = sizeof(digits);

    begin_value(json, name);
    do {
        digits[--first] = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude);
    if (value < 0)
        digits[--first] = '-';
    sf_buffer_add(json->out, digits + first, sizeof(digits) - first);
}

void sf_json_write_boolean(sf_json_writer *json, const char *name, bool value)
{
    begin_value(json, name);
    sf_buffer_add_text(json->out, value ? "true" : "false");
}

void sf_json_write_null(sf_json_writer *json, const char *name)
{
    begin_value(json, name);
    sf_buffer_add_text(json->out, "null");
}

void sf_json_write_money(sf_json_writer *json, const char *name, sf_money money, int exponent)
{
    char text[SF_MONEY_TEXT_SIZE];
    size_t size = sf_money_format(money, exponent, text);

    begin_value(json, name);
    sf_buffer_add(json->out, text, size);
}

void sf_json_write_timestamp(sf_json_writer *json, const char *name, int64_t time_ms)
{
    char text[SF_TIMESTAMP_TEXT_SIZE];
    size_t size = sf_timestamp_format(time_ms, text);

    begin_value(json, name);
    add_quoted(json->out, sf_bytes_of(text, size));
}

void sf_json_write_raw(sf_json_writer *json, const char *name, sf_bytes value)
{
    begin_value(json, name);
    sf_buffer_add_bytes(json->out, value);
}
