/* customer.h - a customer and its bounds. Pure; any thread. */
#ifndef COMMAND_SERVICE_DOMAIN_CUSTOMER_H
#define COMMAND_SERVICE_DOMAIN_CUSTOMER_H

#include "service/json_reader.h"
#include "service/json_writer.h"

/* In code points. */
#define CUSTOMER_NAME_BOUNDS ((sf_json_bounds){1, 255})
#define CUSTOMER_EMAIL_BOUNDS ((sf_json_bounds){3, 254})

struct customer {
    int64_t id; /* 0 until the database or the client gave one */
    int64_t version;
    sf_bytes name;  /* a NUL follows, as with email */
    sf_bytes email; /* null: none is known */
};

/* Where a customer's id is in what is read. */
typedef enum customer_id {
    CUSTOMER_ID_ABSENT,   /* elsewhere: in the path */
    CUSTOMER_ID_OPTIONAL, /* the client may choose one */
    CUSTOMER_ID_REQUIRED,
} customer_id;

/* Reads {"id","name","email"} as the next value of json, within the bounds; errors are noted in json.
 * The texts live in its arena. */
void customer_read(sf_json_reader *json, customer_id id, struct customer *customer);

/* Writes {"id","name","email"}, without an e-mail address that is not known. */
void customer_write(sf_json_writer *json, const struct customer *customer);

#endif
