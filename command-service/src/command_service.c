/* command_service.c - the order of things.
 *
 *   start  broker (nothing is contacted), HTTP; then, on a thread of its own and as often as it takes:
 *          schema, pool of connections, relay. Until those are there it is live but not ready
 *   stop   not ready any more; no new connections, requests under way are answered; commands that were
 *          taken are finished; the relay publishes what is left, if the broker answers
 */
#include "command_service.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/connect.h>
#include <stateful/log.h>

#include "base/memory.h"
#include "base/timed_condition.h"
#include "command_metrics.h"
#include "command_pool.h"
#include "command_problems.h"
#include "command_routes.h"
#include "command_settings.h"
#include "customer_routes.h"
#include "documents.h"
#include "migrate.h"
#include "operator_words.h"
#include "order_routes.h"
#include "product_routes.h"
#include "relay.h"
#include "service/front.h"
#include "service/kafka_properties.h"
#include "service/lifecycle.h"
#include "statements.h"

enum {
    TOPICS = 3,
    BACKOFF_LEAST_MS = 50,
    BACKOFF_MOST_MS = 1000,
};

struct service {
    const sf_settings *settings;
    postgres_address address;
    sf_broker *broker;
    publisher_topic topics[TOPICS];
    struct write_model model;
    char keys_kept[32]; /* as PostgreSQL writes an interval */
    sf_front *front;
    struct command_metrics *metrics;
    pthread_t starter;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t stopping;
    bool is_stopping;
    struct relay *relay; /* NULL until the schema is there */
    sf_error failure;    /* why it cannot go on */
};

/* ---- the database: schema first, then whoever uses it ---- */

static sf_status bring_schema_up(const postgres_address *address, sf_error *err)
{
    postgres_options options = {.address = *address};
    postgres *connection = postgres_new(&options, NULL, 0);
    size_t applied = 0;
    sf_status status = postgres_connect(connection, err);

    if (!status)
        status = migrate(connection, migrations, migration_count, &applied, err);
    postgres_free(connection);
    if (!status)
        sf_log(SF_LOG_INFO, "schema is up to date applied=%zu", applied);
    return status;
}

/* False: the service stops. */
static bool wait_to_retry(struct service *service, int64_t ms)
{
    struct timespec until = sf_moment_in_ms(ms);
    bool goes_on;

    pthread_mutex_lock(&service->mutex);
    while (!service->is_stopping)
        if (pthread_cond_timedwait(&service->stopping, &service->mutex, &until))
            break;
    goes_on = !service->is_stopping;
    pthread_mutex_unlock(&service->mutex);
    return goes_on;
}

/* Whether a failed start of the database may still come to something: it may be starting up, and
 * passwords and databases may be made while we wait. A changed migration may not. */
static bool may_pass(sf_status status, const sf_error *err)
{
    return status == SF_RETRY || !strncmp(err->text, "cannot connect", 14);
}

static bool wait_for_schema(struct service *service)
{
    int64_t backoff_ms = BACKOFF_LEAST_MS;
    bool is_first = true;

    for (;;) {
        sf_error err = {0};
        sf_status status = bring_schema_up(&service->address, &err);

        if (!status)
            return true;
        if (!may_pass(status, &err)) {
            pthread_mutex_lock(&service->mutex);
            service->failure = err;
            pthread_mutex_unlock(&service->mutex);
            sf_lifecycle_stop();
            return false;
        }
        if (is_first)
            sf_log(SF_LOG_WARN, "waiting for the database reason=\"%s\"", err.text);
        is_first = false;
        if (!wait_to_retry(service, backoff_ms))
            return false;
        backoff_ms = 2 * backoff_ms < BACKOFF_MOST_MS ? 2 * backoff_ms : BACKOFF_MOST_MS;
    }
}

static struct relay *start_relay(const struct service *service)
{
    relay_options options = {
        .address = service->address,
        .key_hours = sf_settings_integer(service->settings, "IDEMPOTENCY_KEY_HOURS"),
        .publish =
            {
                .broker = service->broker,
                .topics = service->topics,
                .topic_count = TOPICS,
                .partitions = (int32_t)sf_settings_integer(service->settings, "TOPIC_PARTITIONS"),
            },
    };

