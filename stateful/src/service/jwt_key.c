#include "service/jwt_key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SECRET_LEAST = 32, RSA_BITS_LEAST = 2048, DIGEST_SIZE = 32 };

struct sf_jwt_key {
    sf_jwt_algorithm algorithm;
    uint8_t *secret; /* of HS256 */
    size_t secret_size;
    EVP_PKEY *public_key; /* of RS256 */
};

static sf_status take_secret(sf_jwt_key *key, sf_bytes contents, sf_error *err)
{
    while (contents.size && strchr("\r\n", contents.data[contents.size - 1]))
        contents.size--;
    if (contents.size >= 11 && !memcmp(contents.data, "-----BEGIN ", 11))
        return sf_fail(err, SF_INVALID,
                       "holds a PEM document, which is no secret of HS256; is RS256 meant?");
    if (contents.size < SECRET_LEAST)
        return sf_fail(err, SF_INVALID, "holds %zu bytes; a secret of HS256 has at least %d",
                       contents.size, SECRET_LEAST);
    key->secret = sf_memory_copy(contents.data, contents.size);
    key->secret_size = contents.size;
    return SF_OK;
}

static sf_status take_public_key(sf_jwt_key *key, sf_bytes contents, sf_error *err)
{
    BIO *in = BIO_new_mem_buf(contents.data, (int)contents.size);

    key->public_key = in ? PEM_read_bio_PUBKEY(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    if (!key->public_key || EVP_PKEY_get_base_id(key->public_key) != EVP_PKEY_RSA)
        return sf_fail(err, SF_INVALID, "holds no public RSA key in PEM, as RS256 needs");
    if (EVP_PKEY_get_bits(key->public_key) < RSA_BITS_LEAST)
        return sf_fail(err, SF_INVALID, "holds an RSA key of %d bits; RS256 has at least %d",
                       EVP_PKEY_get_bits(key->public_key), RSA_BITS_LEAST);
    return SF_OK;
}

sf_status sf_jwt_key_new(sf_jwt_algorithm algorithm, sf_bytes contents, sf_jwt_key **key,
                         sf_error *err)
{
    sf_jwt_key *made = sf_zalloc(sizeof(*made));
    sf_status status;

    made->algorithm = algorithm;
    status = algorithm == SF_JWT_HS256 ? take_secret(made, contents, err)
                                       : take_public_key(made, contents, err);
    if (status)
        sf_jwt_key_free(made);
    else
        *key = made;
    return status;
}

void sf_jwt_key_free(sf_jwt_key *key)
{
    if (!key)
        return;
    if (key->secret)
        OPENSSL_cleanse(key->secret, key->secret_size);
    free(key->secret);
    EVP_PKEY_free(key->public_key);
    free(key);
}

const char *sf_jwt_key_algorithm(const sf_jwt_key *key)
{
    return key->algorithm == SF_JWT_HS256 ? "HS256" : "RS256";
}

static bool verify_hmac(const sf_jwt_key *key, sf_bytes text, sf_bytes signature)
{
    uint8_t digest[EVP_MAX_MD_SIZE];

    return HMAC(EVP_sha256(), key->secret, (int)key->secret_size, text.data, text.size, digest,
                NULL) &&
           signature.size == DIGEST_SIZE && !CRYPTO_memcmp(digest, signature.data, DIGEST_SIZE);
}

static bool verify_rsa(const sf_jwt_key *key, sf_bytes text, sf_bytes signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_right =
        context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->public_key) == 1 &&
        EVP_DigestVerify(context, signature.data, signature.size, text.data, text.size) == 1;

    EVP_MD_CTX_free(context);
    return is_right;
}

bool sf_jwt_key_verify(const sf_jwt_key *key, sf_bytes text, sf_bytes signature)
{
    return key->algorithm == SF_JWT_HS256 ? verify_hmac(key, text, signature)
                                          : verify_rsa(key, text, signature);
}
