#include "runtime/deletion_retention.h"

#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/map.h"
#include "base/memory.h"

enum { BELIEVED_MS = 60 * 1000 };

static const int64_t USUAL_MS = (int64_t)24 * 3600 * 1000;

typedef struct answer {
    int64_t retention_ms;
    int64_t asked_us; /* monotonic */
} answer;

struct sf_deletion_retention {
    sf_broker *broker;
    sf_clock *clock;
    sf_map *answers; /* topic -> answer, ours */
};

sf_deletion_retention *sf_deletion_retention_new(sf_broker *broker, sf_clock *clock)
{
    sf_deletion_retention *retention = sf_zalloc(sizeof(*retention));

    retention->broker = broker;
    retention->clock = clock;
    retention->answers = sf_map_new();
    return retention;
}

void sf_deletion_retention_free(sf_deletion_retention *retention)
{
    size_t position = 0;
    sf_bytes topic;
    void *known;

    if (!retention)
        return;
    while (sf_map_next(retention->answers, &position, &topic, &known))
        free(known);
    sf_map_free(retention->answers);
    free(retention);
}

static void take_config(void *user, const sf_topic_config *config, bool is_default)
{
    int64_t *retention_ms = user;
    char *end;
    long long value;

    (void)is_default;
    if (strcmp(config->name, "delete.retention.ms") != 0)
        return;
    value = strtoll(config->value, &end, 10);
    if (end != config->value && !*end)
        *retention_ms = value;
}

/* A right that is missing is no reason to end: the state may be read anew a little too often. */
static sf_status ask(const sf_deletion_retention *retention, const char *topic,
                     int64_t *retention_ms, sf_error *err)
{
    sf_error why = {0};
    sf_status status;

    *retention_ms = USUAL_MS;
    status = sf_broker_topic_configs(retention->broker, topic, take_config, retention_ms, &why);
    if (status == SF_STOP && why.code == SF_INVALID) {
        sf_log(SF_LOG_WARN, "deletions are taken to be kept for a day topic=%s reason=\"%s\"",
               topic, why.text);
        return SF_OK;
    }
    if (status && err)
        *err = why;
    return status;
}

static answer *answer_of(sf_deletion_retention *retention, const char *topic)
{
    answer *found = sf_map_get(retention->answers, sf_bytes_text(topic));

    if (!found) {
        found = sf_zalloc(sizeof(*found));
        found->asked_us = -1;
        (void)sf_map_put(retention->answers, sf_bytes_text(topic), found); /* there was none */
    }
    return found;
}

sf_status sf_deletion_retention_outlived(sf_deletion_retention *retention, const char *topic,
                                         int64_t written_ms, bool *outlived, sf_error *err)
{
    int64_t now_us = sf_clock_monotonic_us(retention->clock);
    answer *known = answer_of(retention, topic);
    sf_status status = SF_OK;

    if (written_ms < 0) {
        *outlived = false;
        return SF_OK;
    }
    if (known->asked_us < 0 || (now_us - known->asked_us) / 1000 > BELIEVED_MS) {
        status = ask(retention, topic, &known->retention_ms, err);
        if (status)
            return status;
        known->asked_us = now_us;
    }
    *outlived = sf_clock_now_ms(retention->clock) - written_ms > known->retention_ms / 2;
    return SF_OK;
}
