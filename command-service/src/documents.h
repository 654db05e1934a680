/* documents.h - command-service/openapi.json, as a part of the program. */
#ifndef COMMAND_SERVICE_DOCUMENTS_H
#define COMMAND_SERVICE_DOCUMENTS_H

#include <stateful/bytes.h>

extern const sf_bytes command_openapi;

#endif
