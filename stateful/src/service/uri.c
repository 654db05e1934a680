#include "service/uri.h"

#include <string.h>
#include <strings.h>

#include "service/utf8.h"

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The decoded text in the arena, or NULL and what is wrong. */
static const char *decode(sf_bytes raw, sf_arena *arena, const char **wrong)
{
    uint8_t *text = sf_arena_alloc(arena, raw.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < raw.size; i++) {
        uint8_t byte = raw.data[i];

        if (byte < 0x20 || byte == 0x7f) {
            *wrong = "a raw control character";
            return NULL;
        }
        if (byte == '%') {
            int high = i + 2 < raw.size ? hex_digit(raw.data[i + 1]) : -1;
            int low = i + 2 < raw.size ? hex_digit(raw.data[i + 2]) : -1;

            if (high < 0 || low < 0) {
                *wrong = "a '%' without two hexadecimal digits behind it";
                return NULL;
            }
            byte = (uint8_t)(high << 4 | low);
            i += 2;
        }
        if (!byte) {
            *wrong = "a NUL character";
            return NULL;
        }
        text[size++] = byte;
    }
    text[size] = 0;
    if (!sf_utf8_is_valid(sf_bytes_of(text, size))) {
        *wrong = "bytes that are not UTF-8";
        return NULL;
    }
    return (const char *)text;
}

/* Cuts rest at the first separator: what stands before it is returned, rest is what stands behind, or
 * null when there is no more. */
static sf_bytes cut(sf_bytes *rest, char separator)
{
    const uint8_t *found = memchr(rest->data, separator, rest->size);
    sf_bytes before = *rest;

    if (!found) {
        *rest = SF_NULL;
        return before;
    }
    before.size = (size_t)(found - rest->data);
    *rest = sf_bytes_of(found + 1, rest->size - before.size - 1);
    return before;
}

static size_t count_byte(sf_bytes text, char sought)
{
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == (uint8_t)sought;
    return count;
}

/* path begins with its slash. */
static const char *parse_path(sf_bytes path, sf_arena *arena, sf_uri *uri)
{
    sf_bytes rest = sf_bytes_of(path.data + 1, path.size - 1);
    const char *wrong = NULL;
    size_t count = count_byte(path, '/');

    if (count > SF_URI_SEGMENTS_MAX)
        return "too many segments";
    uri->segments = sf_arena_alloc(arena, count * sizeof(*uri->segments));
    while (!sf_bytes_is_null(rest)) {
        const char *segment = decode(cut(&rest, '/'), arena, &wrong);

        if (!segment)
            return wrong;
        uri->segments[uri->segment_count++] = segment;
    }
    return NULL;
}

static const char *parse_query(sf_bytes query, sf_arena *arena, sf_uri *uri)
{
    const char *wrong = NULL;
    size_t count = count_byte(query, '&') + 1;

    if (count > SF_URI_PARAMETERS_MAX)
        return "too many query parameters";
    uri->parameters = sf_arena_alloc(arena, count * sizeof(*uri->parameters));
    while (!sf_bytes_is_null(query)) {
        sf_bytes value = cut(&query, '&');
        sf_bytes name = cut(&value, '=');
        sf_uri_parameter *parameter = &uri->parameters[uri->parameter_count];

        if (!name.size && sf_bytes_is_null(value))
            continue; /* "?", "&&" */
        parameter->name = decode(name, arena, &wrong);
        parameter->value = sf_bytes_is_null(value) ? "" : decode(value, arena, &wrong);
        if (!parameter->name || !parameter->value)
            return wrong;
        uri->parameter_count++;
    }
    return NULL;
}

/* Where the path begins in "http://host:port/path"; "" when there is none behind the host. */
static const char *skip_authority(const char *target)
{
    const char *after;

    if (strncasecmp(target, "http://", 7) != 0 && strncasecmp(target, "https://", 8) != 0)
        return target;
    after = strchr(target, ':') + 3;
    return after + strcspn(after, "/?");
}

const char *sf_uri_parse(const char *target, sf_arena *arena, sf_uri *uri)
{
    const char *begin = skip_authority(target), *wrong;
    sf_bytes rest = sf_bytes_text(begin), path;

    memset(uri, 0, sizeof(*uri));
    path = cut(&rest, '?');
    if (!path.size && begin != target)
        path = sf_bytes_text("/"); /* "http://host" */
    uri->path = (const char *)sf_arena_copy(arena, path).data;
    if (!path.size || path.data[0] != '/')
        return "no path that begins with '/'";
    wrong = parse_path(path, arena, uri);
    if (wrong || sf_bytes_is_null(rest))
        return wrong;
    return parse_query(rest, arena, uri);
}
