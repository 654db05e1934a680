/* topology_json.h - the text that describes a topology, as JSON:
 *
 *     {"subtopologies":[{"id":0,"nodes":[{"kind":"source","name":"…","topics":["order-events"],
 *       "stores":[],"from":[],"to":["order-state"]}]}]}
 */
#ifndef QUERY_SERVICE_HTTP_TOPOLOGY_JSON_H
#define QUERY_SERVICE_HTTP_TOPOLOGY_JSON_H

#include "service/json_writer.h"

/* description is sf_topology_describe's. Any thread. */
void topology_json_write(const char *description, sf_json_writer *json);

#endif
