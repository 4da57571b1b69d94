/* What is refused and what is read of everything that routes: channels, calendars, queues, plans and rules. */
#include "proto/buffer.h"
#include "tests/lib/config_file.h"

#define SIXTEEN                                                                                                                            \
    ", {after_s: 1}, {after_s: 2}, {after_s: 3}, {after_s: 4}, {after_s: 5}, {after_s: 6}, {after_s: 7}, {after_s: 8}, {after_s: 9}, "     \
    "{after_s: 10}, {after_s: 11}, {after_s: 12}, {after_s: 13}, {after_s: 14}, {after_s: 15}, {after_s: 16}"

REFUSED(a_channel_without_type_is_refused, "channels:\n  - {cost: 5}\n", ":2: channels[0]: channel is missing")
REFUSED(a_channel_with_a_wrong_cap_is_refused, "channels:\n  - {channel: sms, cap: 100001}\n",
        ":2: channels[0].cap: expected a whole number from 0 to 100000, not \"100001\"")
REFUSED(a_channel_with_a_wrong_offer_ms_is_refused, "channels:\n  - {channel: sms, offer_ms: 99}\n",
        ":2: channels[0].offer_ms: expected a whole number from 100 to 86400000, not \"99\"")
REFUSED(a_channel_with_a_wrong_wrap_up_ms_is_refused, "channels:\n  - {channel: sms, wrap_up_ms: -1}\n",
        ":2: channels[0].wrap_up_ms: expected a whole number from 0 to 86400000, not \"-1\"")
REFUSED(a_channel_with_a_wrong_inactive_after_ms_is_refused, "channels:\n  - {channel: sms, inactive_after_ms: 2592000001}\n",
        ":2: channels[0].inactive_after_ms: expected a whole number from 0 to 2592000000, not \"2592000001\"")
REFUSED(a_channel_with_a_wrong_inactive_cost_is_refused, "channels:\n  - {channel: sms, inactive_cost: x}\n",
        ":2: channels[0].inactive_cost: expected a whole number from 0 to 100000, not \"x\"")
REFUSED(two_channels_of_one_type_are_refused, "channels:\n  - {channel: sms}\n  - {channel: sms}\n",
        ":3: channels[1].channel: \"sms\" is already used by channels[0].channel in line 2")
REFUSED(a_channel_that_interrupts_an_unknown_type_is_refused, "channels:\n  - channel: voice\n    interrupts:\n      - fax\n",
        ":4: channels[0].interrupts[0]: no channel type is named \"fax\"; expected one of: voice")
REFUSED(a_channel_that_interrupts_itself_is_refused, "channels:\n  - {channel: voice, interrupts: [voice]}\n",
        ":2: channels[0].interrupts[0]: a channel type cannot interrupt itself; expected others")
REFUSED(a_type_interrupted_twice_is_refused, "channels:\n  - {channel: voice, interrupts: [sms, sms]}\n  - {channel: sms}\n",
        ":2: channels[0].interrupts[1]: \"sms\" is given twice")
REFUSED(a_cap_without_number_is_refused, "agents:\n  - {name: a, token: " TOKEN ", caps: [\"sms\"]}\n",
        ":2: agents[0].caps[0]: expected a channel type as NAME:CONVERSATIONS with 1 to 100000 of them, not \"sms\"")
REFUSED(a_cap_of_zero_is_refused, "agents:\n  - {name: a, token: " TOKEN ", caps: [\"sms:0\"]}\n",
        ":2: agents[0].caps[0]: expected a channel type as NAME:CONVERSATIONS with 1 to 100000 of them, not \"sms:0\"")
REFUSED(a_cap_without_type_is_refused, "agents:\n  - {name: a, token: " TOKEN ", caps: [\":3\"]}\n",
        ":2: agents[0].caps[0]: expected a channel type as NAME:CONVERSATIONS with 1 to 100000 of them, not \":3\"")
REFUSED(a_cap_that_is_no_number_is_refused, "agents:\n  - {name: a, token: " TOKEN ", caps: [\"sms:x\"]}\n",
        ":2: agents[0].caps[0]: expected a channel type as NAME:CONVERSATIONS with 1 to 100000 of them, not \"sms:x\"")
REFUSED(a_cap_of_an_unknown_channel_is_refused,
        "agents:\n  - {name: a, token: " TOKEN ", caps: [\"sms:1\"]}\n"
        "accounts:\n  - {name: wa, channel: whatsapp, token: " TOKEN "}\n",
        ":2: agents[0].caps[0]: no channel type is named \"sms\"; expected one of: whatsapp")
REFUSED(two_caps_for_one_channel_are_refused,
        "agents:\n  - {name: a, token: " TOKEN ", caps: [\"whatsapp:1\", \"whatsapp:2\"]}\n"
        "accounts:\n  - {name: wa, channel: whatsapp, token: " TOKEN "}\n",
        ":2: agents[0].caps[1]: \"whatsapp\" is given twice")
REFUSED(a_queue_with_a_wrong_offers_is_refused, "queues:\n  - {name: q, offers: 51}\n",
        ":2: queues[0].offers: expected a whole number from 1 to 50, not \"51\"")
REFUSED(a_queue_that_offers_to_nobody_is_refused, "queues:\n  - {name: q, offers: 0}\n",
        ":2: queues[0].offers: expected a whole number from 1 to 50, not \"0\"")
REFUSED(a_queue_with_a_wrong_offers_max_is_refused, "queues:\n  - {name: q, offers_max: 0}\n",
        ":2: queues[0].offers_max: expected a whole number from 1 to 10000, not \"0\"")
REFUSED(a_queue_with_a_wrong_last_agent_ms_is_refused, "queues:\n  - {name: q, last_agent_ms: 5}\n",
        ":2: queues[0].last_agent_ms: expected a whole number from 100 to 86400000, not \"5\"")
REFUSED(a_queue_with_a_wrong_lane_is_refused, "queues:\n  - {name: q, lane: 8}\n",
        ":2: queues[0].lane: expected a whole number from 0 to 7, not \"8\"")
REFUSED(a_queue_with_a_wrong_first_response_ms_is_refused, "queues:\n  - {name: q, first_response_ms: 1s}\n",
        ":2: queues[0].first_response_ms: expected a whole number from 0 to 2592000000, not \"1s\"")
REFUSED(a_queue_with_a_wrong_next_response_ms_is_refused, "queues:\n  - {name: q, next_response_ms: 1s}\n",
        ":2: queues[0].next_response_ms: expected a whole number from 0 to 2592000000, not \"1s\"")
