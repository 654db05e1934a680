/* jwt.h - a signed token (RFC 7519, compact JWS), checked against one key and what is expected of it.
 *
 * The algorithm is the key's, and the token's header must name it: "none", or another one that the
 * sender would like, is refused. Headers that ask for more ("crit") are refused, since we would have
 * to understand them.
 */
#ifndef SF_SERVICE_JWT_H
#define SF_SERVICE_JWT_H

#include <stateful/arena.h>

#include "service/jwt_key.h"

#define SF_JWT_LEEWAY_SECONDS 60 /* clocks may differ by so much */
#define SF_JWT_SIZE_MAX 8192
#define SF_JWT_ROLES_MAX 16

typedef struct sf_jwt_expectation {
    const sf_jwt_key *key;
    const char *issuer;   /* "iss" must be it; "" or NULL: any */
    const char *audience; /* "aud" must be it or hold it; "" or NULL: any */
    int64_t now_ms;
} sf_jwt_expectation;

/* What the token says. In the arena. */
typedef struct sf_jwt_claims {
    const char *subject;              /* "sub"; "" if it says none */
    sf_bytes roles[SF_JWT_ROLES_MAX]; /* of "roles", a list or one text */
    size_t role_count;
} sf_jwt_claims;

/* Checks everything: form, algorithm, signature, times ("exp" is required), issuer, audience. SF_REJECT
 * with a sentence that says what is wrong and holds nothing of the token. Any thread. */
sf_status sf_jwt_check(sf_bytes token, const sf_jwt_expectation *expected, sf_arena *arena,
                       sf_jwt_claims *claims, sf_error *err);

#endif