    return relay_start(&options);
}

static void *start_database(void *argument)
{
    struct service *service = argument;
    bool migrates = !strcmp(sf_settings_text(service->settings, "DB_MIGRATE"), "auto");
    struct relay *relay;

    if (migrates && !wait_for_schema(service))
        return NULL;
    relay = start_relay(service);
    pthread_mutex_lock(&service->mutex);
    service->relay = relay;
    pthread_mutex_unlock(&service->mutex);
    command_metrics_follow(service->metrics, relay);
    command_pool_open(service->model.pool);
    return NULL;
}

/* Commands are committed only after the pool was opened, and so after the relay is there. */
static void wake_relay(void *user)
{
    struct service *service = user;

    pthread_mutex_lock(&service->mutex);
    relay_wake(service->relay);
    pthread_mutex_unlock(&service->mutex);
}

static bool database_is_there(void *user, sf_buffer *why)
{
    struct service *service = user;
    bool is_there = command_pool_get_state(service->model.pool).circuit == CIRCUIT_CLOSED;

    if (!is_there)
        sf_buffer_add_text(why, "the database cannot be reached");
    return is_there;
}

/* Without the broker commands go on: events wait in their table. */
static bool events_go_out(void *user, sf_buffer *why)
{
    struct service *service = user;
    bool is_well = false;

    pthread_mutex_lock(&service->mutex);
    if (service->relay)
        is_well = relay_is_well(service->relay, why);
    else
        sf_buffer_add_text(why, "the relay waits for the database");
    pthread_mutex_unlock(&service->mutex);
    return is_well;
}

/* ---- parts ---- */

static sf_status connect_broker(struct service *service, sf_error *err)
{
    const char *address = sf_settings_text(service->settings, "KAFKA_BOOTSTRAP_SERVERS");
    sf_kafka_properties kafka;
    sf_status status;

    sf_kafka_properties_init(&kafka, service->settings, address);
    status = sf_broker_connect(address,
                               &(sf_broker_options){.client_id = "command-service",
                                                    .settings = kafka.items,
                                                    .setting_count = kafka.count},
                               &service->broker, err);
    sf_kafka_properties_done(&kafka);
    return sf_error_prefix(err, status, "KAFKA_BOOTSTRAP_SERVERS=%s", address);
}

static void make_write_model(struct service *service)
{
    const sf_settings *settings = service->settings;
    command_pool_options options = {
        .connection = {.address = service->address, .finds_by_key = true},
        .statements = command_statements,
        .statement_count = STATEMENT_COUNT,
        .threads = (unsigned)sf_settings_integer(settings, "DB_POOL_SIZE"),
        .committed = wake_relay,
        .user = service,
    };

    service->model.currency_exponent = sf_currency_exponent(sf_settings_text(settings, "CURRENCY"));
    (void)price_policy_parse(sf_settings_text(settings, "ORDER_PRICE_POLICY"),
                             &service->model.policy); /* the table allows no other word */
    service->model.customers_must_be_known =
        !strcmp(sf_settings_text(settings, "CUSTOMER_POLICY"), "known");
    service->model.must_match = !strcmp(sf_settings_text(settings, "IF_MATCH"), "required");
    snprintf(service->keys_kept, sizeof(service->keys_kept), "%lld hours",
             (long long)sf_settings_integer(settings, "IDEMPOTENCY_KEY_HOURS"));
    service->model.keys_kept = service->keys_kept;
    service->model.publications = publication_watch_start(&service->address);
    service->model.pool = command_pool_start(&options);
}

static void stop_write_model(struct service *service)
{
    command_pool_stop(service->model.pool);
    publication_watch_stop(service->model.publications);
}