REFUSED(a_queue_with_a_wrong_resolution_ms_is_refused, "queues:\n  - {name: q, resolution_ms: 1s}\n",
        ":2: queues[0].resolution_ms: expected a whole number from 0 to 2592000000, not \"1s\"")
REFUSED(a_queue_with_a_wrong_first_reply_ms_is_refused, "queues:\n  - {name: q, first_reply_ms: 1s}\n",
        ":2: queues[0].first_reply_ms: expected a whole number from 0 to 2592000000, not \"1s\"")
REFUSED(a_queue_with_a_wrong_next_reply_ms_is_refused, "queues:\n  - {name: q, next_reply_ms: 1s}\n",
        ":2: queues[0].next_reply_ms: expected a whole number from 0 to 2592000000, not \"1s\"")
REFUSED(a_queue_with_a_wrong_depth_max_is_refused, "queues:\n  - {name: q, depth_max: -1}\n",
        ":2: queues[0].depth_max: expected a whole number from 0 to 100000000, not \"-1\"")
REFUSED(a_queue_with_a_wrong_wait_max_ms_is_refused, "queues:\n  - {name: q, wait_max_ms: 1s}\n",
        ":2: queues[0].wait_max_ms: expected a whole number from 0 to 2592000000, not \"1s\"")
REFUSED(a_queue_with_an_unknown_mode_is_refused, "queues:\n  - {name: q, mode: maybe}\n",
        ":2: queues[0].mode: expected push or pull, not \"maybe\"")
REFUSED(a_queue_with_an_unknown_choice_is_refused, "queues:\n  - {name: q, choice: maybe}\n",
        ":2: queues[0].choice: expected longest_idle, least_loaded, most_skilled, round_robin or last_agent, not \"maybe\"")
REFUSED(a_queue_with_an_unknown_when_closed_is_refused, "queues:\n  - {name: q, when_closed: maybe}\n",
        ":2: queues[0].when_closed: expected hold, message, bot or overflow, not \"maybe\"")
REFUSED(a_queue_with_an_unknown_agent_lost_is_refused, "queues:\n  - {name: q, agent_lost: maybe}\n",
        ":2: queues[0].agent_lost: expected back or stay, not \"maybe\"")
REFUSED(a_queue_with_an_unknown_edf_is_refused, "queues:\n  - {name: q, edf: maybe}\n",
        ":2: queues[0].edf: expected true or false, not \"maybe\"")
REFUSED(a_queue_with_an_unknown_business_time_is_refused, "queues:\n  - {name: q, business_time: maybe}\n",
        ":2: queues[0].business_time: expected true or false, not \"maybe\"")
REFUSED(a_queue_with_an_unknown_bots_may_finish_is_refused, "queues:\n  - {name: q, bots_may_finish: maybe}\n",
        ":2: queues[0].bots_may_finish: expected true or false, not \"maybe\"")
REFUSED(an_empty_closed_text_is_refused, "queues:\n  - {name: q, closed_text: \"\"}\n",
        ":2: queues[0].closed_text: expected 1 to 4096 bytes of text, not 0")
REFUSED(an_unknown_overflow_queue_is_refused, AGENTS "queues:\n  - {name: support, overflow: sals}\n  - name: sales\n",
        ":5: queues[0].overflow: no queue is named \"sals\"; expected one of: sales, support")
REFUSED(an_unknown_escalates_to_queue_is_refused, AGENTS "queues:\n  - {name: support, escalates_to: sals}\n  - name: sales\n",
        ":5: queues[0].escalates_to: no queue is named \"sals\"; expected one of: sales, support")
REFUSED(an_unknown_calendar_of_a_queue_is_refused, AGENTS "queues:\n  - {name: support, calendar: office}\n  - name: sales\n",
        ":5: queues[0].calendar: no calendar is named \"office\"; there is none")
REFUSED(when_closed_message_without_text_is_refused, AGENTS "queues:\n  - {name: support, when_closed: message}\n  - name: sales\n",
        ":5: queues[0].when_closed: closed_text is missing; expected it with message")
REFUSED(when_closed_overflow_without_overflow_is_refused, AGENTS "queues:\n  - {name: support, when_closed: overflow}\n  - name: sales\n",
        ":5: queues[0].when_closed: overflow is missing; expected it with when_closed: overflow")
REFUSED(wait_max_without_overflow_is_refused, AGENTS "queues:\n  - {name: support, wait_max_ms: 1000}\n  - name: sales\n",
        ":5: queues[0].wait_max_ms: overflow is missing; expected it with wait_max_ms")
REFUSED(edf_without_first_response_is_refused, AGENTS "queues:\n  - {name: support, edf: true}\n  - name: sales\n",
        ":5: queues[0].edf: first_response_ms is missing; expected it with edf")
REFUSED(overflow_to_itself_is_refused, AGENTS "queues:\n  - {name: support, overflow: support}\n  - name: sales\n",
        ":5: queues[0].overflow: a cycle: support -> support; expected it to end")
REFUSED(a_cycle_of_overflow_queues_is_refused,
        AGENTS
        "queues:\n  - {name: support, overflow: sales}\n  - {name: sales, overflow: general}\n  - {name: general, overflow: sales}\n",
        ":6: queues[1].overflow: a cycle: sales -> general -> sales; expected it to end")
REFUSED(a_cycle_of_escalations_is_refused,
        AGENTS "queues:\n  - {name: support, escalates_to: sales}\n  - {name: sales, escalates_to: support}\n",
        ":5: queues[0].escalates_to: a cycle: support -> sales -> support; expected it to end")
REFUSED(an_unknown_dead_letter_queue_is_refused, BASE "dead_letter: lost\n",
        ":7: dead_letter: no queue is named \"lost\"; expected one of: sales, support")
REFUSED(a_dead_letter_queue_with_an_overflow_is_refused,
        AGENTS "queues:\n  - {name: support, overflow: sales}\n  - name: sales\ndead_letter: support\n",
        ":7: dead_letter: the queue \"support\" has an overflow queue; expected one that keeps what it gets")
REFUSED(a_wrong_lane_guard_is_refused, "lane_guard: x\n", ":1: lane_guard: expected a whole number from 0 to 1000000, not \"x\"")
REFUSED(a_calendar_of_an_unknown_zone_is_refused, "calendars:\n  - {name: c, zone: Europe/Madird, weekly: [\"mon 09:00-10:00\"]}\n",
        ":2: calendars[0].zone: the system's zone database has no \"Europe/Madird\"; expected a name like Europe/Madrid")
REFUSED(a_calendar_without_zone_is_refused, "calendars:\n  - {name: c, weekly: [\"mon 09:00-10:00\"]}\n",
        ":2: calendars[0]: zone is missing")
