/* fuzz_jwt.c - any bytes as a token: as they come, which nobody may accept, since the key signed nothing;
 * and cut at the first line break into a header and a payload that are signed with the key, so that what
 * lies behind the signature is reached as well. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "service/jwt.h"
#include "service/utf8.h"

#define SECRET "a secret that is long enough for HS256"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static sf_jwt_key *make_key(void)
{
    sf_jwt_key *key = NULL;

    check(!sf_jwt_key_new(SF_JWT_HS256, sf_bytes_text(SECRET), &key, NULL));
    return key;
}

static void add_base64url(sf_buffer *token, sf_bytes bytes)
{
    unsigned char *text = malloc(4 * (bytes.size / 3 + 1) + 1);
    int size = EVP_EncodeBlock(text, bytes.data, (int)bytes.size);

    for (int i = 0; i < size; i++)
        if (text[i] != '=')
            sf_buffer_add(token, text[i] == '+' ? "-" : text[i] == '/' ? "_" : (char *)&text[i], 1);
    free(text);
}

static void sign(sf_buffer *token, sf_bytes header, sf_bytes payload)
{
    uint8_t signature[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    add_base64url(token, header);
    sf_buffer_add(token, ".", 1);
    add_base64url(token, payload);
    (void)HMAC(EVP_sha256(), SECRET, strlen(SECRET), sf_buffer_bytes(token).data, token->size,
               signature, &size);
    sf_buffer_add(token, ".", 1);
    add_base64url(token, sf_bytes_of(signature, size));
}

static sf_status judge(sf_bytes token, sf_arena *arena, sf_jwt_claims *claims)
{
    static sf_jwt_key *key;
    sf_jwt_expectation expected = {.audience = "shop", .now_ms = INT64_C(1772182800000)};
    sf_error err = {0};
    sf_status status;

    if (!key)
        key = make_key();
    expected.key = key;
    status = sf_jwt_check(token, &expected, arena, claims, &err);
    check(!status || (status == SF_REJECT && err.text[0]));
    return status;
}

static void try_signed(sf_bytes header, sf_bytes payload, sf_arena *arena)
{
    sf_buffer token = SF_BUFFER_EMPTY;
    sf_jwt_claims claims = {0};

    sign(&token, header, payload);
    if (!judge(sf_buffer_bytes(&token), arena, &claims)) {
        check(memmem(header.data, header.size, "alg", 3) || memchr(header.data, '\\', header.size));
        check(claims.role_count <= SF_JWT_ROLES_MAX);
        check(sf_utf8_is_valid(sf_bytes_text(claims.subject)));
    }
    sf_buffer_done(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_arena *arena = sf_arena_new();
    const uint8_t *line_end = size ? memchr(data, '\n', size) : NULL;
    sf_jwt_claims claims;

    check(judge(sf_bytes_of(data, size), arena, &claims) == SF_REJECT);
    if (line_end) {
        size_t header_size = (size_t)(line_end - data);

        try_signed(sf_bytes_of(data, header_size),
                   sf_bytes_of(line_end + 1, size - header_size - 1), arena);
    }
    sf_arena_free(arena);
    return 0;
}
