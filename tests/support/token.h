/* token.h - makes tokens (JWT) for tests, honest and dishonest ones. */
#ifndef TESTS_SUPPORT_TOKEN_H
#define TESTS_SUPPORT_TOKEN_H

#include <stateful/bytes.h>

/* A new RSA key pair; give it back with token_rsa_free. */
typedef struct token_rsa token_rsa;
token_rsa *token_rsa_new(int bits);
void token_rsa_free(token_rsa *rsa);

/* Its public half in PEM; lives as long as the pair. */
sf_bytes token_rsa_public(const token_rsa *rsa);

/* header.payload.signature; to be freed by the caller. */
char *token_hs256(const char *header, const char *payload, sf_bytes secret);
char *token_rs256(const char *header, const char *payload, const token_rsa *rsa);

/* The same with an empty signature. */
char *token_unsigned(const char *header, const char *payload);

#endif