REFUSED(a_calendar_that_never_opens_is_refused, "calendars:\n  - {name: c, zone: UTC, holidays: [\"12-25\"]}\n",
        ":2: calendars[0]: it never opens; expected weekly hours or exceptions")
REFUSED(two_calendars_of_one_name_are_refused,
        "calendars:\n  - {name: c, zone: UTC, weekly: [\"mon 09:00-10:00\"]}\n  - {name: c, zone: UTC, weekly: [\"mon 09:00-10:00\"]}\n",
        ":3: calendars[1].name: \"c\" is already used by calendars[0].name in line 2")
REFUSED(
    overlapping_weekly_hours_are_refused,
    "calendars:\n  - name: c\n    zone: UTC\n    weekly:\n      - mon-fri 09:00-14:00\n      - sat 09:00-14:00\n      - wed 13:59-15:00\n",
    ":7: calendars[0].weekly[2]: \"wed 13:59-15:00\" overlaps \"mon-fri 09:00-14:00\"")
REFUSED(hours_that_overlap_over_the_end_of_the_week_are_refused,
        "calendars:\n  - name: c\n    zone: UTC\n    weekly: [\"mon 01:00-02:00\", \"sun 22:00-01:01\"]\n",
        ":4: calendars[0].weekly[1]: \"sun 22:00-01:01\" overlaps \"mon 01:00-02:00\"")
REFUSED(a_plan_without_steps_is_refused, BASE "plans:\n  - name: p\n", ":8: plans[0]: 0 steps; expected 1 to 16")
REFUSED(a_plan_of_seventeen_steps_is_refused, BASE "plans:\n  - name: p\n    steps: [{queue: support}" SIXTEEN "]\n",
        ":8: plans[0]: 17 steps; expected 1 to 16")
REFUSED(a_first_step_without_queue_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {all: [spanish]}\n",
        ":10: plans[0].steps[0]: queue is missing; expected it in the first step")
REFUSED(a_first_step_that_comes_later_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, after_s: 1}\n",
        ":10: plans[0].steps[0].after_s: the first step comes at once; expected none, or 0")
REFUSED(a_first_step_that_adds_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, add: true}\n",
        ":10: plans[0].steps[0].add: nothing comes before the first step; expected false")
REFUSED(steps_out_of_order_are_refused,
        BASE "plans:\n  - name: p\n    steps:\n      - {queue: support}\n      - {after_s: 30}\n      - {after_s: 30, queue: sales}\n",
        ":12: plans[0].steps[2]: expected after_s above that of the step before (30), not 30")
REFUSED(a_later_step_without_time_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support}\n      - {queue: sales}\n",
        ":11: plans[0].steps[1]: expected after_s above that of the step before (0), not 0")
REFUSED(a_step_with_a_wrong_time_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, after_s: 30s}\n",
        ":10: plans[0].steps[0].after_s: expected a whole number from 0 to 2592000, not \"30s\"")
REFUSED(a_step_with_an_unknown_choice_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, choice: best}\n",
        ":10: plans[0].steps[0].choice: expected longest_idle, least_loaded, most_skilled, round_robin or last_agent, not \"best\"")
REFUSED(a_step_with_an_unknown_priority_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, priority: top}\n",
        ":10: plans[0].steps[0].priority: expected low, normal, high or urgent, not \"top\"")
REFUSED(a_step_with_an_unknown_skip_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, skip_if: raining}\n",
        ":10: plans[0].steps[0].skip_if: expected nobody_signed_in, not \"raining\"")
REFUSED(a_step_with_an_add_that_is_no_truth_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, add: 1}\n",
        ":10: plans[0].steps[0].add: expected true or false, not \"1\"")
REFUSED(a_step_of_an_unknown_queue_is_refused,
        BASE "plans:\n  - name: p\n    steps:\n      - {queue: support}\n      - after_s: 5\n        queue: sals\n",
        ":12: plans[0].steps[1].queue: no queue is named \"sals\"; expected one of: sales, support")
REFUSED(a_step_of_an_unknown_skill_is_refused,
        BASE "plans:\n  - name: p\n    steps:\n      - queue: support\n        any:\n          - spanish\n          - piano\n",
        ":13: plans[0].steps[0].any[1]: no agent has the skill \"piano\"; expected one of: billing, english, spanish")
REFUSED(a_step_with_a_wrong_level_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, all: [\"spanish:6\"]}\n",
        ":10: plans[0].steps[0].all[0]: expected a skill as NAME or NAME:LEVEL with a level from 1 to 5, not \"spanish:6\"")
REFUSED(a_step_with_nine_skills_is_refused,
        BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, all: [a, b, c, d, e, f, g, h, i]}\n",
        ":10: plans[0].steps[0].all: 9 skills; expected at most 8")
REFUSED(an_unknown_preferred_agent_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, preferred: [bob, eva]}\n",
        ":10: plans[0].steps[0].preferred[1]: no agent is named \"eva\"; expected one of: ana, bob")
REFUSED(an_agent_preferred_twice_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, preferred: [bob, bob]}\n",
        ":10: plans[0].steps[0].preferred[1]: \"bob\" is given twice")
REFUSED(
    an_unknown_key_of_a_step_is_refused, BASE "plans:\n  - name: p\n    steps:\n      - {queue: support, offer_ms: 5}\n",
    ":10: plans[0].steps[0].offer_ms: unknown key; expected one of: queue, after_s, add, all, any, preferred, priority, choice, skip_if")
REFUSED(a_step_nobody_can_serve_is_refused,
        BASE "plans:\n  - name: p\n    steps:\n      - {queue: support}\n      - {after_s: 5, queue: sales, all: [spanish], skip_if: "
             "nobody_signed_in}\n      - {after_s: 6}\n",
        ":11: plans[0].steps[1]: no single agent of the queue \"sales\" has the skills this step requires")
REFUSED(
    an_added_alternative_nobody_can_serve_is_refused,
    BASE
    "plans:\n  - name: p\n    steps:\n      - {queue: support, all: [spanish]}\n      - {after_s: 5, add: true, all: [spanish, english]}\n",
    ":11: plans[0].steps[1]: no single agent of the queue \"support\" has the skills this step requires")
REFUSED(two_plans_of_one_name_are_refused,
        BASE "plans:\n  - name: p\n    steps: [{queue: support}]\n  - name: p\n    steps: [{queue: sales}]\n",
        ":10: plans[1].name: \"p\" is already used by plans[0].name in line 8")
REFUSED(a_rule_without_queue_and_plan_is_refused, BASE "rules:\n  - queue: support\n  - {topic: x}\n",
        ":9: rules[1]: neither queue nor plan is given; expected one of them")
