/* advertised_address.h - where an instance can be asked, carried in the client ids of its members:
 * "<instance>@<host:port>", or "@<host:port>" where that would be too long. Any thread. */
#ifndef SF_RUNTIME_ADVERTISED_ADDRESS_H
#define SF_RUNTIME_ADVERTISED_ADDRESS_H

#include <stateful/error.h>

/* Refuses what is not "host:port" or too long; NULL is fine. */
sf_status sf_advertised_address_check(const char *address, sf_error *err);

/* The client id of an instance's members; to be freed. address may be NULL, then it carries none. */
char *sf_advertised_address_client_id(const char *application_id, const char *instance_id,
                                      const char *address);

/* The address that a client id carries, a part of it; NULL if none. */
const char *sf_advertised_address_of(const char *client_id);

#endif
