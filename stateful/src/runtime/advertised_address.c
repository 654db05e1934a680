#include "runtime/advertised_address.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    CLIENT_ID_MAX = 63, /* brokers and their metrics cut longer ones */
    ADDRESS_MAX = CLIENT_ID_MAX - 1,
    PORT_MAX = 65535,
};

static bool is_port(const char *text)
{
    size_t size = strlen(text);

    return size > 0 && size <= 5 && strspn(text, "0123456789") == size && atol(text) > 0 &&
           atol(text) <= PORT_MAX;
}

/* A name or an address; IPv6 in brackets. */
static bool is_host(const char *text, size_t size)
{
    bool is_bracketed = size > 2 && text[0] == '[' && text[size - 1] == ']';

    for (size_t i = 0; i < size; i++) {
        bool is_bracket = is_bracketed && (i == 0 || i == size - 1);

        if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]) &&
            !(is_bracketed && text[i] == ':') && !is_bracket)
            return false;
    }
    return size > 0;
}

sf_status sf_advertised_address_check(const char *address, sf_error *err)
{
    const char *colon = address ? strrchr(address, ':') : NULL;

    if (!address)
        return SF_OK;
    if (!colon || !is_port(colon + 1) || !is_host(address, (size_t)(colon - address)))
        return sf_fail(err, SF_INVALID,
                       "application_server '%s' is not host:port, such as sales-1:8081", address);
    if (strlen(address) > ADDRESS_MAX)
        return sf_fail(err, SF_INVALID,
                       "application_server '%s' has %zu characters, the broker carries %d", address,
                       strlen(address), ADDRESS_MAX);
    return SF_OK;
}

char *sf_advertised_address_client_id(const char *application_id, const char *instance_id,
                                      const char *address)
{
    if (!address)
        return sf_text_printf("%s-%s", application_id, instance_id);
    if (strlen(instance_id) + 1 + strlen(address) > CLIENT_ID_MAX)
        return sf_text_printf("@%s", address);
    return sf_text_printf("%s@%s", instance_id, address);
}

const char *sf_advertised_address_of(const char *client_id)
{
    const char *at = client_id ? strrchr(client_id, '@') : NULL;

    return at ? at + 1 : NULL;
}