REFUSED(a_rule_of_an_unknown_plan_is_refused, BASE "rules:\n  - queue: support\n  - {plan: p}\n",
        ":9: rules[1].plan: no plan is named \"p\"; there is none")
REFUSED(a_rule_with_plan_and_queue_is_refused,
        BASE "plans:\n  - {name: p, steps: [{queue: support}]}\nrules:\n  - {plan: p, queue: support}\n",
        ":10: rules[0].plan: given beside queue; expected one of them")
REFUSED(a_rule_with_plan_and_all_is_refused,
        BASE "plans:\n  - {name: p, steps: [{queue: support}]}\nrules:\n  - {plan: p, all: [spanish]}\n",
        ":10: rules[0].all: given beside plan; expected it in the plan's steps")
REFUSED(a_rule_with_plan_and_any_is_refused,
        BASE "plans:\n  - {name: p, steps: [{queue: support}]}\nrules:\n  - {plan: p, any: [spanish]}\n",
        ":10: rules[0].any: given beside plan; expected it in the plan's steps")
REFUSED(a_rule_of_a_channel_nobody_has_is_refused, BASE "rules:\n  - queue: support\n  - {queue: support, channel: fax}\n",
        ":9: rules[1].channel: no channel type is named \"fax\"; there is none")
REFUSED(a_rule_open_with_an_unknown_calendar_is_refused, BASE "rules:\n  - queue: support\n  - {queue: support, open: office}\n",
        ":9: rules[1].open: no calendar is named \"office\"; there is none")
REFUSED(a_rule_closed_with_an_unknown_calendar_is_refused, BASE "rules:\n  - queue: support\n  - {queue: support, closed: office}\n",
        ":9: rules[1].closed: no calendar is named \"office\"; there is none")
REFUSED(a_bad_pattern_is_refused, BASE "rules:\n  - queue: support\n  - {queue: support, pattern: refund(}\n",
        ":9: rules[1].pattern: missing closing parenthesis at byte 7; expected a regular expression of PCRE2")
REFUSED(an_empty_pattern_is_refused, BASE "rules:\n  - queue: support\n  - {queue: support, pattern: \"\"}\n",
        ":9: rules[1].pattern: expected 1 to 1024 bytes of text, not 0")
REFUSED(an_attribute_without_value_is_refused, BASE "rules:\n  - queue: support\n  - {queue: support, attributes: [\"tier\"]}\n",
        ":9: rules[1].attributes[0]: expected an attribute of the customer as NAME=VALUE, not \"tier\"")
REFUSED(an_attribute_without_name_is_refused, BASE "rules:\n  - queue: support\n  - {queue: support, attributes: [\"=gold\"]}\n",
        ":9: rules[1].attributes[0]: expected an attribute of the customer as NAME=VALUE, not \"=gold\"")
REFUSED(an_attribute_with_an_empty_value_is_refused, BASE "rules:\n  - queue: support\n  - {queue: support, attributes: [\"tier=\"]}\n",
        ":9: rules[1].attributes[0]: expected an attribute of the customer as NAME=VALUE, not \"tier=\"")
REFUSED(an_attribute_given_twice_is_refused,
        BASE "rules:\n  - queue: support\n  - {queue: support, attributes: [tier=gold, a=b, tier=silver]}\n",
        ":9: rules[1].attributes[2]: \"tier\" is given twice")
REFUSED(seventeen_attributes_are_refused,
        BASE "rules:\n  - queue: support\n  - {queue: support, attributes: [a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1, j=1, k=1, l=1, "
             "m=1, n=1, o=1, p=1, q=1]}\n",
        ":9: rules[1].attributes: 17 entries; expected at most 16")

/* Each of these in a calendar's list is refused at its place with this expectation. */
static void assert_list_refused(const char *key, const char *const *texts, size_t count, const char *expected)
{
    for (size_t i = 0; i < count; i++) {
        char yaml[512], error[512];
        snprintf(yaml, sizeof yaml, "calendars:\n  - name: c\n    zone: UTC\n    %s:\n      - \"%s\"\n%s", key, texts[i],
                 strcmp(key, "holidays") == 0 ? "    weekly: [\"mon 09:00-10:00\"]\n" : "");
        snprintf(error, sizeof error, ":5: calendars[0].%s[0]: %s\"%s\"", key, expected, texts[i]);
        assert_refused(span_of(yaml), error);
    }
}

static void malformed_weekly_hours_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "mon",
                                        "09:00-10:00",
                                        "Mon 09:00-10:00",
                                        "mon-xyz 09:00-10:00",
                                        "mon- 09:00-10:00",
                                        "mon 9:00-10:00",
                                        "mon 09:00-10:00 ",
                                        "mon  09:00-10:00",
                                        "mon 09:00",
                                        "mon 09:00-24:01",
                                        "mon 09:60-10:00",
                                        "mon 24:00-10:00",
                                        "mon 09:00-09:00",
                                        "mon 09:00-10:000",
                                        "monday 09:00-10:00"};
    assert_list_refused("weekly", texts, sizeof texts / sizeof texts[0], "expected days and hours like \"mon-fri 09:00-14:00\", not ");
}

static void malformed_holidays_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",      "christmas",  "2026-12-25 ", "2026-1-1",   "26-12-25",
                                        "12/25", "0000-12-25", "1969-12-25",  "20261-12-25"};
    assert_list_refused("holidays", texts, sizeof texts / sizeof texts[0],
                        "expected a day like \"2026-12-25\", or \"12-25\" for every year, not ");
}

static void malformed_exceptions_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "2026-12-24", "09:00-12:00", "2026-12-24 09:00", "2026-12-24 12:00-12:00", "2026-12-24 09:00-12:00x"};
    assert_list_refused("exceptions", texts, sizeof texts / sizeof texts[0],
                        "expected a day and its hours like \"2026-12-24 09:00-12:00\", not ");
}

static void dates_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    static const char *const days[] = {"2026-02-29", "02-30", "2026-13-01", "00-10", "2026-04-31", "01-00"};
    static const char *const hours[] = {"2026-02-29 09:00-10:00", "06-31 09:00-10:00"};
    assert_list_refused("holidays", days, sizeof days / sizeof days[0], "there is no such day: ");
    assert_list_refused("exceptions", hours, sizeof hours / sizeof hours[0], "there is no such day: ");
}

static struct buffer repeated(const char *before, const char *each, int count, const char *after)
{
    struct buffer text = {0};
    buffer_append(&text, before, strlen(before));
    for (int i = 0; i < count; i++)
        buffer_append(&text, each, strlen(each));
    buffer_append(&text, after, strlen(after));
    return text;
}