static sf_status make_front(struct service *service, sf_error *err)
{
    const sf_settings *settings = service->settings;
    sf_front_options options = {
        .service = "command-service",
        .version = COMMAND_SERVICE_VERSION,
        .settings = settings,
        .http =
            {
                .address = sf_settings_text(settings, "SERVER_ADDRESS"),
                .port = (uint16_t)sf_settings_integer(settings, "SERVER_PORT"),
                .port_setting = "SERVER_PORT",
                .body_size_max = (size_t)sf_settings_integer(settings, "HTTP_BODY_MAX"),
            },
        .openapi = command_openapi,
        .problems = command_problems,
        .problem_count = command_problem_count,
    };
    sf_status status = sf_front_new(&options, &service->front, err);

    if (status)
        return status;
    sf_health_add_check(sf_front_health(service->front), "db", database_is_there, service);
    sf_health_add_watch(sf_front_health(service->front), "events", events_go_out, service);
    service->metrics = command_metrics_new(sf_front_metrics(service->front), service->model.pool,
                                           (unsigned)sf_settings_integer(settings, "DB_POOL_SIZE"));
    product_routes_add(sf_front_router(service->front), &service->model);
    customer_routes_add(sf_front_router(service->front), &service->model);
    order_routes_add(sf_front_router(service->front), &service->model);
    command_routes_add(sf_front_router(service->front), &service->model);
    return SF_OK;
}

static struct service *service_new(const sf_settings *settings)
{
    struct service *service = sf_zalloc(sizeof(*service));

    service->settings = settings;
    service->address = operator_words_address(settings);
    service->topics[0] =
        (publisher_topic){"product", sf_settings_text(settings, "PRODUCT_TOPIC"), 0};
    service->topics[1] =
        (publisher_topic){"customer", sf_settings_text(settings, "CUSTOMER_TOPIC"), 0};
    service->topics[2] = (publisher_topic){"order", sf_settings_text(settings, "ORDER_TOPIC"), 1};
    pthread_mutex_init(&service->mutex, NULL);
    sf_timed_condition_init(&service->stopping);
    return service;
}

static void service_free(struct service *service)
{
    sf_front_free(service->front);
    command_metrics_free(service->metrics);
    sf_broker_close(service->broker);
    pthread_cond_destroy(&service->stopping);
    pthread_mutex_destroy(&service->mutex);
    free(service);
}

/* ---- the whole ---- */

static void stop(struct service *service)
{
    int64_t grace_ms = sf_settings_integer(service->settings, "SHUTDOWN_GRACE_MS");

    sf_front_stop(service->front, grace_ms);
    pthread_mutex_lock(&service->mutex);
    service->is_stopping = true;
    pthread_cond_signal(&service->stopping);
    pthread_mutex_unlock(&service->mutex);
    pthread_join(service->starter, NULL);
    stop_write_model(service);
    relay_stop(service->relay, grace_ms);
}

static sf_status serve(struct service *service, sf_error *err)
{
    int signal;

    if (pthread_create(&service->starter, NULL, start_database, service)) {
        sf_front_stop(service->front, 0);
        stop_write_model(service);
        return sf_fail(err, SF_IO, "cannot start a thread");
    }
    signal = sf_lifecycle_wait();
    sf_log(SF_LOG_INFO, "command-service stops signal=%d", signal);
    stop(service);
    sf_log(SF_LOG_INFO, "command-service has stopped");
    return service->failure.status
               ? sf_fail(err, service->failure.code, "%s", service->failure.text)
               : SF_OK;
}

sf_status command_service_run(const sf_settings *settings, char **words, sf_error *err)
{
    struct service *service = service_new(settings);
    sf_status status = connect_broker(service, err);

    (void)words;
    if (!status) {
        make_write_model(service);
        status = make_front(service, err);
        if (!status)
            status = sf_front_start(service->front, err);
        if (!status)
            status = serve(service, err);
        else
            stop_write_model(service);
    }
    service_free(service);
    return status;
}

sf_status command_service_migrate(const sf_settings *settings, char **words, sf_error *err)
{
    postgres_address address = operator_words_address(settings);

    (void)words;
    return bring_schema_up(&address, err);
}
