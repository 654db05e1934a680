/* jwt_key.h - a key for one algorithm of signatures, HS256 or RS256: the room's door to libcrypto.
 *
 * A key knows its algorithm, and no token can talk it into another: a public RSA key is never taken as
 * the secret of an HMAC.
 */
#ifndef SF_SERVICE_JWT_KEY_H
#define SF_SERVICE_JWT_KEY_H

#include <stateful/bytes.h>
#include <stateful/error.h>

typedef enum sf_jwt_algorithm {
    SF_JWT_HS256, /* a secret of at least 32 bytes */
    SF_JWT_RS256, /* a public RSA key of at least 2048 bits, in PEM */
} sf_jwt_algorithm;

typedef struct sf_jwt_key sf_jwt_key;

/* From the contents of its file; a line break at the end is none of a secret. SF_INVALID: too short,
 * or not of that algorithm. */
sf_status sf_jwt_key_new(sf_jwt_algorithm algorithm, sf_bytes contents, sf_jwt_key **key,
                         sf_error *err);
void sf_jwt_key_free(sf_jwt_key *key);

/* The algorithm as a token's header names it: "HS256". */
const char *sf_jwt_key_algorithm(const sf_jwt_key *key);

/* Whether the signature is the key's; takes as long for a wrong one as for the right one. Any
 * thread. */
bool sf_jwt_key_verify(const sf_jwt_key *key, sf_bytes text, sf_bytes signature);

#endif