static void lists_that_are_too_long_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *before, *each, *after, *error;
        int count;
    } lists[] = {
        {"calendars:\n", "  - {name: c, zone: UTC}\n", "", ":1: calendars: 257 entries; expected at most 256", 257},
        {"calendars:\n  - {name: c, zone: UTC, weekly: [", "x,", "x]}\n", ":2: calendars[0].weekly: 257 entries; expected at most 256",
         256},
        {"calendars:\n  - {name: c, zone: UTC, weekly: [\"mon 01:00-02:00\"], holidays: [", "x,", "x]}\n",
         ":2: calendars[0].holidays: 257 entries; expected at most 256", 256},
        {"calendars:\n  - {name: c, zone: UTC, exceptions: [", "x,", "x]}\n",
         ":2: calendars[0].exceptions: 257 entries; expected at most 256", 256},
        {"channels:\n  - {channel: c, interrupts: [", "x,", "x]}\n", ":2: channels[0].interrupts: 65 entries; expected at most 64", 64},
        {"plans:\n  - {name: p, steps: [{queue: q, preferred: [", "x,", "x]}]}\n",
         ":2: plans[0].steps[0].preferred: 17 entries; expected at most 16", 16},
        {"rules:\n  - queue: q\n    pattern: ", "xxxx", "x\n", ":3: rules[0].pattern: expected 1 to 1024 bytes of text, not 1025", 256},
        {"queues:\n  - name: q\n    closed_text: ", "xxxx", "x\n", ":3: queues[0].closed_text: expected 1 to 4096 bytes of text, not 4097",
         1024},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct buffer text = repeated(lists[i].before, lists[i].each, lists[i].count, lists[i].after);
        assert_refused((struct span){text.data, (uint32_t)text.size}, lists[i].error);
        buffer_fini(&text);
    }
}

static void a_long_cycle_is_cut(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    struct buffer text = {0};
    struct config *config = NULL;
    struct config_error error = {{0}};
    buffer_append(&text, "queues:\n", 8);
    for (int i = 0; i < COUNT; i++)
        text.size +=
            (size_t)sprintf(buffer_reserve(&text, 128), "  - {name: queue-number-%d, overflow: queue-number-%d}\n", i, (i + 1) % COUNT);
    assert_int_equal(load((struct span){text.data, (uint32_t)text.size}, &config, &error), STATUS_bad_config);
    assert_non_null(strstr(error.text, ":2: queues[0].overflow: a cycle: queue-number-0 -> queue-number-1 -> queue-number-2 -> "));
    assert_non_null(strstr(error.text, " -> ...; expected it to end"));
    buffer_fini(&text);
}

static const struct config_channel *channel_of(const struct config *config, const char *name)
{
    for (uint32_t i = 0; i < config->channels_count; i++)
        if (strcmp(config->channels[i].channel, name) == 0)
            return &config->channels[i];
    return NULL;
}

static void assert_channel(const struct config *config, const char *name, uint32_t cost, uint32_t offer_ms)
{
    const struct config_channel *channel = channel_of(config, name);
    assert_non_null(channel);
    assert_int_equal(channel->cost, cost);
    assert_int_equal(channel->offer_ms, offer_ms);
    assert_int_equal(channel->cap, 0);
    assert_int_equal(channel->interrupts_count, 0);
    assert_int_equal(channel->wrap_up_ms, 0);
    assert_int_equal(channel->inactive_after_ms, 600000);
    assert_int_equal(channel->inactive_cost, 0);
}

static void every_channel_of_an_account_has_an_entry(void **state)
{
    (void)state;
    struct config *config =
        load_good("accounts:\n  - {name: a, channel: whatsapp, token: " TOKEN "}\n"
                  "  - {name: b, channel: voice, token: " TOKEN "}\n  - {name: c, channel: whatsapp, token: " TOKEN "}\n"
                  "  - {name: d, channel: webchat, token: " TOKEN "}\n  - {name: e, channel: email, token: " TOKEN "}\n"
                  "  - {name: f, channel: sms, token: " TOKEN "}\nchannels:\n  - {channel: sms, cost: 7}\n");
    assert_int_equal(config->channels_count, 5);
    assert_channel(config, "whatsapp", 20, 30000);
    assert_channel(config, "voice", 100, 8000);
    assert_channel(config, "webchat", 25, 30000);
    assert_channel(config, "email", 10, 300000);
    assert_channel(config, "sms", 7, 30000);
    config_free(config);
}

static void voice_chat_messaging_and_e_mail_cost_100_25_20_and_10(void **state)
{
    (void)state;
    struct config *config =
        load_good("accounts:\n  - {name: a, channel: voice, token: " TOKEN "}\n  - {name: b, channel: chat, token: " TOKEN "}\n"
                  "  - {name: c, channel: messaging, token: " TOKEN "}\n  - {name: d, channel: e-mail, token: " TOKEN "}\n");
    assert_channel(config, "voice", 100, 8000);
    assert_channel(config, "chat", 25, 30000);
    assert_channel(config, "messaging", 20, 30000);
    assert_channel(config, "e-mail", 10, 300000);
    config_free(config);
}

static void what_a_queue_does_not_say_has_its_default(void **state)
{
    (void)state;
    struct config *config = load_good(BASE);
    const struct config_queue *queue = &config->queues[0];
    assert_int_equal(config->lane_guard, 10);
    assert_null(config->dead_letter);
    assert_int_equal(config->calendars_count, 0);
    assert_int_equal(config->agents[0].caps_count, 0);
    assert_int_equal(queue->mode, QUEUE_MODE_push);
    assert_int_equal(queue->offer_ms, 0);
    assert_int_equal(queue->offers, 1);
    assert_int_equal(queue->offers_max, 20);
    assert_int_equal(queue->choice, CHOICE_longest_idle);
    assert_int_equal(queue->last_agent_ms, 10000);
    assert_int_equal(queue->lane, 0);
    assert_false(queue->edf);
    assert_int_equal(queue->first_response_ms, 0);
    assert_int_equal(queue->next_response_ms, 0);
    assert_int_equal(queue->resolution_ms, 0);
    assert_false(queue->business_time);
    assert_int_equal(queue->first_reply_ms, 0);
    assert_int_equal(queue->next_reply_ms, 0);
    assert_int_equal(queue->depth_max, 0);
    assert_int_equal(queue->wait_max_ms, 0);
    assert_null(queue->overflow);
    assert_null(queue->escalates_to);
    assert_null(queue->calendar);
    assert_int_equal(queue->when_closed, WHEN_CLOSED_hold);
    assert_null(queue->closed_text);
    assert_int_equal(queue->agent_lost, AGENT_LOST_back);
    assert_true(queue->bots_may_finish);
    config_free(config);
}

