#include "fleet/fleet.h"

#include <stdlib.h>

#include "base/memory.h"

struct fleet {
    fleet_options options;
    char *address;
    courier *courier;
};

sf_status fleet_new(const fleet_options *options, fleet **made, sf_error *err)
{
    fleet *self = sf_zalloc(sizeof(*self));
    sf_status status = courier_new(&self->courier, err);

    self->options = *options;
    self->address = sf_text_copy(options->address);
    if (status)
        fleet_free(self);
    else
        *made = self;
    return status;
}

void fleet_free(fleet *self)
{
    if (!self)
        return;
    courier_free(self->courier);
    free(self->address);
    free(self);
}

sf_streams *fleet_streams(const fleet *self)
{
    return self->options.streams;
}

const char *fleet_address(const fleet *self)
{
    return self->address;
}

courier_counters fleet_count(const fleet *self)
{
    return courier_count(self->courier);
}

bool fleet_is_forwarded(const sf_request *request)
{
    return sf_request_header(request, FLEET_FORWARDED_HEADER) ||
           sf_request_header(request, FLEET_PART_HEADER);
}

void fleet_ask(fleet *self, const sf_request *request, const fleet_question_to *question)
{
    const courier_header headers[] = {
        {FLEET_FORWARDED_HEADER, self->address ? self->address : "?"},
        {FLEET_PART_HEADER, question->part},
        {"Accept", sf_request_header(request, "Accept")},
        {"Authorization", sf_request_header(request, "Authorization")},
        {"If-None-Match", sf_request_header(request, "If-None-Match")},
        {"traceparent", sf_request_traceparent(request)},
        {"tracestate", sf_request_header(request, "tracestate")},
        {"X-Request-Id", sf_request_header(request, "X-Request-Id")},
    };

    courier_ask(self->courier, &(courier_question){
                                   .address = question->address,
                                   .target = sf_request_target(request),
                                   .headers = headers,
                                   .header_count = SF_ARRAY_LENGTH(headers),
                                   .timeout_ms = self->options.timeout_ms + question->wait_ms,
                                   .done = question->done,
                                   .user = question->user,
                               });
}
