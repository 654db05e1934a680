#include "record_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "arguments.h"

const char *const text_form_names[] = {"text", "hex", "base64", "int64", NULL};

static const char HEX[] = "0123456789abcdef";
static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- to text ---- */

static void add_hex(sf_buffer *text, sf_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        char digits[] = {HEX[bytes.data[i] >> 4], HEX[bytes.data[i] & 15]};

        sf_buffer_add(text, digits, 2);
    }
}

static void add_base64(sf_buffer *text, sf_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t group = (uint32_t)bytes.data[i] << 16;
        char letters[4];

        group |= left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0;
        group |= left > 2 ? bytes.data[i + 2] : 0;
        for (int k = 0; k < 4; k++)
            letters[k] = BASE64[group >> (18 - 6 * k) & 63];
        if (left < 3)
            letters[3] = '=';
        if (left < 2)
            letters[2] = '=';
        sf_buffer_add(text, letters, 4);
    }
}

static int64_t number_of(sf_bytes bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < 8; i++)
        number = number << 8 | bytes.data[i];
    return (int64_t)number;
}

void record_text_add(sf_buffer *text, sf_bytes bytes, text_form form)
{
    if (form == TEXT_HEX) {
        add_hex(text, bytes);
    } else if (form == TEXT_BASE64) {
        add_base64(text, bytes);
    } else if (form == TEXT_PLAIN) {
        sf_buffer_add_bytes(text, bytes);
    } else if (bytes.size == 8) {
        sf_buffer_printf(text, "%" PRId64, number_of(bytes));
    } else {
        sf_buffer_add_text(text, "0x");
        add_hex(text, bytes);
    }
}

/* ---- from text ---- */

static int value_in(const char *alphabet, char letter)
{
    const char *found = letter ? strchr(alphabet, letter) : NULL;

    return found ? (int)(found - alphabet) : -1;
}

static bool parse_hex(const char *text, sf_arena *arena, sf_bytes *bytes)
{
    size_t size = strlen(text);
    uint8_t *data = sf_arena_alloc(arena, size / 2 + 1);

    if (size % 2)
        return false;
    for (size_t i = 0; i < size / 2; i++) {
        int high = value_in(HEX, (char)tolower((unsigned char)text[2 * i]));
        int low = value_in(HEX, (char)tolower((unsigned char)text[2 * i + 1]));

        if (high < 0 || low < 0)
            return false;
        data[i] = (uint8_t)(high << 4 | low);
    }
    *bytes = sf_bytes_of(data, size / 2);
    return true;
}

static bool parse_base64(const char *text, sf_arena *arena, sf_bytes *bytes)
{
    size_t size = strlen(text);
    uint8_t *data = sf_arena_alloc(arena, size / 4 * 3 + 1);
    size_t padding = size >= 4 ? (text[size - 1] == '=') + (text[size - 2] == '=') : 0;

    if (size % 4)
        return false;
    for (size_t i = 0; i < size; i += 4) {
        uint32_t group = 0;

        for (size_t k = 0; k < 4; k++) {
            bool is_padding = i + k >= size - padding;
            int value = is_padding ? 0 : value_in(BASE64, text[i + k]);

            if (value < 0)
                return false;
            group = group << 6 | (uint32_t)value;
        }
        for (size_t k = 0; k < 3; k++)
            data[i / 4 * 3 + k] = (uint8_t)(group >> (16 - 8 * k));
    }
    *bytes = sf_bytes_of(data, size / 4 * 3 - padding);
    return true;
}

static bool parse_number(const char *text, sf_arena *arena, sf_bytes *bytes)
{
    uint8_t *data = sf_arena_alloc(arena, 8);
    int64_t number;

    if (!text_is_number(text, &number))
        return false;
    for (int i = 0; i < 8; i++)
        data[i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
    *bytes = sf_bytes_of(data, 8);
    return true;
}

sf_status record_text_parse(const char *text, text_form form, sf_arena *arena, sf_bytes *bytes,
                            sf_error *err)
{
    bool is_fine = true;

    if (form == TEXT_PLAIN)
        *bytes = sf_arena_copy(arena, sf_bytes_text(text));
    else if (form == TEXT_HEX)
        is_fine = parse_hex(text, arena, bytes);
    else if (form == TEXT_BASE64)
        is_fine = parse_base64(text, arena, bytes);
    else
        is_fine = parse_number(text, arena, bytes);
    if (!is_fine)
        return sf_fail_with(err, SF_REJECT, SF_BAD_DATA, "'%s' is no %s", text,
                            text_form_names[form]);
    return SF_OK;
}
