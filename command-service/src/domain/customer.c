#include "domain/customer.h"

#include <string.h>

enum { NAME, EMAIL, ID, MEMBERS };

/* Not whether it can be reached, only whether it could be one: something@something, no white space. */
static bool is_email(sf_bytes text)
{
    const uint8_t *at = memchr(text.data, '@', text.size);

    return at && at > text.data && at < text.data + text.size - 1 &&
           !memchr(text.data, ' ', text.size) &&
           !memchr(at + 1, '@', (size_t)(text.data + text.size - at - 1));
}

static void read_email(sf_json_reader *json, struct customer *customer)
{
    sf_bytes email;

    if (sf_json_read_null(json) || !sf_json_read_line(json, CUSTOMER_EMAIL_BOUNDS, &email))
        return;
    if (is_email(email))
        customer->email = email;
    else
        sf_json_note(json, "must be an e-mail address, as in ann@example.com");
}

void customer_read(sf_json_reader *json, customer_id id, struct customer *customer)
{
    const sf_json_member members[MEMBERS] = {
        [NAME] = SF_JSON_REQUIRED("name"),
        [EMAIL] = SF_JSON_OPTIONAL("email"),
        [ID] = {"id", 2, id == CUSTOMER_ID_REQUIRED},
    };
    size_t count = id == CUSTOMER_ID_ABSENT ? ID : MEMBERS;
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, members, count);
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == NAME)
            sf_json_read_line(json, CUSTOMER_NAME_BOUNDS, &customer->name);
        else if (member == EMAIL)
            read_email(json, customer);
        else
            sf_json_read_id(json, &customer->id);
    }
}

void customer_write(sf_json_writer *json, const struct customer *customer)
{
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "id", customer->id);
    sf_json_write_bytes(json, "name", customer->name);
    if (!sf_bytes_is_null(customer->email))
        sf_json_write_bytes(json, "email", customer->email);
    sf_json_write_end_object(json);
}
