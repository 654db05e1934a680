#include "service/json_writer.h"

#include <string.h>

#include "service/timestamp.h"
#include "service/utf8.h"

static const char hex_digits[] = "0123456789abcdef";

void sf_json_writer_init(sf_json_writer *json, sf_buffer *out)
{
    json->out = out;
    json->needs_comma = false;
}

static void add_byte(sf_buffer *out, char byte)
{
    *sf_buffer_extend(out, 1) = (uint8_t)byte;
}

/* How a byte below 0x80 must be written; NULL: as it is. */
static const char *escape_of(uint8_t byte, char unicode[7])
{
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        break;
    }
    if (byte >= 0x20 && byte != 0x7f)
        return NULL;
    memcpy(unicode, "\\u00", 4);
    unicode[4] = hex_digits[byte >> 4];
    unicode[5] = hex_digits[byte & 15];
    unicode[6] = 0;
    return unicode;
}

static void add_quoted(sf_buffer *out, sf_bytes text)
{
    size_t plain = 0, at = 0; /* what lies between them goes out as it is */

    add_byte(out, '"');
    while (at < text.size) {
        uint32_t code_point;
        size_t size = sf_utf8_decode(text.data + at, text.size - at, &code_point);
        char unicode[7];
        const char *instead = NULL;

        if (!size)
            instead = "\xef\xbf\xbd";
        else if (size == 1)
            instead = escape_of(text.data[at], unicode);
        if (instead) {
            sf_buffer_add(out, text.data + plain, at - plain);
            sf_buffer_add_text(out, instead);
            plain = at + (size ? size : 1);
        }
        at += size ? size : 1;
    }
    sf_buffer_add(out, text.data + plain, at - plain);
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
