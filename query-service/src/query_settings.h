/* query_settings.h - the settings of query-service, all from the environment. */
#ifndef QUERY_SERVICE_QUERY_SETTINGS_H
#define QUERY_SERVICE_QUERY_SETTINGS_H

#include <stateful/config.h>

#include "fleet/fleet.h"
#include "service/http_server.h"
#include "service/kafka_properties.h"
#include "service/settings.h"
#include "topology/query_topology.h"

#define QUERY_SERVICE_VERSION "0.1.0"

/* All settings, for reading and for the help text. */
extern const sf_setting query_settings_table[];
extern const size_t query_settings_count;

/* Checks what the table cannot say. The error names the variable and what is allowed. */
sf_status query_settings_check(const sf_settings *settings, sf_error *err);

/* What they mean to each part; texts are borrowed from settings. */
query_topology_options query_settings_topology(const sf_settings *settings);
sf_http_options query_settings_http(const sf_settings *settings);

fleet_options query_settings_fleet(const sf_settings *settings, sf_streams *streams);

/* The engine's; properties are borrowed as well. */
sf_config query_settings_engine(const sf_settings *settings, const sf_kafka_properties *properties);

#endif
