#include "journal/delivery_reports.h"

#include <stdlib.h>

#include "base/memory.h"

struct sf_refused_record {
    const sf_journal_topic *topic;
    int32_t partition;
    void *tag;
    sf_error why;
};

void sf_delivery_reports_done(sf_delivery_reports *reports)
{
    free(reports->refused);
    free(reports->written.items);
    free(reports->ends.items);
}

static void remember_failure(sf_delivery_reports *reports, const sf_error *why)
{
    if (!reports->failure.status)
        reports->failure = *why;
}

void sf_delivery_reports_refuse(sf_delivery_reports *reports, const sf_journal_topic *topic,
                                const sf_outgoing *outgoing, const sf_error *why)
{
    reports->refused =
        sf_realloc_array(reports->refused, reports->refused_count + 1, sizeof(*reports->refused));
    reports->refused[reports->refused_count++] =
        (sf_refused_record){topic, outgoing->partition, outgoing->tag, *why};
}

static void tell_refused(const sf_delivery_reports *reports, const sf_refused_record *refused)
{
    sf_delivery told = {
        .tag = refused->tag,
        .topic = refused->topic->name,
        .partition = refused->partition,
        .offset = SF_OFFSET_NONE,
        .status = refused->why.status,
        .error = refused->why.text,
        .permanent = true,
    };

    if (reports->on_delivery)
        reports->on_delivery(reports->user, &told);
}

void sf_delivery_reports_tell_refused(sf_delivery_reports *reports)
{
    sf_refused_record *refused = reports->refused;
    size_t count = reports->refused_count;

    reports->refused = NULL;
    reports->refused_count = 0;
    for (size_t i = 0; i < count; i++) {
        remember_failure(reports, &refused[i].why);
        tell_refused(reports, &refused[i]);
    }
    free(refused);
}

void sf_delivery_reports_forget_refused(sf_delivery_reports *reports)
{
    reports->refused_count = 0;
}

static void tell_written(const sf_delivery_reports *reports, const sf_outbox_delivery *written,
                         const sf_error *why)
{
    sf_delivery told = {
        .tag = written->tag,
        .topic = written->partition->topic->name,
        .partition = written->partition->partition,
        .offset = written->offset,
        .status = why->status,
        .error = why->status ? why->text : NULL,
    };

    reports->on_delivery(reports->user, &told); /* none was noted where nobody listens */
}

void sf_delivery_reports_tell_written(sf_delivery_reports *reports, const sf_error *why)
{
    sf_outbox_deliveries written = reports->written;
    sf_outbox_deliveries ends = reports->ends;

    reports->written = reports->ends = (sf_outbox_deliveries){0};
    if (why->status)
        remember_failure(reports, why);
    else
        for (size_t i = 0; i < ends.count; i++)
            ends.items[i].partition->end_offset = ends.items[i].offset;
    for (size_t i = 0; i < written.count; i++)
        tell_written(reports, &written.items[i], why);
    free(written.items);
    free(ends.items);
}

sf_status sf_delivery_reports_status(const sf_delivery_reports *reports, sf_error *err)
{
    const sf_error *failure = &reports->failure;

    if (!failure->status)
        return SF_OK;
    return sf_fail_with(err, failure->status, failure->code, "%s", failure->text);
}

void sf_delivery_reports_forget_failure(sf_delivery_reports *reports)
{
    reports->failure = (sf_error){0};
}
