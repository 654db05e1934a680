#include "command_settings.h"

#include "base/memory.h"
#include "service/money.h"

const sf_setting command_settings[] = {
    {.name = "SERVER_PORT",
     .kind = SF_SETTING_INTEGER,
     .otherwise = "8080",
     .least = 0,
     .most = 65535,
     .meaning = "port of the REST interface; 0: any free one, told in the log"},
    {.name = "SERVER_ADDRESS",
     .otherwise = "127.0.0.1",
     .meaning = "address it listens on; 0.0.0.0 for all"},
    {.name = "DB_HOST",
     .otherwise = "localhost",
     .meaning = "host of PostgreSQL, or the directory of its socket"},
    {.name = "DB_PORT",
     .kind = SF_SETTING_INTEGER,
     .otherwise = "5432",
     .least = 1,
     .most = 65535,
     .meaning = "port of PostgreSQL"},
    {.name = "POSTGRES_DB",
     .aliases = "DB_NAME",
     .otherwise = "ecommerce",
     .meaning = "name of the database"},
    {.name = "POSTGRES_USER",
     .aliases = "DB_USER",
     .otherwise = "postgres",
     .meaning = "user of the database"},
    {.name = "POSTGRES_PASSWORD",
     .aliases = "DB_PASSWORD",
     .otherwise = "",
     .is_secret = true,
     .meaning = "its password"},
    {.name = "DB_MIGRATE",
     .kind = SF_SETTING_CHOICE,
     .otherwise = "auto",
     .choices = "auto off",
     .meaning = "auto: bring the schema up to date at start; off: 'command-service migrate' does"},
    {.name = "DB_POOL_SIZE",
     .kind = SF_SETTING_INTEGER,
     .otherwise = "4",
     .least = 1,
     .most = 64,
     .meaning = "connections for commands; those that wait together share a commit"},
    {.name = "KAFKA_BOOTSTRAP_SERVERS",
     .aliases = "KAFKA_BROKER",
     .otherwise = "localhost:9092",
     .meaning = "host:port,… of a Kafka, or file:DIR for the embedded log; any other KAFKA_X_Y is "
                "handed to librdkafka as x.y"},
    {.name = "PRODUCT_TOPIC",
     .otherwise = "product-events",
     .meaning = "topic of the products' events"},
    {.name = "ORDER_TOPIC", .otherwise = "order-events", .meaning = "topic of the orders' events"},
    {.name = "CUSTOMER_TOPIC",
     .otherwise = "customer-events",
     .meaning = "topic of the customers' events"},
    {.name = "TOPIC_PARTITIONS",
     .kind = SF_SETTING_INTEGER,
     .otherwise = "4",
     .least = 1,
     .most = 1000,
     .meaning = "partitions of topics that are not there yet"},
    {.name = "CURRENCY",
     .otherwise = "USD",
     .meaning = "ISO 4217 code of the one currency; decides how many decimals a price may have"},
    {.name = "ORDER_PRICE_POLICY",
     .kind = SF_SETTING_CHOICE,
     .otherwise = "agreed",
     .choices = "agreed list strict",
     .meaning = "a line's price: agreed as sent; list: always the product's; strict: must be it"},
    {.name = "CUSTOMER_POLICY",
     .kind = SF_SETTING_CHOICE,
     .otherwise = "open",
     .choices = "open known",
     .meaning = "an order's customer: open, any id; known, must have been created"},
    {.name = "IDEMPOTENCY_KEY_HOURS",
     .kind = SF_SETTING_INTEGER,
     .otherwise = "48",
     .least = 1,
     .most = 8760,
     .meaning = "how long the result of a command with an Idempotency-Key is kept"},
    {.name = "HTTP_BODY_MAX",
     .kind = SF_SETTING_INTEGER,
     .otherwise = "1048576",
     .least = 1024,
     .most = 67108864,
     .meaning = "largest body of a request, in bytes"},
    {.name = "SHUTDOWN_GRACE_MS",
     .kind = SF_SETTING_INTEGER,
     .otherwise = "10000",
     .least = 0,
     .most = 600000,
     .meaning = "how long a stop may take to finish requests, and then to publish events"},
    {.name = "LOG_LEVEL",
     .kind = SF_SETTING_CHOICE,
     .otherwise = "info",
     .choices = "debug info warn error",
     .meaning = "lowest level that is logged"},
    {.name = "LOG_FORMAT",
     .kind = SF_SETTING_CHOICE,
     .otherwise = "auto",
     .choices = "auto json text",
     .meaning = "auto: text on a terminal, else JSON lines"},
};

const size_t command_setting_count = SF_ARRAY_LENGTH(command_settings);

sf_status command_settings_read(sf_settings **settings, sf_error *err)
{
    sf_settings *read;
    sf_status status = sf_settings_read(command_settings, command_setting_count, &read, err);

    if (status)
        return status;
    if (sf_currency_exponent(sf_settings_text(read, "CURRENCY")) < 0) {
        status = sf_fail(err, SF_INVALID,
                         "CURRENCY is '%s', must be an ISO 4217 code such as USD or EUR",
                         sf_settings_text(read, "CURRENCY"));
        sf_settings_free(read);
        return status;
    }
    *settings = read;
    return SF_OK;
}
