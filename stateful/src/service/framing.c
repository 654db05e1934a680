#include "service/framing.h"

#include <string.h>
#include <strings.h>

static bool is_word(sf_bytes text, const char *word)
{
    return text.size == strlen(word) && !strncasecmp((const char *)text.data, word, text.size);
}

static bool is_alphanumeric(uint8_t byte)
{
    uint8_t lower = byte | 0x20;

    return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z');
}

/* RFC 9110, 5.6.2. */
static bool is_token(sf_bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_alphanumeric(text.data[i]) &&
            (!text.data[i] || !strchr("!#$%&'*+-.^_`|~", text.data[i])))
            return false;
    return text.size > 0;
}

static bool is_field_value(sf_bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((text.data[i] < 0x20 && text.data[i] != '\t') || text.data[i] == 0x7f)
            return false;
    return true;
}

/* A name or address with or without a port; empty is allowed by RFC 9112, 3.2. */
static bool is_host(sf_bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_alphanumeric(text.data[i]) &&
            (!text.data[i] || !strchr("-._~:[]%!$&'()*+,;=", text.data[i])))
            return false;
    return true;
}

/* The library has refused what is no number. */
static uint64_t read_length(sf_bytes text)
{
    uint64_t length = 0;

    for (size_t i = 0; i < text.size; i++) {
        uint64_t digit = (uint64_t)(text.data[i] - '0');

        if (digit > 9 || __builtin_mul_overflow(length, 10, &length) ||
            __builtin_add_overflow(length, digit, &length))
            return UINT64_MAX;
    }
    return length;
}

void sf_framing_add(sf_framing *framing, sf_bytes name, sf_bytes value)
{
    framing->has_odd_header |= !is_token(name) || !is_field_value(value);
    if (is_word(name, "Content-Length")) {
        framing->length_count++;
        framing->length = read_length(value);
    } else if (is_word(name, "Transfer-Encoding")) {
        framing->coding_count++;
        framing->is_chunked = is_word(value, "chunked");
    } else if (is_word(name, "Host")) {
        framing->host_count++;
        framing->has_odd_host |= !is_host(value);
    } else if (is_word(name, "Expect")) {
        framing->expects_continue = true;
    }
}

static sf_framing_refusal malformed(const char *detail)
{
    return (sf_framing_refusal){400, "malformed-request", detail};
}

sf_framing_refusal sf_framing_judge(const sf_framing *framing)
{
    if (framing->has_odd_header)
        return malformed(
            "a line of the head is no header: a name that is no token, a control character, a "
            "folded line, or one that does not end in CR LF");
    if (framing->host_count > 1)
        return malformed("there is more than one Host header");
    if (framing->has_odd_host)
        return malformed("the Host header is no name or address");
    if (framing->length_count > 1)
        return malformed("there is more than one Content-Length");
    if (framing->coding_count && framing->length_count)
        return malformed("Content-Length and Transfer-Encoding exclude each other");
    if (framing->coding_count > 1 || (framing->coding_count && !framing->is_chunked))
        return (sf_framing_refusal){501, "unknown-transfer-encoding",
                                    "the only Transfer-Encoding known is chunked"};
    return (sf_framing_refusal){0};
}
