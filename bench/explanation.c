#include "bench/explanation.h"

#include "bench/readable.h"

/* What each verdict says of an agent. A $ and a letter stand for what the finding knows: until when, the reason, the skill, the level it
 * has, the level it needs, used, capacity, cost. */
static const char *const verdict_texts[VERDICT_MAX + 1] = {
    [VERDICT_can_take] = "can take it",
    [VERDICT_not_waiting] = "not asked, because it does not wait for an agent",
    [VERDICT_meant_for_another] = "not asked, because it is meant for another agent",
    [VERDICT_not_configured] = "not in the configuration",
    [VERDICT_offline] = "not signed in, or not yet available",
    [VERDICT_away] = "away$r",
    [VERDICT_wrap_up] = "wrapping up$t",
    [VERDICT_not_responding] = "not responding: let several offers in a row pass, and has to say that it is available",
    [VERDICT_outbox_full] = "not taking its deliveries",
    [VERDICT_other_queue] = "does not serve the queue",
    [VERDICT_lacks_skill] = "lacks $s: has $h, it takes $n",
    [VERDICT_queue_paused] = "not asked, because the queue is paused",
    [VERDICT_queue_closed] = "not asked, because the queue is closed$t",
    [VERDICT_queue_pull] = "may claim it: agents take from this queue themselves",
    [VERDICT_no_room] = "no room ($u of $c used, it costs $k)",
    [VERDICT_channel_cap] = "no room on this channel ($u of at most $c conversations)",
    [VERDICT_passed_over] = "passed over$t (let the offer pass, or refused it)",
    [VERDICT_owns_it] = "owns it",
};

static const char *const next_texts[NEXT_MAX + 1] = {
    [NEXT_offer_ends] = "the offer ends",
    [NEXT_passing_over_ends] = "the passing over ends",
    [NEXT_next_step] = "the next step of its plan begins",
    [NEXT_wait_limit] = "it has waited as long as its queue allows and goes to the overflow queue",
    [NEXT_opening] = "its queue opens",
    [NEXT_hold_ends] = "the delay it was given back with ends",
    [NEXT_wrap_up_ends] = "a wrap-up ends",
    [NEXT_deadline] = "a deadline passes",
    [NEXT_reply_limit] = "its owner loses it, unless it is answered",
    [NEXT_loan_ends] = "the loan ends",
    [NEXT_inactive] = "it counts as inactive and costs its owner less",
    [NEXT_grace_ends] = "its lost owner is waited for no longer",
};

/* `label` and the name, when there is one. */
static void add_name(struct buffer *out, const char *label, struct span name)
{
    if (name.size) {
        buffer_format(out, "%s", label);
        readable_text(out, name);
    }
}

/* --- findings --- */

static void add_until(struct buffer *out, uint64_t until_ms, uint64_t now_ms)
{
    char at[READABLE_MAX];
    if (until_ms)
        buffer_format(out, " until %s", readable_clock(at, until_ms, now_ms));
}

static void add_known(struct buffer *out, const struct wire_finding *finding, uint64_t now_ms, char letter)
{
    if (letter == 't')
        add_until(out, finding->until_ms, now_ms);
    else if (letter == 'r')
        add_name(out, ": ", finding->reason);
    else if (letter == 's')
        readable_text(out, finding->skill);
    else if (letter == 'h' && !finding->has)
        buffer_format(out, "none");
    else
        buffer_format(out, "%lu",
                      letter == 'h'   ? finding->has
                      : letter == 'n' ? finding->needs
                      : letter == 'u' ? finding->used
                      : letter == 'c' ? finding->capacity
                                      : finding->cost);
}

static void add_finding(struct buffer *out, const struct wire_finding *finding, uint64_t now_ms)
{
    const char *text = finding->verdict <= VERDICT_MAX ? verdict_texts[finding->verdict] : NULL;
    add_name(out, "  ", finding->agent);
    buffer_format(out, ": ");
    for (text = text ? text : "?"; *text; text++)
        if (*text == '$')
            add_known(out, finding, now_ms, *++text);
        else
            buffer_append(out, text, 1);
    buffer_format(out, "\n");
}

static void add_agents(struct buffer *out, const struct wire_explanation *explanation)
{
    bool none = explanation->eligible == 0;
    buffer_format(out,
                  none                         ? "No agent could serve it"
                  : explanation->eligible == 1 ? "1 agent could serve it"
                                               : "%lu agents could serve it",
                  explanation->eligible);
    buffer_format(out, none ? ".\n" : ", %lu signed in%s\n", explanation->signed_in, explanation->findings_count ? ":" : ".");
}