#define OFFICE "calendars:\n  - {name: office, zone: Europe/Madrid, weekly: [\"mon-fri 09:00-14:00\"]}\n"

static void every_value_of_a_queue_arrives(void **state)
{
    (void)state;
    struct config *config = load_good(
        AGENTS OFFICE
        "lane_guard: 0\ndead_letter: sales\nqueues:\n  - name: sales\n"
        "  - {name: support, mode: pull, offer_ms: 100, offers: 3, offers_max: 4, choice: last_agent, last_agent_ms: 500, "
        "auto_accept: true, lane: 7, edf: true, first_response_ms: 6, next_response_ms: 7, resolution_ms: 8, business_time: true, "
        "first_reply_ms: 9, next_reply_ms: 10, depth_max: 11, wait_max_ms: 2592000000, overflow: sales, escalates_to: sales, "
        "calendar: office, when_closed: message, closed_text: \"Closed.\\nSorry.\", agent_lost: stay, bots_may_finish: false}\n");
    const struct config_queue *queue = &config->queues[1];
    assert_int_equal(config->lane_guard, 0);
    assert_string_equal(config->dead_letter, "sales");
    assert_int_equal(queue->mode, QUEUE_MODE_pull);
    assert_int_equal(queue->offer_ms, 100);
    assert_int_equal(queue->offers, 3);
    assert_int_equal(queue->offers_max, 4);
    assert_int_equal(queue->choice, CHOICE_last_agent);
    assert_int_equal(queue->last_agent_ms, 500);
    assert_true(queue->auto_accept);
    assert_int_equal(queue->lane, 7);
    assert_true(queue->edf);
    assert_int_equal(queue->first_response_ms, 6);
    assert_int_equal(queue->next_response_ms, 7);
    assert_int_equal(queue->resolution_ms, 8);
    assert_true(queue->business_time);
    assert_int_equal(queue->first_reply_ms, 9);
    assert_int_equal(queue->next_reply_ms, 10);
    assert_int_equal(queue->depth_max, 11);
    assert_int_equal(queue->wait_max_ms, 2592000000);
    assert_string_equal(queue->overflow, "sales");
    assert_string_equal(queue->escalates_to, "sales");
    assert_string_equal(queue->calendar, "office");
    assert_int_equal(queue->when_closed, WHEN_CLOSED_message);
    assert_string_equal(queue->closed_text, "Closed.\nSorry.");
    assert_int_equal(queue->agent_lost, AGENT_LOST_stay);
    assert_false(queue->bots_may_finish);
    config_free(config);
}

static void every_value_of_a_channel_and_a_cap_arrives(void **state)
{
    (void)state;
    struct config *config =
        load_good("agents:\n  - {name: a, token: " TOKEN ", caps: [\"sms:3\", \"voice:1\"]}\n"
                  "channels:\n  - {channel: voice, cost: 99, cap: 1, interrupts: [email, sms], offer_ms: 100, wrap_up_ms: 5, "
                  "inactive_after_ms: 0, inactive_cost: 6}\n  - {channel: sms}\n  - {channel: email}\n");
    const struct config_channel *voice = &config->channels[0];
    assert_int_equal(config->channels_count, 3);
    assert_string_equal(voice->channel, "voice");
    assert_int_equal(voice->cost, 99);
    assert_int_equal(voice->cap, 1);
    assert_int_equal(voice->interrupts_count, 2);
    assert_string_equal(voice->interrupts[1], "sms");
    assert_int_equal(voice->offer_ms, 100);
    assert_int_equal(voice->wrap_up_ms, 5);
    assert_int_equal(voice->inactive_after_ms, 0);
    assert_int_equal(voice->inactive_cost, 6);
    assert_int_equal(config->agents[0].caps_count, 2);
    assert_string_equal(config->agents[0].caps[0].channel, "sms");
    assert_int_equal(config->agents[0].caps[0].conversations, 3);
    config_free(config);
}

#define PLAN                                                                                                                               \
    "plans:\n  - name: p\n    steps:\n"                                                                                                    \
    "      - {queue: support, all: [spanish], preferred: [ana]}\n"                                                                         \
    "      - {after_s: 30, any: [\"spanish:2\", english]}\n"                                                                               \
    "      - {after_s: 60, queue: sales, add: true, all: [\"english:2\"], priority: high, choice: least_loaded, "                          \
    "skip_if: nobody_signed_in}\n"                                                                                                         \
    "      - {after_s: 2592000}\n"

static void a_rule_has_a_copy_of_its_plan(void **state)
{
    (void)state;
    struct config *config = load_good(BASE PLAN "rules:\n  - {topic: t, plan: p, priority: low}\n  - {plan: p}\n");
    const struct config_plan *plan = &config->rules[0].plan;
    assert_string_equal(plan->name, "p");
    assert_string_equal(config->rules[1].plan.name, "p");
    assert_int_equal(config->rules[0].priority, PRIORITY_low);
    assert_int_equal(plan->steps_count, 4);
    assert_string_equal(plan->steps[0].queue, "support");
    assert_int_equal(plan->steps[0].all[0].level, 1);
    assert_string_equal(plan->steps[0].preferred[0], "ana");
    assert_int_equal(plan->steps[0].priority, 0);
    assert_int_equal(plan->steps[0].choice, 0);
    assert_false(plan->steps[0].skip_if_nobody);
    assert_int_equal(plan->steps[1].after_ms, 30000);
    assert_int_equal(plan->steps[1].any_count, 2);
    assert_int_equal(plan->steps[1].any[0].level, 2);
    assert_false(plan->steps[1].add);
    assert_true(plan->steps[2].add);
    assert_int_equal(plan->steps[2].priority, PRIORITY_high);
    assert_int_equal(plan->steps[2].choice, CHOICE_least_loaded);
    assert_true(plan->steps[2].skip_if_nobody);
    assert_int_equal(plan->steps[3].after_ms, 2592000000);
    config_free(config);
}

static void a_step_without_queue_is_in_that_of_the_step_before(void **state)
{
    (void)state;
    struct config *config = load_good(BASE PLAN "rules:\n  - {plan: p}\n");
    const struct config_step *steps = config->rules[0].plan.steps;
    assert_string_equal(steps[1].queue, "support");
    assert_string_equal(steps[2].queue, "sales");
    assert_string_equal(steps[3].queue, "sales");
    config_free(config);
}

