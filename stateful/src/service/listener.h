/* listener.h - a TCP socket that listens, and sentences for when it cannot. */
#ifndef SF_SERVICE_LISTENER_H
#define SF_SERVICE_LISTENER_H

#include <stdint.h>

#include <stateful/error.h>

typedef struct sf_listener_address {
    const char *host;         /* numeric, IPv4 or IPv6 */
    uint16_t port;            /* 0: any free one */
    const char *port_setting; /* the variable that moves the port; NULL: none */
} sf_listener_address;

/* Listens without waiting for connections to come. The descriptor is the caller's; port is the one it
 * got. SF_BUSY when the port is taken, SF_INVALID when the address is none of this machine. */
sf_status sf_listener_open(const sf_listener_address *address, int *fd, uint16_t *port,
                           sf_error *err);

#endif
