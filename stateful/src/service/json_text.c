#include "service/json_text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "service/utf8.h"

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

#ifdef __SSE2__

enum { STEP_SIZE = 16 };

/* A bit for each of the 16 bytes that is not plain. As signed numbers, the bytes from 0x80 on lie below
 * the space, too. */
static int find_odd(const uint8_t *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i odd = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
    __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));

    return _mm_movemask_epi8(_mm_or_si128(odd, _mm_or_si128(quotes, backslashes)));
}

#endif

const uint8_t *sf_json_text_plain_end(const uint8_t *at, const uint8_t *end)
{
#ifdef __SSE2__
    for (; end - at >= STEP_SIZE; at += STEP_SIZE) {
        int odd = find_odd(at);

        if (odd)
            return at + __builtin_ctz((unsigned)odd);
    }
#endif
    while (at < end && is_plain(*at))
        at++;
    return at;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The number in "\uXXXX" at at; -1 if it is none. */
static int32_t read_unit(const uint8_t *at, const uint8_t *end)
{
    int32_t unit = 0;

    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(at[i]);

        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Reads "\uXXXX" or a pair of them; returns its size in bytes, or 0 with what is wrong. */
static size_t read_unicode_escape(const uint8_t *at, const uint8_t *end, uint32_t *code_point,
                                  const char **wrong)
{
    int32_t unit = read_unit(at, end), low;

    *wrong = NULL;
    if (unit < 0)
        *wrong = "a \\u that is not followed by four hexadecimal digits";
    else if (unit == 0)
        *wrong = "\\u0000, which texts may not hold";
    else if (is_low_surrogate(unit))
        *wrong = "a lone surrogate";
    if (*wrong)
        return 0;
    *code_point = (uint32_t)unit;
    if (!is_high_surrogate(unit))
        return 6;
    low = read_unit(at + 6, end);
    if (!is_low_surrogate(low)) {
        *wrong = "a lone surrogate";
        return 0;
    }
    *code_point = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
    return 12;
}

/* The size in bytes of the escape at at; 0 with what is wrong. */
static size_t check_escape(const uint8_t *at, const uint8_t *end, const char **wrong)
{
    uint32_t code_point;
    size_t size;

    if (end - at < 2) {
        *wrong = "an end within a text";
        return 0;
    }
    switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return 2;
    case 'u':
        size = read_unicode_escape(at, end, &code_point, wrong);
        if (size && sf_utf8_is_noncharacter(code_point)) {
            *wrong = "a code point that is no character";
            return 0;
        }
        return size;
    default:
        *wrong = "an unknown escape";
        return 0;
    }
}

static size_t check_multibyte(const uint8_t *at, const uint8_t *end, const char **wrong)
{
    uint32_t code_point;
    size_t size = sf_utf8_decode(at, (size_t)(end - at), &code_point);

    if (!size)
        *wrong = "bytes that are not UTF-8";
    else if (sf_utf8_is_noncharacter(code_point)) {
        *wrong = "a code point that is no character";
        return 0;
    }
    return size;
}

sf_json_text_scan sf_json_text_check(const uint8_t *begin, const uint8_t *end)
{
    sf_json_text_scan scan = {.at = begin};

    while (true) {
        size_t size;

        scan.at = sf_json_text_plain_end(scan.at, end);
        if (scan.at == end) {
            scan.wrong = "an end within a text";
            return scan;
        }
        if (*scan.at == '"')
            return scan;
        if (*scan.at < 0x20) {
            scan.wrong = "a raw control character in a text";
            return scan;
        }
        if (*scan.at == '\\') {
            scan.has_escapes = true;
            size = check_escape(scan.at, end, &scan.wrong);
        } else {
            size = check_multibyte(scan.at, end, &scan.wrong);
        }
        if (!size)
            return scan;
        scan.at += size;
    }
}

static uint8_t simple_escape(uint8_t letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter;
    }
}

sf_bytes sf_json_text_unescape(sf_bytes inside, sf_arena *arena)
{
    uint8_t *text = sf_arena_alloc(arena, inside.size + 1), *to = text; /* it only gets shorter */
    const uint8_t *at = inside.data, *end = inside.data + inside.size;

    while (at < end) {
        uint32_t code_point;
        const char *wrong;

        if (*at != '\\') {
            *to++ = *at++;
        } else if (at[1] != 'u') {
            *to++ = simple_escape(at[1]);
            at += 2;
        } else {
            at += read_unicode_escape(at, end, &code_point, &wrong); /* checked before */
            to += sf_utf8_encode(code_point, to);
        }
    }
    return sf_bytes_of(text, (size_t)(to - text));
}
