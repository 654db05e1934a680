#include "query_settings.h"

#include <string.h>

#include "base/memory.h"
#include "http/waiting_reads.h"
#include "service/front.h"
#include "service/program.h"

#define TEXT(n, o, m)                                                          \
    {                                                                          \
        .name = (n), .kind = SF_SETTING_TEXT, .otherwise = (o), .meaning = (m) \
    }
#define INTEGER(n, o, l, h, m)                                                                \
    {                                                                                         \
        .name = (n), .kind = SF_SETTING_INTEGER, .otherwise = (o), .least = (l), .most = (h), \
        .meaning = (m)                                                                        \
    }
#define CHOICE(n, o, c, m)                                                                       \
    {                                                                                            \
        .name = (n), .kind = SF_SETTING_CHOICE, .otherwise = (o), .choices = (c), .meaning = (m) \
    }

const sf_setting query_settings_table[] = {
    {.name = "KAFKA_BOOTSTRAP_SERVERS",
     .aliases = "KAFKA_BROKER",
     .kind = SF_SETTING_TEXT,
     .otherwise = "localhost:9092",
     .meaning = "host:port,… of a Kafka, or file:DIR for the embedded log; any other KAFKA_X_Y is "
                "handed to librdkafka as x.y"},
    TEXT("KAFKA_STREAMS_APP_ID", "ecommerce-analytics",
         "application id: names the group and all internal topics"),
    INTEGER("QUERY_SERVER_PORT", "8081", 0, 65535, "port of the REST interface; 0: any free one"),
    TEXT("QUERY_SERVER_ADDRESS", "127.0.0.1",
         "address to listen on; 0.0.0.0 for all of the machine"),
    TEXT("ADVERTISED_ADDRESS", "",
         "host:port where other instances reach this one; empty: it answers for itself alone"),
    INTEGER("FORWARD_TIMEOUT_MS", "1000", 10, 30000,
            "how long another instance may take to answer"),
    CHOICE("MEMBERSHIP", "static", "static dynamic",
           "static: an instance that is back within six seconds finds its partitions unmoved; "
           "dynamic: they move as soon as it stops"),
    TEXT("PRODUCT_TOPIC", "product-events", "topic of product events"),
    TEXT("ORDER_TOPIC", "order-events", "topic of order events"),
    TEXT("CUSTOMER_TOPIC", "customer-events", "topic of customer events"),
    INTEGER("TOPIC_PARTITIONS", "4", 1, 1000, "partitions of these topics, if they must be made"),
    TEXT("STATE_DIR", "state", "directory of the state stores; memory: keeps nothing on disk"),
    TEXT("INSTANCE_ID", "", "name of this instance; empty: drawn once and kept in STATE_DIR"),
    INTEGER("NUM_STREAM_THREADS", "1", 1, 64, "threads that process events"),
    INTEGER("MEMORY_MAX_BYTES", "134217728", 16777216, INT64_C(1) << 44,
            "queues, caches and databases together"),
    INTEGER("COMMIT_INTERVAL_MS", "100", 1, 9000,
            "between commits under load; an idle thread commits at once"),
    CHOICE("SALES_COUNTING", "net", "net gross",
           "net: cancelled, failed, returned and refunded orders do not count; gross: all do"),
    TEXT("CURRENCY", "USD", "ISO 4217 code, which says how many decimals a price has"),
    INTEGER("SHUTDOWN_GRACE_MS", "10000", 0, 600000,
            "how long a stop may take to finish requests, and then to commit"),
    SF_PROGRAM_SETTINGS,
    SF_GUARD_SETTINGS,
};

const size_t query_settings_count = SF_ARRAY_LENGTH(query_settings_table);

sf_status query_settings_check(const sf_settings *settings, sf_error *err)
{
    const char *currency = sf_settings_text(settings, "CURRENCY");

    if (sf_currency_exponent(currency) < 0)
        return sf_fail(err, SF_INVALID,
                       "CURRENCY is '%s', must be an ISO 4217 code such as USD or EUR", currency);
    return sf_front_check(settings, err);
}

static bool is_word(const sf_settings *settings, const char *name, const char *word)
{
    return !strcmp(sf_settings_text(settings, name), word);
}

query_topology_options query_settings_topology(const sf_settings *settings)
{
    return (query_topology_options){
        .product_topic = sf_settings_text(settings, "PRODUCT_TOPIC"),
        .order_topic = sf_settings_text(settings, "ORDER_TOPIC"),
        .customer_topic = sf_settings_text(settings, "CUSTOMER_TOPIC"),
        .currency_exponent = sf_currency_exponent(sf_settings_text(settings, "CURRENCY")),
        .counting = is_word(settings, "SALES_COUNTING", "gross") ? SALES_GROSS : SALES_NET,
    };
}

sf_http_options query_settings_http(const sf_settings *settings)
{
    return (sf_http_options){
        .address = sf_settings_text(settings, "QUERY_SERVER_ADDRESS"),
        .port = (uint16_t)sf_settings_integer(settings, "QUERY_SERVER_PORT"),
        .port_setting = "QUERY_SERVER_PORT",
        .reply_timeout_ms =
            WAITING_READ_MAX_MS + sf_settings_integer(settings, "FORWARD_TIMEOUT_MS") + 5000,
    };
}

fleet_options query_settings_fleet(const sf_settings *settings, sf_streams *streams)
{
    const char *address = sf_settings_text(settings, "ADVERTISED_ADDRESS");

    return (fleet_options){
        .streams = streams,
        .address = *address ? address : NULL,
        .timeout_ms = sf_settings_integer(settings, "FORWARD_TIMEOUT_MS"),
    };
}

sf_config query_settings_engine(const sf_settings *settings, const sf_kafka_properties *properties)
{
    const char *instance = sf_settings_text(settings, "INSTANCE_ID");
    const char *address = sf_settings_text(settings, "ADVERTISED_ADDRESS");

    return (sf_config){
        .application_id = sf_settings_text(settings, "KAFKA_STREAMS_APP_ID"),
        .bootstrap_servers = sf_settings_text(settings, "KAFKA_BOOTSTRAP_SERVERS"),
        .state_dir = sf_settings_text(settings, "STATE_DIR"),
        .instance_id = *instance ? instance : NULL,
        .membership = is_word(settings, "MEMBERSHIP", "dynamic") ? SF_MEMBERSHIP_DYNAMIC
                                                                 : SF_MEMBERSHIP_STATIC,
        .application_server = *address ? address : NULL,
        .num_stream_threads = (int32_t)sf_settings_integer(settings, "NUM_STREAM_THREADS"),
        .memory_max_bytes = (size_t)sf_settings_integer(settings, "MEMORY_MAX_BYTES"),
        .commit_interval_ms = sf_settings_integer(settings, "COMMIT_INTERVAL_MS"),
        .input_partitions = (int32_t)sf_settings_integer(settings, "TOPIC_PARTITIONS"),
        .task_timeout_ms = -1, /* a broker that is away is waited for */
        .settings = properties->items,
        .setting_count = properties->count,
    };
}
