/* documents.c - both are bytes in the program. The page's script and style stand inside it, so its
 * Content-Security-Policy names them by their hashes: whatever else were smuggled in would not run. */
#include "service/documents.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { HASH_TEXT_SIZE = 4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1, ETAG_SIZE = 19 };

struct sf_documents {
    sf_bytes openapi;
    char etag[ETAG_SIZE]; /* of openapi */
    char policy[512];
};

/* What stands between <name> and </name>, which both must be there. */
static sf_bytes inside(sf_bytes page, const char *open, const char *close)
{
    const uint8_t *begin = memmem(page.data, page.size, open, strlen(open));
    const uint8_t *end;

    if (!begin)
        return sf_bytes_of(page.data, 0);
    begin += strlen(open);
    end = memmem(begin, page.size - (size_t)(begin - page.data), close, strlen(close));
    return sf_bytes_of(begin, end ? (size_t)(end - begin) : 0);
}

static void write_hash(sf_bytes bytes, char text[HASH_TEXT_SIZE])
{
    uint8_t digest[SHA256_DIGEST_LENGTH];

    SHA256(bytes.data, bytes.size, digest);
    (void)EVP_EncodeBlock((unsigned char *)text, digest, sizeof(digest));
}

static void write_policy(sf_documents *documents)
{
    char script[HASH_TEXT_SIZE], style[HASH_TEXT_SIZE];

    write_hash(inside(sf_docs_page, "<script>", "</script>"), script);
    write_hash(inside(sf_docs_page, "<style>", "</style>"), style);
    (void)snprintf(documents->policy, sizeof(documents->policy),
                   "default-src 'none'; connect-src 'self'; script-src 'sha256-%s'; "
                   "style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; "
                   "frame-ancestors 'none'",
                   script, style); /* always fits */
}

static void write_etag(sf_documents *documents)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];

    SHA256(documents->openapi.data, documents->openapi.size, digest);
    documents->etag[0] = '"';
    for (size_t i = 0; i < 8; i++)
        (void)snprintf(documents->etag + 1 + 2 * i, 3, "%02x", digest[i]); /* always fits */
    documents->etag[17] = '"';
}

sf_documents *sf_documents_new(sf_bytes openapi)
{
    sf_documents *documents = sf_zalloc(sizeof(*documents));

    documents->openapi = openapi;
    write_policy(documents);
    write_etag(documents);
    return documents;
}

void sf_documents_free(sf_documents *documents)
{
    free(documents);
}

static void get_openapi(const sf_request *request, sf_reply *reply, void *user)
{
    const sf_documents *documents = user;
    const char *known = sf_request_header(request, "If-None-Match");

    if (known && !strcmp(known, documents->etag))
        sf_reply_empty(reply, 304);
    else
        sf_reply_json_bytes(reply, 200, documents->openapi);
    sf_reply_header(reply, "ETag", documents->etag);
}

static void get_docs(const sf_request *request, sf_reply *reply, void *user)
{
    const sf_documents *documents = user;

    (void)request;
    sf_reply_body(reply, 200, "text/html; charset=utf-8", sf_docs_page);
    sf_reply_header(reply, "Content-Security-Policy", documents->policy);
}

void sf_documents_add_routes(sf_documents *documents, sf_router *router)
{
    static const sf_route routes[] = {
        {"GET", "/openapi.json", get_openapi},
        {"GET", "/docs", get_docs},
    };

    sf_router_add_for(router, SF_ROLE_ANYONE, routes, SF_ARRAY_LENGTH(routes), documents);
}