static void add_findings(struct buffer *out, const struct wire_explanation *explanation)
{
    for (uint32_t i = 0; i < explanation->findings_count; i++)
        add_finding(out, &explanation->findings[i], explanation->now_ms);
    if (explanation->findings_left_out)
        buffer_format(out, "  and %lu more\n", explanation->findings_left_out);
}

/* --- the conversation --- */

static bool waits(enum substate state)
{
    return state < SUBSTATE_active;
}

static bool is_finished(enum substate state)
{
    return state >= SUBSTATE_resolved;
}

/* "since 10:42:00 (3 min 12 s)" */
static void add_since(struct buffer *out, const struct wire_explanation *explanation)
{
    char at[READABLE_MAX], duration[READABLE_MAX];
    uint64_t now_ms = explanation->now_ms, arrival_ms = explanation->arrival_ms;
    if (arrival_ms)
        buffer_format(out, " since %s (%s)", readable_clock(at, arrival_ms, now_ms),
                      readable_duration(duration, now_ms > arrival_ms ? now_ms - arrival_ms : 0));
}

static void add_place(struct buffer *out, const struct wire_explanation *explanation)
{
    if (explanation->priority)
        buffer_format(out, ", priority %s", priority_word((uint32_t)explanation->priority));
    if (explanation->lane)
        buffer_format(out, ", lane %lu", explanation->lane);
    if (explanation->ahead == 0)
        buffer_format(out, ", it goes first");
    else
        buffer_format(out, explanation->ahead == 1 ? ", 1 other goes first" : ", %lu others go first", explanation->ahead);
    if (explanation->offers)
        buffer_format(out, explanation->offers == 1 ? ", offered once so far" : ", offered %lu times so far", explanation->offers);
}

static const char *waiting_text(enum substate state)
{
    if (state == SUBSTATE_offered)
        return "is being offered";
    if (state == SUBSTATE_held)
        return "is held";
    return state == SUBSTATE_snoozed ? "waits with a delay" : "waits";
}

static void add_head(struct buffer *out, const struct wire_explanation *explanation)
{
    enum substate state = (enum substate)explanation->state;
    buffer_format(out, "Conversation %lu ", explanation->conversation);
    if (is_finished(state)) {
        buffer_format(out, "is finished: %s", substate_word(state));
    } else if (waits(state)) {
        buffer_format(out, "%s", waiting_text(state));
        add_name(out, " in ", explanation->queue);
        add_since(out, explanation);
        add_place(out, explanation);
    } else {
        buffer_format(out, "is in progress (%s)", substate_word(state));
        add_name(out, " with ", explanation->owner);
        add_name(out, " of ", explanation->queue);
        add_since(out, explanation);
    }
    buffer_format(out, ".\n");
}

static void add_requirement(struct buffer *out, const struct wire_explanation *explanation)
{
    add_name(out, "It needs ", explanation->requirement);
    if (explanation->steps > 1) {
        buffer_format(out, " (step %lu of %lu", explanation->step, explanation->steps);
        add_name(out, " of ", explanation->plan);
        buffer_format(out, ")");
    }
    buffer_format(out, explanation->requirement.size ? ".\n" : "");
}

static void add_next(struct buffer *out, const struct wire_explanation *explanation)
{
    char at[READABLE_MAX], left[READABLE_MAX];
    uint64_t now_ms = explanation->now_ms, next_ms = explanation->next_ms;
    const char *what = explanation->next && explanation->next <= NEXT_MAX ? next_texts[explanation->next] : NULL;
    if (what)
        buffer_format(out, "Next: at %s, in %s, %s.\n", readable_clock(at, next_ms, now_ms),
                      readable_duration(left, next_ms > now_ms ? next_ms - now_ms : 0), what);
    else if (waits((enum substate)explanation->state))
        buffer_format(out, "Next: nothing at a set time; it goes to the first agent who can take it.\n");
}

void explanation_text(struct buffer *out, const struct wire_explanation *explanation, bool of_one)
{
    add_head(out, explanation);
    if (waits((enum substate)explanation->state)) {
        add_requirement(out, explanation);
        if (!of_one)
            add_agents(out, explanation);
    }
    add_findings(out, explanation);
    add_next(out, explanation);
}
