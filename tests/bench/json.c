/* json.c - B14: an order event decoded and encoded by our reader and writer, and by cJSON.
 *
 * json [ROUNDS]
 * Both decode the same members of the same text to the same sums, which are compared. Prints one JSON
 * line: nanoseconds an operation, each the best of five runs, and the allocations of one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include <stateful/arena.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "service/json_reader.h"
#include "service/json_writer.h"
#include "support/allocation_hook.h"
#include "support/stopwatch.h"

enum { RUNS = 5, DEFAULT_ROUNDS = 200000 };

static const char event_text[] =
    "{\"eventType\":\"OrderCreated\",\"eventId\":\"4be0643f-1d98-573b-97cd-ca98a65347dd\","
    "\"aggregateId\":4711,\"version\":1,\"occurredAt\":\"2026-02-27T09:15:00.123Z\",\"schema\":1,"
    "\"payload\":{\"id\":4711,\"customerId\":42,\"status\":\"CREATED\",\"items\":["
    "{\"productId\":7,\"quantity\":2,\"price\":500.0,\"listPrice\":510.0}]}}";

/* What is taken from an event; the sum of it shows that both readers saw the same. */
typedef struct seen {
    int64_t id;
    int64_t customer_id;
    int64_t product_id;
    int64_t quantity;
    int64_t price_minor;
    int64_t version;
    size_t text_size;
} seen;

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "json: %s\n", what);
        exit(1);
    }
}

static void read_item(sf_json_reader *json, seen *to)
{
    static const sf_json_member members[] = {
        SF_JSON_REQUIRED("productId"), SF_JSON_REQUIRED("quantity"), SF_JSON_REQUIRED("price")};
    sf_json_object object;
    sf_money price = {0};
    int member;

    sf_json_read_object(json, &object, members, SF_ARRAY_LENGTH(members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == 0)
            sf_json_read_id(json, &to->product_id);
        else if (member == 1)
            sf_json_read_integer(json, (sf_json_bounds){1, 1000000}, &to->quantity);
        else
            sf_json_read_money(json, 2, (sf_json_bounds){0, 100000000}, &price);
    }
    to->price_minor = price.minor;
}

static void read_payload(sf_json_reader *json, seen *to)
{
    static const sf_json_member members[] = {
        SF_JSON_REQUIRED("id"),
        SF_JSON_REQUIRED("customerId"),
        SF_JSON_REQUIRED("status"),
        SF_JSON_REQUIRED("items"),
    };
    sf_json_object object;
    sf_json_array items;
    sf_bytes status = SF_NULL;
    int member;

    sf_json_read_object(json, &object, members, SF_ARRAY_LENGTH(members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        switch (member) {
        case 0:
            sf_json_read_id(json, &to->id);
            break;
        case 1:
            sf_json_read_id(json, &to->customer_id);
            break;
        case 2:
            sf_json_read_text(json, (sf_json_bounds){1, 32}, &status);
            break;
        default:
            sf_json_read_array(json, &items);
            while (sf_json_next_item(json, &items))
                read_item(json, to);
        }
    }
    to->text_size += status.size;
}

static void decode_ours(seen *to, void *arena)
{
    static const sf_json_member members[] = {
        SF_JSON_REQUIRED("eventType"),
        SF_JSON_OPTIONAL("version"),
        SF_JSON_OPTIONAL("occurredAt"),
        SF_JSON_REQUIRED("payload"),
    };
    sf_bytes type = SF_NULL;
    sf_json_object object;
    sf_json_reader json;
    int64_t time_ms = 0;
    int member;

    *to = (seen){0};
    sf_json_reader_init(&json, sf_bytes_of(event_text, sizeof(event_text) - 1), arena);
    sf_json_read_object(&json, &object, members, SF_ARRAY_LENGTH(members));
    while ((member = sf_json_next_member(&json, &object)) >= 0) {
        if (member == 0)
            sf_json_read_text(&json, (sf_json_bounds){1, 64}, &type);
        else if (member == 1)
            sf_json_read_integer(&json, (sf_json_bounds){1, INT64_MAX}, &to->version);
        else if (member == 2)
            sf_json_read_timestamp(&json, &time_ms);
        else
            read_payload(&json, to);
    }
    must(!sf_json_read_end(&json, NULL), "our reader refuses the event");
    to->text_size += type.size;
    sf_arena_reset(arena);
}

static void check_ours(seen *to, void *arena)
{
    sf_json_reader json;

    (void)to;
    sf_json_reader_init(&json, sf_bytes_of(event_text, sizeof(event_text) - 1), arena);
    (void)sf_json_skip(&json, NULL); /* the end tells */
    must(!sf_json_read_end(&json, NULL), "our reader refuses the event");
    sf_arena_reset(arena);
}

static int64_t integer_of(const cJSON *object, const char *name)
{
    return (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static size_t text_size_of(const cJSON *object, const char *name)
{
    return strlen(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name)));
}

static void decode_cjson(seen *to, void *unused)
{
    cJSON *event = cJSON_ParseWithLength(event_text, sizeof(event_text) - 1), *payload, *item;

    (void)unused;
    *to = (seen){0};
    payload = cJSON_GetObjectItemCaseSensitive(event, "payload");
    item = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(payload, "items"), 0);
    to->id = integer_of(payload, "id");
    to->customer_id = integer_of(payload, "customerId");
    to->product_id = integer_of(item, "productId");
    to->quantity = integer_of(item, "quantity");
    to->price_minor =
        (int64_t)(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(item, "price")) * 100 +
                  0.5);
    to->version = integer_of(event, "version");
    to->text_size = text_size_of(event, "eventType") + text_size_of(payload, "status");
    cJSON_Delete(event);
}

