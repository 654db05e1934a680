#include "kafka/kafka_settings.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest_word.h"

/* What the engine's promises rest on. */
static const struct {
    const char *name;
    const char *why;
} reserved[] = {
    {"auto.offset.reset", "sf_consumed.reset says it for each source"},
    {"bootstrap.servers", "it is the address that is connected to"},
    {"client.id", "it tells the other instances where this one can be reached"},
    {"delivery.report.only.error", "positions in changelogs come from deliveries"},
    {"enable.auto.commit", "positions are committed together with the state"},
    {"enable.auto.offset.store", "positions are committed together with the state"},
    {"enable.idempotence", "without it records could be doubled or change places"},
    {"enable.partition.eof", "it tells that an input has been read to its end"},
    {"group.id", "it is the application id"},
    {"group.instance.id", "it is made of the instance id and the thread's number"},
    {"group.protocol", "tasks are handed over by the cooperative protocol"},
    {"isolation.level", "what is not committed must not be read"},
    {"metadata.broker.list", "it is the address that is connected to"},
    {"partition.assignment.strategy", "tasks are handed over by the cooperative protocol"},
    {"partitioner", "keys have to lie where other clients of Kafka put them"},
    {"transactional.id", "it is made of application id, instance id and the thread's number"},
};

static const char *const prefixes[] = {
    [SF_KAFKA_CONSUMER] = "consumer.",
    [SF_KAFKA_PRODUCER] = "producer.",
    [SF_KAFKA_ADMIN] = "admin.",
};

/* ---- clients ---- */

static bool begins_with(const char *name, const char *prefix)
{
    return !strncmp(name, prefix, strlen(prefix));
}

const char *sf_kafka_setting_property(const char *name)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(prefixes); i++)
        if (begins_with(name, prefixes[i]))
            return name + strlen(prefixes[i]);
    return name;
}

bool sf_kafka_setting_is_for(const char *name, sf_kafka_role role, bool *is_own)
{
    *is_own = begins_with(name, prefixes[role]);
    return *is_own || sf_kafka_setting_property(name) == name;
}

/* ---- which there are ---- */

/* librdkafka prints a table of them: name, bars, the rest. */
static char *printed_table(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    rd_kafka_conf_properties_show(file);
    return fclose(file) ? NULL : text;
}

static const char *name_in(sf_arena *arena, char *line)
{
    char *bar = strstr(line, " | ");
    char *end = strchr(line, ' ');

    if (!bar || !end || begins_with(line, "Property "))
        return NULL;
    *end = '\0';
    return sf_arena_text(arena, line);
}

static size_t count_lines(const char *text)
{
    size_t count = 1;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

const char *const *sf_kafka_setting_names(sf_arena *arena, size_t *count)
{
    char *text = printed_table(), *rest = text, *line;
    const char **names =
        sf_arena_alloc(arena, (text ? count_lines(text) : 0) * sizeof(*names) + sizeof(*names));

    *count = 0;
    while (text && (line = strsep(&rest, "\n"))) {
        const char *name = name_in(arena, line);

        if (name)
            names[(*count)++] = name;
    }
    free(text);
    return names;
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

bool sf_kafka_setting_exists(const char *name)
{
    sf_arena *arena = sf_arena_new();
    size_t count;
    const char *const *names = sf_kafka_setting_names(arena, &count);
    bool exists = is_among(sf_kafka_setting_property(name), names, count);

    sf_arena_free(arena);
    return exists;
}

/* ---- checks ---- */

static sf_status fail_unknown(const char *name, const char *property, sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    size_t count;
    const char *const *names = sf_kafka_setting_names(arena, &count);
    const char *nearest = sf_nearest_word(property, names, count);
    sf_status status;

    if (nearest)
        status = sf_fail(err, SF_INVALID, "there is no setting %s; did you mean %.*s%s?", name,
                         (int)(property - name), name, nearest);
    else
        status = sf_fail(err, SF_INVALID, "there is no setting %s: librdkafka has no %s", name,
                         property);
    sf_arena_free(arena);
    return status;
}

static sf_status check_reserved(const char *name, const char *property, sf_error *err)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(reserved); i++)
        if (!strcmp(reserved[i].name, property))
            return sf_fail(err, SF_INVALID, "setting %s cannot be changed: %s", name,
                           reserved[i].why);
    return SF_OK;
}

static sf_status check(rd_kafka_conf_t *conf, const sf_broker_setting *setting, sf_error *err)
{
    const char *property = sf_kafka_setting_property(setting->name);
    char why[256];
    sf_status status = check_reserved(setting->name, property, err);

    if (status)
        return status;
    switch (rd_kafka_conf_set(conf, property, setting->value, why, sizeof(why))) {
    case RD_KAFKA_CONF_OK:
        return SF_OK;
    case RD_KAFKA_CONF_UNKNOWN:
        return fail_unknown(setting->name, property, err);
    default:
        return sf_fail(err, SF_INVALID, "setting %s=%s is not taken by librdkafka: %s",
                       setting->name, setting->value, why);
    }
}

sf_status sf_kafka_settings_check(const sf_broker_setting *settings, size_t count, sf_error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    sf_status status = SF_OK;

    for (size_t i = 0; i < count && !status; i++)
        status = check(conf, &settings[i], err);
    rd_kafka_conf_destroy(conf);
    return status;
}
