/* jwt.c - header.payload.signature, each in base64url.
 *
 * The signature is checked before the payload is looked at: of an unsigned one nothing is believed,
 * not even that it is JSON.
 */
#include "service/jwt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "service/json_reader.h"

typedef struct parts {
    sf_bytes header;
    sf_bytes payload;
    sf_bytes signature;
    sf_bytes signed_text; /* "header.payload" as sent */
} parts;

/* ---- the form ---- */

static int digit_of(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    return byte == '-' ? 62 : byte == '_' ? 63 : -1;
}

/* Base64url without padding; bits that are left over must be zero, so that there is one text only for
 * each signature. */
static bool decode(sf_bytes text, sf_arena *arena, sf_bytes *bytes)
{
    uint8_t *out = sf_arena_alloc(arena, text.size + 1);
    uint32_t bits = 0;
    unsigned count = 0;
    size_t size = 0;

    if (text.size % 4 == 1)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        int digit = digit_of(text.data[i]);

        if (digit < 0)
            return false;
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[size++] = (uint8_t)(bits >> count);
        }
    }
    *bytes = sf_bytes_of(out, size);
    return !(bits & ((1u << count) - 1));
}

/* The text up to the next dot, which is passed over; null if there is none. */
static sf_bytes cut(sf_bytes *rest)
{
    const uint8_t *dot = rest->size ? memchr(rest->data, '.', rest->size) : NULL;
    sf_bytes found;

    if (!dot)
        return SF_NULL;
    found = sf_bytes_of(rest->data, (size_t)(dot - rest->data));
    *rest = sf_bytes_of(dot + 1, rest->size - found.size - 1);
    return found;
}

static sf_status take_apart(sf_bytes token, sf_arena *arena, parts *of, sf_error *err)
{
    sf_bytes rest = token, header, payload;

    if (token.size > SF_JWT_SIZE_MAX)
        return sf_reject(err, "the token is larger than %d bytes", SF_JWT_SIZE_MAX);
    header = cut(&rest);
    payload = cut(&rest);
    if (sf_bytes_is_null(payload) || !header.size || !payload.size ||
        memchr(rest.data, '.', rest.size))
        return sf_reject(err, "the token is not made of three parts");
    of->signed_text = sf_bytes_of(token.data, header.size + 1 + payload.size);
    if (!decode(header, arena, &of->header) || !decode(payload, arena, &of->payload) ||
        !decode(rest, arena, &of->signature))
        return sf_reject(err, "the token is not written in base64url");
    return SF_OK;
}

/* ---- the header ---- */

static sf_status check_header(sf_bytes header, const char *algorithm, sf_arena *arena,
                              sf_error *err)
{
    enum { ALG, CRIT };
    static const sf_json_member members[] = {
        [ALG] = SF_JSON_REQUIRED("alg"),
        [CRIT] = SF_JSON_OPTIONAL("crit"),
    };
    sf_json_reader json;
    sf_json_object object;
    sf_bytes said = SF_NULL;
    bool is_critical = false;
    int member;

    sf_json_reader_init(&json, header, arena);
    sf_json_read_object(&json, &object, members, SF_ARRAY_LENGTH(members));
    while ((member = sf_json_next_member(&json, &object)) >= 0) {
        if (member == ALG)
            (void)sf_json_read_text(&json, (sf_json_bounds){1, 16}, &said);
        else
            is_critical = sf_json_skip(&json, NULL);
    }
    if (sf_json_read_end(&json, err))
        return sf_reject(err, "the token's header makes no sense");
    if (!sf_bytes_equal(said, sf_bytes_text(algorithm)))
        return sf_reject(err, "the token is not signed with %s", algorithm);
    if (is_critical)
        return sf_reject(err, "the token asks for extensions that are not known here");
    return SF_OK;
}

/* ---- the payload ---- */

typedef struct payload {
    const sf_jwt_expectation *expected;
    sf_jwt_claims *claims;
    double expires; /* seconds since 1970; 0: not said */
    double begins;
    bool has_issuer;
    bool has_audience;
} payload;

enum { EXP, NBF, ISS, AUD, SUB, ROLES };

static const sf_json_member claim_members[] = {
    [EXP] = SF_JSON_REQUIRED("exp"), [NBF] = SF_JSON_OPTIONAL("nbf"),
    [ISS] = SF_JSON_OPTIONAL("iss"), [AUD] = SF_JSON_OPTIONAL("aud"),
    [SUB] = SF_JSON_OPTIONAL("sub"), [ROLES] = SF_JSON_OPTIONAL("roles"),
};

