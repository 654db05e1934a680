/* json_body.h - the body of a request as JSON: from content type to problem document.
 *
 *     if (!sf_json_body_begin(&json, request, reply))
 *         return;
 *     read_product(&json, &product);
 *     if (!sf_json_body_end(&json, reply))
 *         return;
 */
#ifndef SF_SERVICE_JSON_BODY_H
#define SF_SERVICE_JSON_BODY_H

#include "service/json_reader.h"
#include "service/reply.h"
#include "service/request.h"

/* Readies json for the body, on the request's arena. False: a problem was replied, 415 for a content
 * type that is not JSON (none at all is taken as JSON), 400 "malformed-json" for an empty body. */
bool sf_json_body_begin(sf_json_reader *json, const sf_request *request, sf_reply *reply);

/* Ends reading. False: a problem was replied, 400 "malformed-json" for broken JSON, 422
 * "invalid-field" with an entry in "errors" for each wrong value. */
bool sf_json_body_end(sf_json_reader *json, sf_reply *reply);

#endif