static void every_condition_of_a_rule_arrives(void **state)
{
    (void)state;
    struct config *config =
        load_good(BASE OFFICE "rules:\n  - {queue: support, all: [spanish], result: billing, attributes: [tier=gold, \"a=b=c\"], "
                              "pattern: \"refund|money back\", open: office, closed: office}\n  - {queue: sales}\n");
    const struct config_rule *rule = &config->rules[0];
    assert_string_equal(rule->result, "billing");
    assert_int_equal(rule->attributes_count, 2);
    assert_string_equal(rule->attributes[0].name, "tier");
    assert_string_equal(rule->attributes[0].value, "gold");
    assert_string_equal(rule->attributes[1].value, "b=c");
    assert_string_equal(rule->pattern, "refund|money back");
    assert_string_equal(rule->open, "office");
    assert_string_equal(rule->closed, "office");
    assert_null(rule->plan.name);
    assert_int_equal(rule->plan.steps_count, 1);
    assert_string_equal(rule->plan.steps[0].queue, "support");
    assert_int_equal(rule->plan.steps[0].after_ms, 0);
    assert_null(config->rules[1].pattern);
    config_free(config);
}

static void a_rule_for_a_result_leaves_the_priority_unless_it_says_one(void **state)
{
    (void)state;
    struct config *config =
        load_good(BASE "rules:\n  - {queue: support, result: a}\n  - {queue: support, result: b, priority: low}\n  - {queue: sales}\n");
    assert_int_equal(config->rules[0].priority, 0);
    assert_int_equal(config->rules[1].priority, PRIORITY_low);
    assert_int_equal(config->rules[2].priority, PRIORITY_normal);
    config_free(config);
}

/* 2026-06-01 is a Monday; Madrid is then two hours ahead of UTC. */
static void calendars_are_made_anew_around_a_day(void **state)
{
    (void)state;
    enum { HOUR_MS = 3600 * 1000 };
    const int64_t monday_ms = INT64_C(1780272000000), day_ms = 24 * HOUR_MS;
    struct config *config = load_good(BASE OFFICE);
    const struct config_calendar *calendar = &config->calendars[0];
    assert_string_equal(calendar->zone, "Europe/Madrid");
    assert_true(calendar->intervals_count > 280);
    config_refresh_calendars(config, monday_ms);
    assert_int_equal(calendar->intervals_count, 286);
    assert_int_equal(calendar->intervals[0].open_ms, monday_ms + 7 * HOUR_MS);
    assert_int_equal(calendar->intervals[0].close_ms, monday_ms + 12 * HOUR_MS);
    config_refresh_calendars(config, monday_ms + 5 * day_ms);
    assert_int_equal(calendar->intervals[0].open_ms, monday_ms + 3 * day_ms + 7 * HOUR_MS);
    config_free(config);
}

static void days_of_a_week_may_go_over_its_end(void **state)
{
    (void)state;
    struct config *config = load_good("calendars:\n  - {name: c, zone: UTC, weekly: [\"sat-mon 00:00-24:00\", \"tue-fri 23:00-24:00\"]}\n");
    config_refresh_calendars(config, INT64_C(1780272000000));
    const struct config_interval *intervals = config->calendars[0].intervals;
    assert_int_equal(intervals[0].open_ms, INT64_C(1780272000000) - 2 * 24 * 3600 * 1000);
    assert_int_equal(intervals[0].close_ms - intervals[0].open_ms, 3 * 24 * 3600 * 1000);
    config_free(config);
}

