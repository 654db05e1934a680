/* documents.h - GET /openapi.json, what the service can do as OpenAPI says it, and GET /docs, the same
 * as one page with forms to try it; the page needs nothing from elsewhere.
 */
#ifndef SF_SERVICE_DOCUMENTS_H
#define SF_SERVICE_DOCUMENTS_H

#include "service/router.h"

/* The page itself, docs.html. */
extern const sf_bytes sf_docs_page;

typedef struct sf_documents sf_documents;

/* openapi is borrowed for good. */
sf_documents *sf_documents_new(sf_bytes openapi);
void sf_documents_free(sf_documents *documents);

/* Adds the routes, open to all; documents must outlive the router. */
void sf_documents_add_routes(sf_documents *documents, sf_router *router);

#endif
