#include "service/utf8.h"

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

static size_t decode_2(const uint8_t *data, size_t size, uint32_t *code_point)
{
    if (size < 2 || !is_continuation(data[1]))
        return 0;
    *code_point = (uint32_t)(data[0] & 0x1f) << 6 | (data[1] & 0x3f);
    return *code_point >= 0x80 ? 2 : 0;
}

static size_t decode_3(const uint8_t *data, size_t size, uint32_t *code_point)
{
    if (size < 3 || !is_continuation(data[1]) || !is_continuation(data[2]))
        return 0;
    *code_point =
        (uint32_t)(data[0] & 0x0f) << 12 | (uint32_t)(data[1] & 0x3f) << 6 | (data[2] & 0x3f);
    if (*code_point < 0x800 || (*code_point >= 0xd800 && *code_point <= 0xdfff))
        return 0;
    return 3;
}

static size_t decode_4(const uint8_t *data, size_t size, uint32_t *code_point)
{
    if (size < 4 || !is_continuation(data[1]) || !is_continuation(data[2]) ||
        !is_continuation(data[3]))
        return 0;
    *code_point = (uint32_t)(data[0] & 0x07) << 18 | (uint32_t)(data[1] & 0x3f) << 12 |
                  (uint32_t)(data[2] & 0x3f) << 6 | (data[3] & 0x3f);
    return *code_point >= 0x10000 && *code_point <= 0x10ffff ? 4 : 0;
}

size_t sf_utf8_decode(const uint8_t *data, size_t size, uint32_t *code_point)
{
    if (!size)
        return 0;
    if (data[0] < 0x80) {
        *code_point = data[0];
        return 1;
    }
    if ((data[0] & 0xe0) == 0xc0)
        return decode_2(data, size, code_point);
    if ((data[0] & 0xf0) == 0xe0)
        return decode_3(data, size, code_point);
    if ((data[0] & 0xf8) == 0xf0)
        return decode_4(data, size, code_point);
    return 0;
}

size_t sf_utf8_encode(uint32_t code_point, uint8_t *to)
{
    if (code_point < 0x80) {
        to[0] = (uint8_t)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        to[0] = (uint8_t)(0xc0 | code_point >> 6);
        to[1] = (uint8_t)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        to[0] = (uint8_t)(0xe0 | code_point >> 12);
        to[1] = (uint8_t)(0x80 | (code_point >> 6 & 0x3f));
        to[2] = (uint8_t)(0x80 | (code_point & 0x3f));
        return 3;
    }
    to[0] = (uint8_t)(0xf0 | code_point >> 18);
    to[1] = (uint8_t)(0x80 | (code_point >> 12 & 0x3f));
    to[2] = (uint8_t)(0x80 | (code_point >> 6 & 0x3f));
    to[3] = (uint8_t)(0x80 | (code_point & 0x3f));
    return 4;
}

bool sf_utf8_is_valid(sf_bytes text)
{
    uint32_t code_point;

    for (size_t at = 0, size; at < text.size; at += size) {
        size = sf_utf8_decode(text.data + at, text.size - at, &code_point);
        if (!size)
            return false;
    }
    return true;
}

size_t sf_utf8_count(sf_bytes text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++)
        count += !is_continuation(text.data[i]);
    return count;
}

bool sf_utf8_is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0) || code_point == 0x2028 ||
           code_point == 0x2029;
}

bool sf_utf8_is_noncharacter(uint32_t code_point)
{
    return (code_point & 0xfffe) == 0xfffe || (code_point >= 0xfdd0 && code_point <= 0xfdef);
}
