#include "service/kafka_properties.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define PREFIX "KAFKA_"

/* What others look for under that prefix: a broker's scripts and images, our tests, and what
 * Kubernetes puts into every pod for a service named kafka. */
static bool is_of_others(const char *name)
{
    static const char *const others[] = {
        "KAFKA_STREAMS_", "KAFKA_HOME", "KAFKA_REQUIRED",   "KAFKA_PORT",
        "KAFKA_SERVICE_", "KAFKA_OPTS", "KAFKA_HEAP_",      "KAFKA_JMX_",
        "KAFKA_LOG",      "KAFKA_JVM_", "KAFKA_CLUSTER_ID",
    };

    for (size_t i = 0; i < SF_ARRAY_LENGTH(others); i++)
        if (!strncmp(name, others[i], strlen(others[i])))
            return true;
    return false;
}

static char *property_name(const char *variable)
{
    char *name = sf_text_copy(variable + strlen(PREFIX));

    for (char *at = name; *at; at++)
        *at = *at == '_' ? '.' : (char)tolower((unsigned char)*at);
    return name;
}

static void add(void *user, const char *name, const char *value)
{
    sf_kafka_properties *properties = user;
    size_t count = properties->count;

    if (is_of_others(name))
        return;
    properties->items = sf_realloc_array(properties->items, count + 1, sizeof *properties->items);
    properties->items[count] = (sf_broker_setting){property_name(name), value};
    properties->count++;
}

void sf_kafka_properties_init(sf_kafka_properties *properties, const sf_settings *settings,
                              const char *bootstrap_servers)
{
    bool is_embedded =
        !strncmp(bootstrap_servers, "file:", 5) || !strncmp(bootstrap_servers, "memory:", 7);

    *properties = (sf_kafka_properties){0};
    if (!is_embedded)
        sf_settings_visit_others(settings, PREFIX, add, properties);
}

void sf_kafka_properties_done(sf_kafka_properties *properties)
{
    for (size_t i = 0; i < properties->count; i++)
        free((char *)properties->items[i].name);
    free(properties->items);
    *properties = (sf_kafka_properties){0};
}
