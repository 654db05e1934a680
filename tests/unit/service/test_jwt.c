#include "service/jwt.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support/token.h"

#define NOW 1800000000 /* seconds since 1970 */
#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define RS256 "{\"alg\":\"RS256\",\"typ\":\"JWT\"}"
#define GOOD "{\"sub\":\"ann\",\"roles\":[\"sales\",\"viewer\"],\"exp\":1800000100}"

static const char secret_text[] = "0123456789abcdef0123456789abcdef";

static sf_bytes secret(void)
{
    return sf_bytes_text(secret_text);
}

static sf_jwt_key *hmac_key(void)
{
    sf_jwt_key *key = NULL;

    assert_ok(sf_jwt_key_new(SF_JWT_HS256, secret(), &key, err));
    return key;
}

/* Checks a token, which is freed; NULL: it is good, else the sentence it is refused with. */
static void check_token_at(const sf_jwt_expectation *expected, char *token, const char *sentence)
{
    sf_arena *arena = sf_arena_new();
    sf_jwt_claims claims;
    sf_error err = {0};
    sf_status status = sf_jwt_check(sf_bytes_text(token), expected, arena, &claims, &err);

    if (!sentence && status)
        fail_msg("%s: %s", token, err.text);
    if (sentence) {
        assert_int_equal(status, SF_REJECT);
        assert_string_equal(err.text, sentence);
    }
    sf_arena_free(arena);
    free(token);
}

static void check_token(const sf_jwt_key *key, char *token, const char *sentence)
{
    sf_jwt_expectation expected = {.key = key, .now_ms = INT64_C(1000) * NOW};

    check_token_at(&expected, token, sentence);
}

static void a_good_token_says_who_and_which_roles(void **state)
{
    sf_jwt_key *key = hmac_key();
    sf_jwt_expectation expected = {.key = key, .now_ms = INT64_C(1000) * NOW};
    sf_arena *arena = sf_arena_new();
    char *token = token_hs256(HS256, GOOD, secret());
    sf_jwt_claims claims;

    (void)state;
    assert_ok(sf_jwt_check(sf_bytes_text(token), &expected, arena, &claims, err));

    assert_string_equal(claims.subject, "ann");
    assert_int_equal(claims.role_count, 2);
    assert_bytes(claims.roles[1], "viewer");
    free(token);
    sf_arena_free(arena);
    sf_jwt_key_free(key);
}

static void a_token_that_names_no_algorithm_is_refused(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",  "{\"alg\":\"None\"}",  "{\"alg\":\"NONE\"}",  "{\"alg\":\"nOnE\"}",
        "{\"alg\":\"hs256\"}", "{\"alg\":\"HS512\"}", "{\"alg\":\"RS256\"}",
    };
    sf_jwt_key *key = hmac_key();

    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        check_token(key, token_unsigned(headers[i], GOOD), "the token is not signed with HS256");
        check_token(key, token_hs256(headers[i], GOOD, secret()),
                    "the token is not signed with HS256");
    }
    check_token(key, token_unsigned("{\"typ\":\"JWT\"}", GOOD),
                "the token's header makes no sense");
    check_token(key, token_unsigned("{\"alg\":\"HS256\",\"alg\":\"none\"}", GOOD),
                "the token's header makes no sense");
    check_token(key, token_unsigned(HS256, GOOD), "the token's signature is wrong");
    sf_jwt_key_free(key);
}

static void a_public_key_is_never_taken_as_a_secret(void **state)
{
    token_rsa *rsa = token_rsa_new(2048);
    sf_jwt_key *key = NULL, *confused = NULL;

    (void)state;
    assert_ok(sf_jwt_key_new(SF_JWT_RS256, token_rsa_public(rsa), &key, err));

    check_token(key, token_rs256(RS256, GOOD, rsa), NULL);
    check_token(key, token_hs256(HS256, GOOD, token_rsa_public(rsa)),
                "the token is not signed with RS256");
    check_token(key, token_hs256(RS256, GOOD, token_rsa_public(rsa)),
                "the token's signature is wrong");
    assert_int_equal(sf_jwt_key_new(SF_JWT_HS256, token_rsa_public(rsa), &confused, NULL), SF_STOP);
    sf_jwt_key_free(key);
    token_rsa_free(rsa);
}

static void another_key_pair_signs_nothing(void **state)
{
    token_rsa *ours = token_rsa_new(2048), *theirs = token_rsa_new(2048);
    sf_jwt_key *key = NULL;

    (void)state;
    assert_ok(sf_jwt_key_new(SF_JWT_RS256, token_rsa_public(ours), &key, err));

    check_token(key, token_rs256(RS256, GOOD, theirs), "the token's signature is wrong");
    sf_jwt_key_free(key);
    token_rsa_free(ours);
    token_rsa_free(theirs);
}

static void every_changed_bit_of_a_token_is_noticed(void **state)
{
    sf_jwt_key *key = hmac_key();
    sf_jwt_expectation expected = {.key = key, .now_ms = INT64_C(1000) * NOW};
    char *token = token_hs256(HS256, GOOD, secret());
    size_t size = strlen(token);

    (void)state;
    for (size_t bit = 0; bit < 8 * size; bit++) {
        sf_arena *arena = sf_arena_new();
        sf_jwt_claims claims;

        token[bit / 8] = (char)(token[bit / 8] ^ (1 << bit % 8));
        if (!sf_jwt_check(sf_bytes_of(token, size), &expected, arena, &claims, NULL))
            fail_msg("bit %zu of %s makes no difference", bit, token);
        token[bit / 8] = (char)(token[bit / 8] ^ (1 << bit % 8));
        sf_arena_free(arena);
    }
    free(token);
    sf_jwt_key_free(key);
}

