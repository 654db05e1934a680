/* broker_setting.h - one property handed on to the broker's client as it is. */
#ifndef STATEFUL_BROKER_SETTING_H
#define STATEFUL_BROKER_SETTING_H

#ifdef __cplusplus
extern "C" {
#endif

/* A property of librdkafka and its value, both borrowed for the call that takes them and never read
 * by the engine itself: what librdkafka refuses, it names when the client is made. */
typedef struct sf_broker_setting {
    const char *name; /* a librdkafka property such as "security.protocol" */
    const char *value;
} sf_broker_setting;

#ifdef __cplusplus
}
#endif

#endif