static void encode_ours(seen *to, void *buffer)
{
    sf_json_writer json;

    sf_buffer_clear(buffer);
    sf_json_writer_init(&json, buffer);
    sf_json_write_object(&json, NULL);
    sf_json_write_text(&json, "eventType", "OrderCreated");
    sf_json_write_integer(&json, "version", 1);
    sf_json_write_object(&json, "payload");
    sf_json_write_integer(&json, "id", 4711);
    sf_json_write_text(&json, "status", "CREATED");
    sf_json_write_money(&json, "price", (sf_money){1999}, 2);
    sf_json_write_end_object(&json);
    sf_json_write_end_object(&json);
    to->text_size = ((sf_buffer *)buffer)->size;
}

static void encode_cjson(seen *to, void *unused)
{
    cJSON *event = cJSON_CreateObject(), *payload;
    char *text;

    (void)unused;
    cJSON_AddStringToObject(event, "eventType", "OrderCreated");
    cJSON_AddNumberToObject(event, "version", 1);
    payload = cJSON_AddObjectToObject(event, "payload");
    cJSON_AddNumberToObject(payload, "id", 4711);
    cJSON_AddStringToObject(payload, "status", "CREATED");
    cJSON_AddNumberToObject(payload, "price", 19.99);
    text = cJSON_PrintUnformatted(event);
    to->text_size = strlen(text);
    cJSON_free(text);
    cJSON_Delete(event);
}

/* Best of RUNS, in nanoseconds an operation. */
static double measure(void (*operation)(seen *to, void *with), void *with, int64_t rounds, seen *to)
{
    double best = 1e9;

    for (int run = 0; run < RUNS; run++) {
        stopwatch began = stopwatch_now(), gone;

        for (int64_t i = 0; i < rounds; i++) {
            operation(to, with);
            __asm__ volatile("" : : "r"(to) : "memory"); /* each round is done */
        }
        gone = stopwatch_since(began);
        if (gone.thread_s * 1e9 / (double)rounds < best)
            best = gone.thread_s * 1e9 / (double)rounds;
    }
    return best;
}

/* Of one operation, when others went before it. */
static size_t allocations_of(void (*operation)(seen *to, void *with), void *with, seen *to)
{
    size_t before;

    operation(to, with);
    before = allocations;
    operation(to, with);
    return allocations - before;
}

int main(int argc, char **argv)
{
    int64_t rounds = argc > 1 ? strtoll(argv[1], NULL, 10) : DEFAULT_ROUNDS;
    sf_arena *arena = sf_arena_new();
    sf_buffer out = SF_BUFFER_EMPTY;
    seen ours, theirs, encoded, encoded_by_them;
    double check, decode, decode_by_them, encode, encode_by_them;

    decode = measure(decode_ours, arena, rounds, &ours);
    decode_by_them = measure(decode_cjson, NULL, rounds, &theirs);
    must(!memcmp(&ours, &theirs, sizeof(ours)), "the two readers saw different things");
    check = measure(check_ours, arena, rounds, &ours);
    encode = measure(encode_ours, &out, rounds, &encoded);
    encode_by_them = measure(encode_cjson, NULL, rounds, &encoded_by_them);
    must(encoded.text_size == encoded_by_them.text_size, "the two writers wrote different things");
    printf("{\"bench\":\"json\",\"bytes\":%zu,\"decode_ns\":%.0f,\"check_ns\":%.0f,"
           "\"cjson_decode_ns\":%.0f,\"decode_ratio\":%.2f,\"encode_ns\":%.0f,"
           "\"cjson_encode_ns\":%.0f,\"encode_ratio\":%.2f,\"decode_allocations\":%zu,"
           "\"encode_allocations\":%zu,\"cjson_decode_allocations\":%zu}\n",
           sizeof(event_text) - 1, decode, check, decode_by_them, decode / decode_by_them, encode,
           encode_by_them, encode / encode_by_them, allocations_of(decode_ours, arena, &ours),
           allocations_of(encode_ours, &out, &encoded),
           allocations_of(decode_cjson, NULL, &theirs));
    sf_buffer_done(&out);
    sf_arena_free(arena);
    return 0;
}
