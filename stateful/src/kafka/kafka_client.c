#include "kafka/kafka_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "base/random.h"

/* Measured: without the first a broker that came back is found only after up to 10 s. */
static const sf_broker_setting shared_defaults[] = {
    {"reconnect.backoff.max.ms", "1000"},
    {"reconnect.backoff.ms", "50"},
    {"socket.nagle.disable", "true"},
    {"log.connection.close", "false"},
    {NULL, NULL},
};

static sf_status set(rd_kafka_conf_t *conf, const char *name, const char *value, sf_error *err)
{
    char why[256];

    if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
        return sf_fail(err, SF_INVALID, "setting %s=%s is not taken by librdkafka: %s", name, value,
                       why);
    return SF_OK;
}

sf_status sf_kafka_config_init(sf_kafka_config *config, const char *servers,
                               const sf_broker_options *options, sf_error *err)
{
    static const sf_broker_options none;
    sf_status status;

    if (!options)
        options = &none;
    status = sf_kafka_settings_check(options->settings, options->setting_count, err);
    if (status)
        return status;
    config->servers = sf_text_copy(servers);
    config->client_id = sf_text_copy(options->client_id ? options->client_id : "stateful");
    config->clock = options->clock ? options->clock : sf_clock_system();
    config->setting_count = options->setting_count;
    config->settings = sf_realloc_array(NULL, options->setting_count, sizeof(*config->settings));
    for (size_t i = 0; i < config->setting_count; i++) {
        config->settings[i].name = sf_text_copy(options->settings[i].name);
        config->settings[i].value = sf_text_copy(options->settings[i].value);
    }
    return SF_OK;
}

void sf_kafka_config_done(sf_kafka_config *config)
{
    for (size_t i = 0; i < config->setting_count; i++) {
        free((char *)config->settings[i].name); /* our own copies */
        free((char *)config->settings[i].value);
    }
    free(config->settings);
    free(config->client_id);
    free(config->servers);
}

/* Syslog's levels; which settings do not apply to this kind of handle is no news. */
static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    sf_log_level ours = SF_LOG_DEBUG;

    if (level <= 2)
        ours = SF_LOG_ERROR;
    else if (level <= 4)
        ours = SF_LOG_WARN;
    else if (level <= 6)
        ours = SF_LOG_INFO;
    if (!strcmp(facility, "CONFWARN"))
        ours = SF_LOG_DEBUG;
    sf_log(ours, "librdkafka says: %s facility=%s client=%s", text, facility,
           client ? rd_kafka_name(client) : "none");
}

/* Information only, and in the log already, but for fatal ones. */
static void on_error(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
    char why[256];

    (void)opaque; /* the signature is librdkafka's */
    if (code != RD_KAFKA_RESP_ERR__FATAL) {
        sf_log(SF_LOG_DEBUG, "librdkafka reports: %s client=%s", reason, rd_kafka_name(client));
        return;
    }
    code = rd_kafka_fatal_error(client, why, sizeof(why));
    sf_log(SF_LOG_ERROR, "librdkafka cannot go on: %s error=%s client=%s", why,
           rd_kafka_err2name(code), rd_kafka_name(client));
}

static sf_status set_all(rd_kafka_conf_t *conf, const sf_broker_setting *settings, sf_error *err)
{
    sf_status status = SF_OK;

    for (; settings && settings->name && !status; settings++)
        if (settings->value)
            status = set(conf, settings->name, settings->value, err);
    return status;
}

/* Those of the user that all clients get, or those for this kind alone. */
static sf_status set_given(rd_kafka_conf_t *conf, const sf_kafka_config *config, sf_kafka_role role,
                           bool own, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < config->setting_count && !status; i++) {
        const sf_broker_setting *given = &config->settings[i];
        bool is_own;

        if (sf_kafka_setting_is_for(given->name, role, &is_own) && is_own == own)
            status = set(conf, sf_kafka_setting_property(given->name), given->value, err);
    }
    return status;
}

void sf_kafka_nobody(char name[SF_KAFKA_NOBODY_SIZE])
{
    (void)snprintf(name, SF_KAFKA_NOBODY_SIZE, "stateful-without-group-%016" PRIx64,
                   sf_random_seed_from_system()); /* always fits */
}

static sf_status fill(rd_kafka_conf_t *conf, const sf_kafka_config *config,
                      const sf_kafka_client_options *options, sf_error *err)
{
    sf_status status = set(conf, "bootstrap.servers", config->servers, err);

    if (!status)
        status = set(conf, "client.id", options->client_id ? options->client_id : config->client_id,
                     err);
    if (!status)
        status = set_all(conf, shared_defaults, err);
    if (!status)
        status = set_all(conf, options->defaults, err);
    if (!status)
        status = set_given(conf, config, options->role, false, err);
    if (!status)
        status = set_given(conf, config, options->role, true, err);
    if (!status)
        status = set_all(conf, options->fixed, err);
    return status;
}

sf_status sf_kafka_client_new(const sf_kafka_config *config, const sf_kafka_client_options *options,
                              rd_kafka_t **client, sf_error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[256];
    sf_status status = fill(conf, config, options, err);

    if (status)
        goto done;
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_opaque(conf, options->opaque);
    if (options->on_rebalance)
        rd_kafka_conf_set_rebalance_cb(conf, options->on_rebalance);
    if (options->on_delivery)
        rd_kafka_conf_set_dr_msg_cb(conf, options->on_delivery);
    *client =
        rd_kafka_new(options->role == SF_KAFKA_PRODUCER ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
                     conf, why, sizeof(why));
    if (!*client)
        status = sf_fail(err, SF_INVALID, "no Kafka client can be made: %s", why);
    else
        conf = NULL; /* the client's now */
done:
    if (conf)
        rd_kafka_conf_destroy(conf);
    return status;
}
