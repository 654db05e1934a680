/* documents.h - query-service/openapi.json, as a part of the program. */
#ifndef QUERY_SERVICE_DOCUMENTS_H
#define QUERY_SERVICE_DOCUMENTS_H

#include <stateful/bytes.h>

extern const sf_bytes query_openapi;

#endif
