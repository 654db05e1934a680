#include "kafka_settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define PREFIX "KAFKA_"

/* What other programs look for under that prefix: the query-service's application id, a broker's
 * installation, and what Kubernetes puts into every pod for a service named kafka. */
static bool is_not_ours(const char *name)
{
    static const char *const others[] = {"KAFKA_STREAMS_", "KAFKA_HOME", "KAFKA_REQUIRED",
                                         "KAFKA_PORT", "KAFKA_SERVICE_"};

    for (size_t i = 0; i < SF_ARRAY_LENGTH(others); i++)
        if (!strncmp(name, others[i], strlen(others[i])))
            return true;
    return false;
}

static void add(void *user, const char *name, const char *value)
{
    struct kafka_settings *kafka = user;
    char *property;

    if (is_not_ours(name))
        return;
    property = sf_text_copy(name + strlen(PREFIX));
    for (char *at = property; *at; at++)
        *at = (char)(*at == '_' ? '.' : tolower((unsigned char)*at));
    kafka->items = sf_realloc_array(kafka->items, kafka->count + 1, sizeof(*kafka->items));
    kafka->items[kafka->count++] = (sf_broker_setting){property, sf_text_copy(value)};
}

void kafka_settings_init(struct kafka_settings *kafka, const sf_settings *settings,
                         const char *address)
{
    *kafka = (struct kafka_settings){0};
    if (strncmp(address, "file:", 5) != 0 && strncmp(address, "memory:", 7) != 0)
        sf_settings_visit_others(settings, PREFIX, add, kafka);
}

void kafka_settings_done(struct kafka_settings *kafka)
{
    for (size_t i = 0; i < kafka->count; i++) {
        free((char *)kafka->items[i].name);
        free((char *)kafka->items[i].value);
    }
    free(kafka->items);
    *kafka = (struct kafka_settings){0};
}
