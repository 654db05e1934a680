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

/* Lets nobody in any more, and returns once all who came before were accepted (by another thread), or
 * after wait_ms. Only then can it be closed without resetting connections that clients hold for made. */
void sf_listener_turn_away(int fd, int64_t wait_ms);

#endif
