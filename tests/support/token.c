#include "token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

struct token_rsa {
    EVP_PKEY *pair;
    BIO *pem;
};

token_rsa *token_rsa_new(int bits)
{
    token_rsa *rsa = sf_zalloc(sizeof(*rsa));

    rsa->pair = EVP_RSA_gen((unsigned)bits);
    rsa->pem = BIO_new(BIO_s_mem());
    if (!rsa->pair || PEM_write_bio_PUBKEY(rsa->pem, rsa->pair) != 1)
        abort();
    return rsa;
}

void token_rsa_free(token_rsa *rsa)
{
    EVP_PKEY_free(rsa->pair);
    BIO_free(rsa->pem);
    free(rsa);
}

sf_bytes token_rsa_public(const token_rsa *rsa)
{
    char *data;
    long size = BIO_get_mem_data(rsa->pem, &data);

    return sf_bytes_of(data, (size_t)size);
}

static void add_base64url(sf_buffer *text, const void *data, size_t size)
{
    uint8_t *end = sf_buffer_reserve(text, 4 * (size / 3 + 1) + 1);
    int count = EVP_EncodeBlock(end, data, (int)size);

    while (count && end[count - 1] == '=')
        count--;
    for (int i = 0; i < count; i++)
        end[i] = end[i] == '+' ? '-' : end[i] == '/' ? '_' : end[i];
    text->size += (size_t)count;
}

static sf_buffer signed_text(const char *header, const char *payload)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    add_base64url(&text, header, strlen(header));
    sf_buffer_add_text(&text, ".");
    add_base64url(&text, payload, strlen(payload));
    return text;
}

static char *with_signature(sf_buffer *text, const uint8_t *signature, size_t size)
{
    sf_buffer_add_text(text, ".");
    add_base64url(text, signature, size);
    return sf_buffer_detach(text);
}

char *token_unsigned(const char *header, const char *payload)
{
    sf_buffer text = signed_text(header, payload);

    sf_buffer_add_text(&text, ".");
    return sf_buffer_detach(&text);
}

char *token_hs256(const char *header, const char *payload, sf_bytes secret)
{
    sf_buffer text = signed_text(header, payload);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size;

    HMAC(EVP_sha256(), secret.data, (int)secret.size, text.data, text.size, digest, &size);
    return with_signature(&text, digest, size);
}

char *token_rs256(const char *header, const char *payload, const token_rsa *rsa)
{
    sf_buffer text = signed_text(header, payload);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t signature[1024];
    size_t size = sizeof(signature);

    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, rsa->pair) != 1 ||
        EVP_DigestSign(context, signature, &size, text.data, text.size) != 1)
        abort();
    EVP_MD_CTX_free(context);
    return with_signature(&text, signature, size);
}
