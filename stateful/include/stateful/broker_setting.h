/* broker_setting.h - one setting by its name. */
#ifndef STATEFUL_BROKER_SETTING_H
#define STATEFUL_BROKER_SETTING_H

#ifdef __cplusplus
extern "C" {
#endif

/* A setting and its value, both borrowed for the call that takes them: of an application (config.h), of a
 * journal (connect.h) or a property of librdkafka, for all clients or, with "consumer.", "producer." or
 * "admin." before its name, for those alone. */
typedef struct sf_broker_setting {
    const char *name; /* "security.protocol" */
    const char *value;
} sf_broker_setting;

#ifdef __cplusplus
}
#endif

#endif