/* The check must not look at every agent for each. */
static void ten_thousand_plans_load(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    struct buffer text = {0};
    struct config *config = NULL;
    struct config_error error = {{0}};
    buffer_append(&text, "agents:\n", 8);
    for (int i = 0; i < COUNT; i++)
        text.size += (size_t)sprintf(
            buffer_reserve(&text, 512),
            "  - {name: agent-%d, token: " TOKEN ", queues: [support, \"queue-%d\"], skills: [common, \"skill-%d:4\"]}\n", i, i, i);
    buffer_append(&text, "queues:\n  - name: support\n  - {name: queue-0, overflow: support}\n", 65);
    for (int i = 1; i < COUNT; i++)
        text.size += (size_t)sprintf(buffer_reserve(&text, 128), "  - {name: queue-%d, overflow: queue-%d}\n", i, i - 1);
    buffer_append(&text, "plans:\n", 7);
    for (int i = 0; i < COUNT; i++)
        text.size += (size_t)sprintf(buffer_reserve(&text, 256),
                                     "  - {name: plan-%d, steps: [{queue: support, all: [common, \"skill-%d:4\"], preferred: [agent-%d]}, "
                                     "{after_s: 5, any: [\"skill-%d:4\"]}]}\n",
                                     i, i, i, i);
    buffer_append(&text, "rules:\n", 7);
    for (int i = 0; i < COUNT; i++)
        text.size += (size_t)sprintf(buffer_reserve(&text, 128), "  - {plan: plan-%d, pattern: \"word-%d|another-%d\"}\n", i, i, i);
    assert_int_equal(load((struct span){text.data, (uint32_t)text.size}, &config, &error), STATUS_ok);
    assert_string_equal(config->rules[9999].plan.name, "plan-9999");
    config_free(config);
    buffer_fini(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_channel_without_type_is_refused),
    cmocka_unit_test(a_channel_with_a_wrong_cap_is_refused),
    cmocka_unit_test(a_channel_with_a_wrong_offer_ms_is_refused),
    cmocka_unit_test(a_channel_with_a_wrong_wrap_up_ms_is_refused),
    cmocka_unit_test(a_channel_with_a_wrong_inactive_after_ms_is_refused),
    cmocka_unit_test(a_channel_with_a_wrong_inactive_cost_is_refused),
    cmocka_unit_test(two_channels_of_one_type_are_refused),
    cmocka_unit_test(a_channel_that_interrupts_an_unknown_type_is_refused),
    cmocka_unit_test(a_channel_that_interrupts_itself_is_refused),
    cmocka_unit_test(a_type_interrupted_twice_is_refused),
    cmocka_unit_test(a_cap_without_number_is_refused),
    cmocka_unit_test(a_cap_of_zero_is_refused),
    cmocka_unit_test(a_cap_without_type_is_refused),
    cmocka_unit_test(a_cap_that_is_no_number_is_refused),
    cmocka_unit_test(a_cap_of_an_unknown_channel_is_refused),
    cmocka_unit_test(two_caps_for_one_channel_are_refused),
    cmocka_unit_test(a_queue_with_a_wrong_offers_is_refused),
    cmocka_unit_test(a_queue_that_offers_to_nobody_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_offers_max_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_last_agent_ms_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_lane_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_first_response_ms_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_next_response_ms_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_resolution_ms_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_first_reply_ms_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_next_reply_ms_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_depth_max_is_refused),
    cmocka_unit_test(a_queue_with_a_wrong_wait_max_ms_is_refused),
    cmocka_unit_test(a_queue_with_an_unknown_mode_is_refused),
    cmocka_unit_test(a_queue_with_an_unknown_choice_is_refused),
    cmocka_unit_test(a_queue_with_an_unknown_when_closed_is_refused),
    cmocka_unit_test(a_queue_with_an_unknown_agent_lost_is_refused),
    cmocka_unit_test(a_queue_with_an_unknown_edf_is_refused),
    cmocka_unit_test(a_queue_with_an_unknown_business_time_is_refused),
    cmocka_unit_test(a_queue_with_an_unknown_bots_may_finish_is_refused),
    cmocka_unit_test(an_empty_closed_text_is_refused),
    cmocka_unit_test(an_unknown_overflow_queue_is_refused),
    cmocka_unit_test(an_unknown_escalates_to_queue_is_refused),
    cmocka_unit_test(an_unknown_calendar_of_a_queue_is_refused),
    cmocka_unit_test(when_closed_message_without_text_is_refused),
    cmocka_unit_test(when_closed_overflow_without_overflow_is_refused),
    cmocka_unit_test(wait_max_without_overflow_is_refused),
    cmocka_unit_test(edf_without_first_response_is_refused),
    cmocka_unit_test(overflow_to_itself_is_refused),
    cmocka_unit_test(a_cycle_of_overflow_queues_is_refused),
    cmocka_unit_test(a_cycle_of_escalations_is_refused),
    cmocka_unit_test(an_unknown_dead_letter_queue_is_refused),
    cmocka_unit_test(a_dead_letter_queue_with_an_overflow_is_refused),
    cmocka_unit_test(a_wrong_lane_guard_is_refused),
    cmocka_unit_test(a_calendar_of_an_unknown_zone_is_refused),
    cmocka_unit_test(a_calendar_without_zone_is_refused),
    cmocka_unit_test(a_calendar_that_never_opens_is_refused),
    cmocka_unit_test(two_calendars_of_one_name_are_refused),
    cmocka_unit_test(overlapping_weekly_hours_are_refused),
    cmocka_unit_test(hours_that_overlap_over_the_end_of_the_week_are_refused),
    cmocka_unit_test(a_plan_without_steps_is_refused),
    cmocka_unit_test(a_plan_of_seventeen_steps_is_refused),
    cmocka_unit_test(a_first_step_without_queue_is_refused),
    cmocka_unit_test(a_first_step_that_comes_later_is_refused),
    cmocka_unit_test(a_first_step_that_adds_is_refused),
    cmocka_unit_test(steps_out_of_order_are_refused),
    cmocka_unit_test(a_later_step_without_time_is_refused),
    cmocka_unit_test(a_step_with_a_wrong_time_is_refused),
    cmocka_unit_test(a_step_with_an_unknown_choice_is_refused),
    cmocka_unit_test(a_step_with_an_unknown_priority_is_refused),
    cmocka_unit_test(a_step_with_an_unknown_skip_is_refused),
    cmocka_unit_test(a_step_with_an_add_that_is_no_truth_is_refused),
    cmocka_unit_test(a_step_of_an_unknown_queue_is_refused),
    cmocka_unit_test(a_step_of_an_unknown_skill_is_refused),
    cmocka_unit_test(a_step_with_a_wrong_level_is_refused),
    cmocka_unit_test(a_step_with_nine_skills_is_refused),
    cmocka_unit_test(an_unknown_preferred_agent_is_refused),
    cmocka_unit_test(an_agent_preferred_twice_is_refused),
    cmocka_unit_test(an_unknown_key_of_a_step_is_refused),
    cmocka_unit_test(a_step_nobody_can_serve_is_refused),
    cmocka_unit_test(an_added_alternative_nobody_can_serve_is_refused),
    cmocka_unit_test(two_plans_of_one_name_are_refused),
    cmocka_unit_test(a_rule_without_queue_and_plan_is_refused),
    cmocka_unit_test(a_rule_of_an_unknown_plan_is_refused),
    cmocka_unit_test(a_rule_with_plan_and_queue_is_refused),
    cmocka_unit_test(a_rule_with_plan_and_all_is_refused),
    cmocka_unit_test(a_rule_with_plan_and_any_is_refused),
    cmocka_unit_test(a_rule_of_a_channel_nobody_has_is_refused),
    cmocka_unit_test(a_rule_open_with_an_unknown_calendar_is_refused),
    cmocka_unit_test(a_rule_closed_with_an_unknown_calendar_is_refused),
    cmocka_unit_test(a_bad_pattern_is_refused),
    cmocka_unit_test(an_empty_pattern_is_refused),
    cmocka_unit_test(an_attribute_without_value_is_refused),
    cmocka_unit_test(an_attribute_without_name_is_refused),
    cmocka_unit_test(an_attribute_with_an_empty_value_is_refused),
    cmocka_unit_test(an_attribute_given_twice_is_refused),
    cmocka_unit_test(seventeen_attributes_are_refused),
    cmocka_unit_test(malformed_weekly_hours_are_refused),
    cmocka_unit_test(malformed_holidays_are_refused),
    cmocka_unit_test(malformed_exceptions_are_refused),
    cmocka_unit_test(dates_that_do_not_exist_are_refused),
    cmocka_unit_test(lists_that_are_too_long_are_refused),
    cmocka_unit_test(a_long_cycle_is_cut),
    cmocka_unit_test(every_channel_of_an_account_has_an_entry),
    cmocka_unit_test(voice_chat_messaging_and_e_mail_cost_100_25_20_and_10),
    cmocka_unit_test(what_a_queue_does_not_say_has_its_default),
    cmocka_unit_test(every_value_of_a_queue_arrives),
    cmocka_unit_test(every_value_of_a_channel_and_a_cap_arrives),
    cmocka_unit_test(a_rule_has_a_copy_of_its_plan),
    cmocka_unit_test(a_step_without_queue_is_in_that_of_the_step_before),
    cmocka_unit_test(every_condition_of_a_rule_arrives),
    cmocka_unit_test(a_rule_for_a_result_leaves_the_priority_unless_it_says_one),
    cmocka_unit_test(calendars_are_made_anew_around_a_day),
    cmocka_unit_test(days_of_a_week_may_go_over_its_end),
    cmocka_unit_test(ten_thousand_plans_load),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
