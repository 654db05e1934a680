/* guard.h - who may call which route: AUTH_MODE=off lets all through, jwt asks for a token.
 *
 * A token's "roles" are of admin, sales, customer, viewer; words that are not known are passed over.
 * Without a valid token 401, without a role that the route is for 403; routes for SF_ROLE_ANYONE are
 * open always. Health, metrics and documents are.
 */
#ifndef SF_SERVICE_GUARD_H
#define SF_SERVICE_GUARD_H

#include "service/router.h"
#include "service/settings.h"

/* The rows of a service's table of settings that sf_guard_new reads. */
#define SF_GUARD_SETTINGS                                                                       \
    {.name = "AUTH_MODE",                                                                       \
     .kind = SF_SETTING_CHOICE,                                                                 \
     .otherwise = "off",                                                                        \
     .choices = "off jwt",                                                                      \
     .meaning = "jwt: callers must bring a signed token (Authorization: Bearer …)"},            \
        {.name = "AUTH_JWT_ALGORITHM",                                                          \
         .kind = SF_SETTING_CHOICE,                                                             \
         .otherwise = "HS256",                                                                  \
         .choices = "HS256 RS256",                                                              \
         .meaning = "how tokens are signed; tokens that say otherwise are refused"},            \
        {.name = "AUTH_JWT_KEY_FILE",                                                           \
         .kind = SF_SETTING_TEXT,                                                               \
         .otherwise = "",                                                                       \
         .meaning = "file with the secret (HS256, 32 bytes or more) or the public key (RS256, " \
                    "PEM)"},                                                                    \
        {.name = "AUTH_JWT_ISSUER",                                                             \
         .kind = SF_SETTING_TEXT,                                                               \
         .otherwise = "",                                                                       \
         .meaning = "who must have issued the tokens (iss); empty: anyone"},                    \
    {                                                                                           \
        .name = "AUTH_JWT_AUDIENCE", .kind = SF_SETTING_TEXT, .otherwise = "",                  \
        .meaning = "for whom tokens must be meant (aud); empty: anyone"                         \
    }

typedef struct sf_guard sf_guard;

/* Reads settings (which must hold the rows above and are borrowed) and the key's file. The error names
 * the variable. */
sf_status sf_guard_new(const sf_settings *settings, sf_guard **guard, sf_error *err);
void sf_guard_free(sf_guard *guard);

/* Sets the router's guard; guard must outlive the router. */
void sf_guard_watch(sf_guard *guard, sf_router *router);

#endif
