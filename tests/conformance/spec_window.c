#include "conformance/spec_window.h"

#include "conformance/spec_json.h"

static sf_status read_time(const cJSON *json, sf_window *window, sf_error *err)
{
    sf_status status = spec_fields(json, "window", "type size_ms grace_ms", "advance_ms", err);

    if (!status)
        status = spec_read_natural(json, "size_ms", &window->size_ms, err);
    if (!status)
        status = spec_read_natural(json, "grace_ms", &window->grace_ms, err);
    window->advance_ms = window->size_ms;
    if (!status)
        status = spec_read_natural(json, "advance_ms", &window->advance_ms, err);
    return status;
}

static sf_status read_sliding(const cJSON *json, sf_sliding_window *window, sf_error *err)
{
    sf_status status = spec_fields(json, "window", "type diff_ms grace_ms", "", err);

    if (!status)
        status = spec_read_natural(json, "diff_ms", &window->diff_ms, err);
    if (!status)
        status = spec_read_natural(json, "grace_ms", &window->grace_ms, err);
    return status;
}

static sf_status read_session(const cJSON *json, sf_session_window *window, sf_error *err)
{
    sf_status status = spec_fields(json, "window", "type gap_ms grace_ms", "", err);

    if (!status)
        status = spec_read_natural(json, "gap_ms", &window->gap_ms, err);
    if (!status)
        status = spec_read_natural(json, "grace_ms", &window->grace_ms, err);
    return status;
}

static sf_status read_unlimited(const cJSON *json, sf_unlimited_window *window, sf_error *err)
{
    sf_status status = spec_fields(json, "window", "type start_ms", "", err);

    return status ? status : spec_read_natural(json, "start_ms", &window->start_ms, err);
}

static sf_status read_window(const cJSON *json, spec_window *window, sf_error *err)
{
    int kind = WINDOW_NONE;
    sf_status status = spec_read_word(json, "type", "time sliding session unlimited", &kind, err);

    window->kind = (spec_window_kind)kind;
    if (status)
        return status;
    switch (window->kind) {
    case WINDOW_TIME:
        return read_time(json, &window->time, err);
    case WINDOW_SLIDING:
        return read_sliding(json, &window->sliding, err);
    case WINDOW_SESSION:
        return read_session(json, &window->session, err);
    case WINDOW_UNLIMITED:
        return read_unlimited(json, &window->unlimited, err);
    default:
        return sf_fail(err, SF_INVALID, "the window has no type");
    }
}

sf_status spec_window_read(const cJSON *node, spec_window *window, sf_error *err)
{
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(node, "window");
    int emit = SF_EMIT_ON_UPDATE;
    sf_status status = SF_OK;

    *window = (spec_window){.kind = WINDOW_NONE};
    if (json)
        status = read_window(json, window, err);
    if (!status)
        status = spec_read_word(node, "emit", "update close", &emit, err);
    if (!status && !json && cJSON_GetObjectItemCaseSensitive(node, "emit"))
        status = sf_fail(err, SF_INVALID, "'emit' wants a window");
    window->emit = (sf_emit)emit;
    return status;
}

static sf_grouped *in_windows(const spec_window *window, sf_grouped *grouped)
{
    switch (window->kind) {
    case WINDOW_TIME:
        return sf_grouped_windowed(grouped, window->time);
    case WINDOW_SLIDING:
        return sf_grouped_sliding(grouped, window->sliding);
    case WINDOW_SESSION:
        return sf_grouped_sessions(grouped, window->session);
    case WINDOW_UNLIMITED:
        return sf_grouped_unlimited(grouped, window->unlimited);
    case WINDOW_NONE:
        break;
    }
    return grouped;
}

sf_grouped *spec_window_groups(const spec_window *window, sf_grouped *grouped)
{
    grouped = in_windows(window, grouped);
    return window->emit == SF_EMIT_ON_CLOSE ? sf_grouped_emit(grouped, window->emit) : grouped;
}

sf_cogrouped *spec_window_cogroups(const spec_window *window, sf_cogrouped *cogrouped)
{
    if (window->kind == WINDOW_TIME)
        cogrouped = sf_cogrouped_windowed(cogrouped, window->time);
    else if (window->kind == WINDOW_SLIDING)
        cogrouped = sf_cogrouped_sliding(cogrouped, window->sliding);
    else if (window->kind == WINDOW_SESSION)
        cogrouped = sf_cogrouped_sessions(cogrouped, window->session);
    return window->emit == SF_EMIT_ON_CLOSE ? sf_cogrouped_emit(cogrouped, window->emit)
                                            : cogrouped;
}

sf_store_kind spec_window_store(const spec_window *window)
{
    if (window->kind == WINDOW_NONE)
        return SF_KEY_VALUE_STORE;
    return window->kind == WINDOW_SESSION ? SF_SESSION_STORE : SF_WINDOW_STORE;
}