#define ANY_TEXT ((sf_json_bounds){0, 1000})

static void read_seconds(sf_json_reader *json, double *seconds)
{
    char text[64] = "";
    sf_bytes token;

    if (!sf_json_read_number(json, &token))
        return;
    if (token.size < sizeof(text))
        memcpy(text, token.data, token.size);
    *seconds = strtod(text, NULL);
}

static bool is_expected(sf_bytes text, const char *expected)
{
    return expected && sf_bytes_equal(text, sf_bytes_text(expected));
}

static void read_issuer(sf_json_reader *json, payload *of)
{
    sf_bytes text;

    if (sf_json_read_text(json, ANY_TEXT, &text))
        of->has_issuer = is_expected(text, of->expected->issuer);
}

static void take_audience(payload *of, sf_bytes text)
{
    of->has_audience = of->has_audience || is_expected(text, of->expected->audience);
}

static void take_role(payload *of, sf_bytes text)
{
    if (of->claims->role_count < SF_JWT_ROLES_MAX)
        of->claims->roles[of->claims->role_count++] = text;
}

/* One text, or a list of them. */
static void read_texts(sf_json_reader *json, payload *of, void (*take)(payload *, sf_bytes))
{
    sf_json_array array;
    sf_bytes text;

    if (sf_json_peek(json) != SF_JSON_ARRAY) {
        if (sf_json_read_text(json, ANY_TEXT, &text))
            take(of, text);
        return;
    }
    sf_json_read_array(json, &array);
    while (sf_json_next_item(json, &array))
        if (sf_json_read_text(json, ANY_TEXT, &text))
            take(of, text);
}

static void read_subject(sf_json_reader *json, payload *of)
{
    sf_bytes text;

    if (sf_json_read_text(json, ANY_TEXT, &text))
        of->claims->subject = sf_arena_printf(json->arena, "%.*s", (int)text.size, text.data);
}

static sf_status read_payload(sf_bytes bytes, payload *of, sf_arena *arena, sf_error *err)
{
    sf_json_reader json;
    sf_json_object object;
    int member;

    sf_json_reader_init(&json, bytes, arena);
    sf_json_read_object(&json, &object, claim_members, SF_ARRAY_LENGTH(claim_members));
    while ((member = sf_json_next_member(&json, &object)) >= 0) {
        if (member == EXP)
            read_seconds(&json, &of->expires);
        else if (member == NBF)
            read_seconds(&json, &of->begins);
        else if (member == ISS)
            read_issuer(&json, of);
        else if (member == AUD)
            read_texts(&json, of, take_audience);
        else if (member == SUB)
            read_subject(&json, of);
        else
            read_texts(&json, of, take_role);
    }
    if (sf_json_read_end(&json, err))
        return sf_reject(err, "the token's claims make no sense, or it has no exp");
    return SF_OK;
}

static bool is_wanted(const char *expected)
{
    return expected && *expected;
}

static sf_status judge(const payload *of, sf_error *err)
{
    double now = (double)of->expected->now_ms / 1000;

    if (!(now < of->expires + SF_JWT_LEEWAY_SECONDS))
        return sf_reject(err, "the token has expired");
    if (now < of->begins - SF_JWT_LEEWAY_SECONDS)
        return sf_reject(err, "the token is not valid yet");
    if (is_wanted(of->expected->issuer) && !of->has_issuer)
        return sf_reject(err, "the token comes from another issuer");
    if (is_wanted(of->expected->audience) && !of->has_audience)
        return sf_reject(err, "the token is meant for another audience");
    return SF_OK;
}

sf_status sf_jwt_check(sf_bytes token, const sf_jwt_expectation *expected, sf_arena *arena,
                       sf_jwt_claims *claims, sf_error *err)
{
    payload of = {.expected = expected, .claims = claims};
    parts apart;
    sf_status status = take_apart(token, arena, &apart, err);

    *claims = (sf_jwt_claims){.subject = ""};
    if (!status)
        status = check_header(apart.header, sf_jwt_key_algorithm(expected->key), arena, err);
    if (!status && !sf_jwt_key_verify(expected->key, apart.signed_text, apart.signature))
        status = sf_reject(err, "the token's signature is wrong");
    if (!status)
        status = read_payload(apart.payload, &of, arena, err);
    if (!status)
        status = judge(&of, err);
    return status;
}
