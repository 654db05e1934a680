/* healthcheck.h - a program asks its own running instance whether it is ready, so that an image needs
 * no other tool for that. */
#ifndef SF_SERVICE_HEALTHCHECK_H
#define SF_SERVICE_HEALTHCHECK_H

#include <stdint.h>

#include <stateful/error.h>

/* GET /health/ready at the address a service listens on ("0.0.0.0" and "::": this machine). SF_RETRY
 * with what it said when it is not ready, or not there. */
sf_status sf_healthcheck(const char *address, uint16_t port, sf_error *err);

#endif