static void times_are_kept_with_a_leeway_of_a_minute(void **state)
{
    sf_jwt_key *key = hmac_key();

    (void)state;
    check_token(key, token_hs256(HS256, "{\"exp\":1799999941}", secret()), NULL);
    check_token(key, token_hs256(HS256, "{\"exp\":1799999940}", secret()), "the token has expired");
    check_token(key, token_hs256(HS256, "{\"exp\":1799999940.5}", secret()), NULL);
    check_token(key, token_hs256(HS256, "{\"exp\":-1}", secret()), "the token has expired");
    check_token(key, token_hs256(HS256, "{\"exp\":1900000000,\"nbf\":1800000060}", secret()), NULL);
    check_token(key, token_hs256(HS256, "{\"exp\":1900000000,\"nbf\":1800000061}", secret()),
                "the token is not valid yet");
    check_token(key, token_hs256(HS256, "{\"sub\":\"ann\"}", secret()),
                "the token's claims make no sense, or it has no exp");
    check_token(key, token_hs256(HS256, "{\"exp\":\"1900000000\"}", secret()),
                "the token's claims make no sense, or it has no exp");
    sf_jwt_key_free(key);
}

static void issuer_and_audience_must_be_ours(void **state)
{
    sf_jwt_key *key = hmac_key();
    sf_jwt_expectation expected = {
        .key = key, .issuer = "shop", .audience = "orders", .now_ms = INT64_C(1000) * NOW};

    (void)state;
    check_token_at(
        &expected,
        token_hs256(HS256, "{\"exp\":1900000000,\"iss\":\"shop\",\"aud\":\"orders\"}", secret()),
        NULL);
    check_token_at(&expected,
                   token_hs256(HS256,
                               "{\"exp\":1900000000,\"iss\":\"shop\",\"aud\":[\"x\",\"orders\"]}",
                               secret()),
                   NULL);
    check_token_at(
        &expected,
        token_hs256(HS256, "{\"exp\":1900000000,\"iss\":\"shop\",\"aud\":[\"order\"]}", secret()),
        "the token is meant for another audience");
    check_token_at(&expected, token_hs256(HS256, "{\"exp\":1900000000,\"iss\":\"shop\"}", secret()),
                   "the token is meant for another audience");
    check_token_at(
        &expected,
        token_hs256(HS256, "{\"exp\":1900000000,\"iss\":\"shop2\",\"aud\":\"orders\"}", secret()),
        "the token comes from another issuer");
    sf_jwt_key_free(key);
}

static void extensions_that_must_be_understood_are_refused(void **state)
{
    sf_jwt_key *key = hmac_key();

    (void)state;
    check_token(key, token_hs256("{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", GOOD, secret()),
                "the token asks for extensions that are not known here");
    sf_jwt_key_free(key);
}

static void what_is_no_token_is_refused(void **state)
{
    static const char *const texts[] = {"", ".", "..", "...", "a.b", "a.b.c.d", "a..c", ".b."};
    sf_jwt_key *key = hmac_key();

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        check_token(key, strdup(texts[i]), "the token is not made of three parts");
    check_token(key, strdup("e+.e30.e30"), "the token is not written in base64url");
    check_token(key, strdup("e30=.e30.e30"), "the token is not written in base64url");
    sf_jwt_key_free(key);
}

static void check_key(sf_jwt_algorithm algorithm, sf_bytes contents, const char *sentence)
{
    sf_jwt_key *key = NULL;
    sf_error err = {0};

    assert_int_equal(sf_jwt_key_new(algorithm, contents, &key, &err), SF_STOP);
    if (!strstr(err.text, sentence))
        fail_msg("'%s' does not hold '%s'", err.text, sentence);
}

static void weak_keys_are_refused(void **state)
{
    token_rsa *small = token_rsa_new(1024);

    (void)state;
    check_key(SF_JWT_HS256, sf_bytes_text("0123456789abcdef0123456789abcde\n"), "31 bytes");
    check_key(SF_JWT_RS256, token_rsa_public(small), "1024 bits");
    check_key(SF_JWT_RS256, sf_bytes_text("a secret"), "no public RSA key");
    token_rsa_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_token_says_who_and_which_roles),
        cmocka_unit_test(a_token_that_names_no_algorithm_is_refused),
        cmocka_unit_test(a_public_key_is_never_taken_as_a_secret),
        cmocka_unit_test(another_key_pair_signs_nothing),
        cmocka_unit_test(every_changed_bit_of_a_token_is_noticed),
        cmocka_unit_test(times_are_kept_with_a_leeway_of_a_minute),
        cmocka_unit_test(issuer_and_audience_must_be_ours),
        cmocka_unit_test(extensions_that_must_be_understood_are_refused),
        cmocka_unit_test(what_is_no_token_is_refused),
        cmocka_unit_test(weak_keys_are_refused),
    };

    return run_tests(tests);
}
