#include "proto/buffer.h"
#include "tests/lib/config_file.h"

REFUSED(an_empty_file_is_refused, "", ":1: the file is empty; expected sections such as accounts, queues, agents and rules")
REFUSED(a_file_of_comments_is_refused, "# nothing\n", ":1: the file is empty; expected sections such as accounts, queues, agents and rules")
REFUSED(a_syntax_error_names_its_line, "queues:\n  - {name: a\nagents: []\n",
        ":3: did not find expected ',' or '}' while parsing a flow mapping (begun in line 2)")
REFUSED(a_quote_without_end_names_where_it_began, "listen: \"tcp\nmisses_max: 3\n",
        ":3: found unexpected end of stream while scanning a quoted scalar (begun in line 1)")
REFUSED(bytes_that_are_no_text_name_their_line, "queues: []\nlisten: \xff\n", ":2: invalid leading UTF-8 octet")
REFUSED(a_second_document_is_refused, "queues: []\n---\nagents: []\n", ":2: a second YAML document begins; expected one")
REFUSED(an_alias_is_refused, "queues:\n  - &q {name: a}\n  - *q\n", ":3: aliases (*name) are not supported; write the value again")
REFUSED(a_nul_character_is_refused, "queues:\n  - {name: \"a\\0b\"}\n", ":2: a text must not contain the character NUL")
REFUSED(deep_nesting_is_refused, "queues:\n- [[[[[[[[[]]]]]]]]]\n", ":2: nested deeper than any value of this file")
REFUSED(a_key_that_is_a_list_is_refused, "queues: []\n[a]: b\n", ":2: a key must be plain text")
REFUSED(a_file_that_is_a_list_is_refused, "- a\n", ":1: expected key: value pairs")

REFUSED(an_unknown_section_is_refused, "queues: []\nagent: []\n",
        ":2: agent: unknown key; expected one of: listen, session, reopen_within_ms, pass_over_ms, misses_max, conversations_open_max, "
        "store_bytes_max, lane_guard, dead_letter, channels, calendars, accounts, queues, agents, plans, rules, operators")
REFUSED(
    an_unknown_key_is_refused, "queues:\n  - name: a\n  - name: b\n    offer: 5\n",
    ":4: queues[1].offer: unknown key; expected one of: name, mode, offer_ms, offers, offers_max, choice, last_agent_ms, auto_accept, "
    "lane, edf, first_response_ms, next_response_ms, resolution_ms, business_time, first_reply_ms, next_reply_ms, depth_max, wait_max_ms, "
    "overflow, escalates_to, calendar, when_closed, closed_text, agent_lost, bots_may_finish")
REFUSED(an_unknown_session_key_is_refused, "session:\n  lease_ms: 40000\n  leese_ms: 1\n",
        ":3: session.leese_ms: unknown key; expected one of: heartbeat_ms, lease_ms, grace_ms")
REFUSED(a_missing_key_is_refused, "accounts:\n  - name: a\n    channel: email\n", ":2: accounts[0]: token is missing")
REFUSED(a_missing_key_of_an_empty_item_is_refused, "queues:\n  - {}\n", ":2: queues[0]: name is missing")
REFUSED(a_key_given_twice_is_refused, "queues:\n  - name: a\n    offer_ms: 1000\n    name: b\n", ":4: queues[0].name: given twice")
REFUSED(a_text_instead_of_a_list_is_refused, "agents:\n  - name: a\n    token: x\n    queues: support\n",
        ":4: agents[0].queues: expected a list")
REFUSED(a_list_instead_of_a_text_is_refused, "queues:\n  - name:\n      - a\n", ":2: queues[0].name: expected one value")
REFUSED(a_list_inside_a_list_is_refused, "agents:\n  - name: a\n    token: x\n    skills:\n      - a\n      - [b]\n",
        ":6: agents[0].skills[1]: expected one value")
REFUSED(a_text_instead_of_an_item_is_refused, "queues:\n  - support\n", ":2: queues[0]: expected key: value pairs")

REFUSED(a_number_with_a_unit_is_refused, "queues:\n  - {name: a, offer_ms: 30s}\n",
        ":2: queues[0].offer_ms: expected a whole number from 100 to 86400000, not \"30s\"")
REFUSED(a_negative_number_is_refused, "misses_max: -1\n", ":1: misses_max: expected a whole number from 1 to 1000, not \"-1\"")
REFUSED(a_number_beyond_64_bits_is_refused, "store_bytes_max: 18446744073709551617\n",
        ":1: store_bytes_max: expected a whole number from 1048576 to 70368744177664, not \"18446744073709551617\"")
REFUSED(an_offer_below_its_range_is_refused, "queues:\n  - name: a\n    offer_ms: 99\n",
        ":3: queues[0].offer_ms: expected a whole number from 100 to 86400000, not \"99\"")
REFUSED(an_offer_above_its_range_is_refused, "queues:\n  - name: a\n    offer_ms: 86400001\n",
        ":3: queues[0].offer_ms: expected a whole number from 100 to 86400000, not \"86400001\"")
REFUSED(an_empty_value_is_refused, "pass_over_ms:\n", ":1: pass_over_ms: expected a whole number from 0 to 86400000, not \"\"")
REFUSED(a_capacity_of_zero_is_refused, "agents:\n  - {name: a, token: " TOKEN ", capacity: 0}\n",
        ":2: agents[0].capacity: expected a whole number from 1 to 1000000, not \"0\"")
REFUSED(a_cost_of_zero_is_refused, "channels:\n  - {channel: sms, cost: 0}\n",
        ":2: channels[0].cost: expected a whole number from 1 to 100000, not \"0\"")
REFUSED(a_word_that_is_neither_true_nor_false_is_refused, "queues:\n  - {name: a, auto_accept: maybe}\n",
        ":2: queues[0].auto_accept: expected true or false, not \"maybe\"")
REFUSED(an_unknown_kind_of_agent_is_refused, "agents:\n  - {name: a, kind: robot, token: " TOKEN "}\n",
        ":2: agents[0].kind: expected human or bot, not \"robot\"")
REFUSED(an_unknown_priority_is_refused, "rules:\n  - {queue: a, priority: highest}\n",
        ":2: rules[0].priority: expected low, normal, high or urgent, not \"highest\"")
REFUSED(an_empty_name_is_refused, "queues:\n  - {name: \"\"}\n",
        ":2: queues[0].name: expected 1 to 64 bytes of text without control characters")
REFUSED(a_name_with_a_control_character_is_refused, "queues:\n  - {name: \"a\\tb\"}\n",
        ":2: queues[0].name: expected 1 to 64 bytes of text without control characters")
REFUSED(a_name_over_64_bytes_is_refused, "queues:\n  - {name: 12345678901234567890123456789012345678901234567890123456789012345}\n",
        ":2: queues[0].name: expected 1 to 64 bytes of text without control characters")
REFUSED(a_url_that_is_not_tcp_is_refused, "listen: ws://127.0.0.1:7400\n",
        ":1: listen: expected tcp://HOST:PORT, not \"ws://127.0.0.1:7400\"")
REFUSED(a_url_without_port_is_refused, "listen: tcp://127.0.0.1\n", ":1: listen: expected tcp://HOST:PORT, not \"tcp://127.0.0.1\"")
REFUSED(control_characters_do_not_reach_the_error, "listen: \"tcp://\\e[31m\"\n",
        ":1: listen: expected tcp://HOST:PORT, not \"tcp://?[31m\"")

#define NO_TOKEN "expected \"blake2b:\" and 64 hexadecimal digits, as `relevo token` prints them"
REFUSED(a_token_in_clear_is_refused_and_not_shown, "operators:\n  - {name: a, token: secret}\n", ":2: operators[0].token: " NO_TOKEN)
REFUSED(a_token_hash_that_is_too_short_is_refused, "accounts:\n  - {name: a, channel: b, token: \"blake2b:0011\"}\n",
        ":2: accounts[0].token: " NO_TOKEN)
REFUSED(a_token_hash_with_a_wrong_digit_is_refused,
        "agents:\n  - name: a\n    token: blake2b:0g112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
        ":3: agents[0].token: " NO_TOKEN)

#define NO_SKILL "expected a skill as NAME or NAME:LEVEL with a level from 1 to 5, not "
REFUSED(a_skill_level_over_five_is_refused, "agents:\n  - name: a\n    token: " TOKEN "\n    skills: [billing,\n      \"spanish:9\"]\n",
        ":5: agents[0].skills[1]: " NO_SKILL "\"spanish:9\"")
REFUSED(a_skill_level_of_zero_is_refused, BASE "rules:\n  - {queue: support, any: [\"spanish:0\"]}\n",
        ":8: rules[0].any[0]: " NO_SKILL "\"spanish:0\"")
REFUSED(a_skill_level_that_is_no_number_is_refused, BASE "rules:\n  - {queue: support, all: [\"spanish:good\"]}\n",
        ":8: rules[0].all[0]: " NO_SKILL "\"spanish:good\"")
REFUSED(a_skill_without_name_is_refused, BASE "rules:\n  - {queue: support, all: [\":3\"]}\n", ":8: rules[0].all[0]: " NO_SKILL "\":3\"")

REFUSED(two_accounts_of_one_name_are_refused,
        "accounts:\n  - {name: a, channel: b, token: " TOKEN "}\n  - {name: a, channel: c, token: " TOKEN "}\n",
        ":3: accounts[1].name: \"a\" is already used by accounts[0].name in line 2")
REFUSED(two_agents_of_one_name_are_refused, AGENTS "  - name: ana\n    token: " TOKEN "\n" QUEUES,
        ":4: agents[2].name: \"ana\" is already used by agents[0].name in line 2")
REFUSED(two_queues_of_one_name_are_refused, BASE "  - name: support\n",
        ":7: queues[2].name: \"support\" is already used by queues[0].name in line 5")
REFUSED(two_operators_of_one_name_are_refused, "operators:\n  - {name: a, token: " TOKEN "}\n  - {name: a, token: " TOKEN "}\n",
        ":3: operators[1].name: \"a\" is already used by operators[0].name in line 2")
REFUSED(a_skill_an_agent_has_twice_is_refused, "agents:\n  - {name: a, token: " TOKEN ", skills: [\"x:1\", y, \"x:2\"]}\n",
        ":2: agents[0].skills[2]: \"x\" is given twice")
REFUSED(a_queue_an_agent_has_twice_is_refused, "agents:\n  - {name: a, token: " TOKEN ", queues: [q, q]}\nqueues:\n  - name: q\n",
        ":2: agents[0].queues[1]: \"q\" is given twice")
REFUSED(a_skill_a_rule_needs_twice_is_refused, BASE "rules:\n  - queue: support\n    all: [\"spanish:1\", \"spanish:2\"]\n",
        ":9: rules[0].all[1]: \"spanish\" is given twice")
REFUSED(a_rule_with_nine_skills_is_refused, BASE "rules:\n  - queue: support\n    any: [a, b, c, d, e, f, g, h, i]\n",
        ":9: rules[0].any: 9 skills; expected at most 8")

REFUSED(an_agent_of_an_unknown_queue_is_refused,
        AGENTS "  - name: eva\n    token: " TOKEN "\n    queues:\n      - support\n      - sals\n" QUEUES,
        ":8: agents[2].queues[1]: no queue is named \"sals\"; expected one of: sales, support")
REFUSED(an_agent_of_a_queue_when_there_is_none_is_refused, "agents:\n  - {name: a, token: " TOKEN ", queues: [q]}\n",
        ":2: agents[0].queues[0]: no queue is named \"q\"; there is none")
REFUSED(a_rule_of_an_unknown_queue_is_refused, BASE "rules:\n  - queue: support\n  - topic: x\n    queue: sals\n",
        ":10: rules[1].queue: no queue is named \"sals\"; expected one of: sales, support")
REFUSED(a_rule_of_an_unknown_account_is_refused,
        BASE "accounts:\n  - {name: mail, channel: email, token: " TOKEN "}\nrules:\n  - queue: support\n    account: post\n",
        ":11: rules[0].account: no account is named \"post\"; expected one of: mail")
REFUSED(a_rule_of_a_skill_nobody_has_is_refused, BASE "rules:\n  - queue: support\n    any:\n      - spanish\n      - piano\n",
        ":11: rules[0].any[1]: no agent has the skill \"piano\"; expected one of: billing, english, spanish")
REFUSED(a_queue_nobody_serves_is_refused, BASE "  - {name: night}\n",
        ":7: queues[2].name: no agent serves the queue \"night\"; expected it in the queues of one")

#define NOBODY(queue) "no single agent of the queue \"" queue "\" has the skills this rule requires"
REFUSED(a_level_nobody_reaches_is_refused, BASE "rules:\n  - queue: support\n  - {queue: support, all: [\"spanish:5\"]}\n",
        ":9: rules[1]: " NOBODY("support"))
REFUSED(skills_no_single_agent_has_together_are_refused, BASE "rules:\n  - {queue: support, all: [spanish, english]}\n",
        ":8: rules[0]: " NOBODY("support"))
REFUSED(a_skill_only_agents_of_other_queues_have_is_refused, BASE "rules:\n  - {queue: sales, all: [spanish]}\n",
        ":8: rules[0]: " NOBODY("sales"))
REFUSED(a_rare_skill_only_an_agent_of_another_queue_has_is_refused,
        AGENTS "  - {name: eva, token: " TOKEN ", queues: [sales]}\n" QUEUES "rules:\n  - {queue: sales, all: [billing]}\n",
        ":9: rules[0]: " NOBODY("sales"))
REFUSED(alternatives_nobody_of_the_queue_has_are_refused, BASE "rules:\n  - {queue: sales, any: [spanish, billing]}\n",
        ":8: rules[0]: " NOBODY("sales"))
REFUSED(alternatives_nobody_has_at_their_level_are_refused,
        BASE "rules:\n  - {queue: support, all: [billing], any: [\"spanish:5\", \"english:2\"]}\n", ":8: rules[0]: " NOBODY("support"))
REFUSED(a_lease_not_above_the_heartbeat_is_refused, "misses_max: 3\nsession:\n  heartbeat_ms: 500\n  lease_ms: 500\n",
        ":2: session: expected lease_ms (500) above heartbeat_ms (500)")

static void many_names_are_listed_until_the_room_ends(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct config *config = NULL;
    struct config_error error;
    buffer_append(&text, "queues:\n", 8);
    for (int i = 0; i < 100; i++)
        text.size += (size_t)sprintf(buffer_reserve(&text, 64), "  - name: queue-number-%d\n", i);
    text.size += (size_t)sprintf(buffer_reserve(&text, 64), "rules:\n  - queue: none\n");
    assert_int_equal(load((struct span){text.data, (uint32_t)text.size}, &config, &error), STATUS_bad_config);
    assert_non_null(
        strstr(error.text, ":103: rules[0].queue: no queue is named \"none\"; expected one of: queue-number-0, queue-number-1, "));
    assert_string_equal(error.text + strlen(error.text) - 5, ", ...");
    buffer_fini(&text);
}

static void more_items_than_the_limit_are_refused(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_append(&text, "queues:\n", 8);
    for (int i = 0; i < 65536; i++)
        text.size += (size_t)sprintf(buffer_reserve(&text, 64), "  - name: q%d\n", i);
    assert_refused((struct span){text.data, (uint32_t)text.size}, ":65537: more than 65535 entries in one list");
    buffer_fini(&text);
}

static void more_channel_types_than_the_limit_are_refused(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_append(&text, "accounts:\n", 10);
    for (int i = 0; i < 65; i++)
        text.size += (size_t)sprintf(buffer_reserve(&text, 160), "  - {name: a%d, channel: type%d, token: " TOKEN "}\n", i, i);
    assert_refused(buffer_span(&text), ":1: accounts: 65 channel types; expected at most 64");
    buffer_fini(&text);
}

static void a_file_over_the_size_limit_is_refused(void **state)
{
    (void)state;
    struct buffer text = {0};
    memset(buffer_reserve(&text, (64 << 20) + 1), '#', (64 << 20) + 1);
    assert_refused((struct span){text.data, (64 << 20) + 1}, ": the file is larger than 64 MiB");
    buffer_fini(&text);
}

static void a_missing_file_is_not_found(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct config_error error;
    assert_int_equal(config_load("/nowhere/relevo.yaml", &config, &error), STATUS_not_found);
    assert_string_equal(error.text, "/nowhere/relevo.yaml: cannot open it: No such file or directory");
    assert_int_equal(config_load("/tmp", &config, &error), STATUS_not_found);
    assert_string_equal(error.text, "/tmp: cannot read it: Is a directory");
    assert_null(config);
}

static void of_a_long_file_name_the_end_is_shown(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct config_error error;
    char path[600];
    memset(path, 'x', sizeof path);
    strcpy(path + 580, "/relevo.yaml");
    assert_int_equal(config_load(path, &config, &error), STATUS_not_found);
    assert_non_null(strstr(error.text, "xxx/relevo.yaml: cannot open it: File name too long"));
}

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    struct config *config = load_good("agents:\n  - {name: a, token: " TOKEN ", queues: [q], skills: [s]}\n"
                                      "  - {name: b, kind: bot, token: " TOKEN "}\n"
                                      "queues:\n  - name: q\nrules:\n  - {queue: q, all: [s]}\n");
    assert_string_equal(config->listen, "tcp://127.0.0.1:7400");
    assert_int_equal(config->session.heartbeat_ms, 15000);
    assert_int_equal(config->session.lease_ms, 45000);
    assert_int_equal(config->session.grace_ms, 60000);
    assert_int_equal(config->reopen_within_ms, 72 * 3600 * 1000);
    assert_int_equal(config->pass_over_ms, 10000);
    assert_int_equal(config->misses_max, 3);
    assert_int_equal(config->conversations_open_max, 1000000);
    assert_int_equal(config->store_bytes_max, UINT64_C(64) << 30);
    assert_int_equal(config->agents[0].kind, AGENT_KIND_human);
    assert_int_equal(config->agents[0].capacity, 100);
    assert_false(config->agents[0].auto_accept);
    assert_int_equal(config->agents[0].skills[0].level, 3);
    assert_int_equal(config->agents[1].capacity, 100000);
    assert_int_equal(config->rules[0].plan.steps[0].all[0].level, 1);
    assert_int_equal(config->rules[0].priority, PRIORITY_normal);
    assert_null(config->rules[0].topic);
    assert_int_equal(config->accounts_count, 0);
    config_free(config);
}

static void every_value_arrives_where_it_belongs(void **state)
{
    (void)state;
    struct config *config = load_good(
        "listen: tcp://0.0.0.0:0\n"
        "session: {heartbeat_ms: 100, lease_ms: 300, grace_ms: 0}\n"
        "reopen_within_ms: 1\npass_over_ms: 2\nmisses_max: 4\nconversations_open_max: 5\nstore_bytes_max: 1048576\n"
        "accounts:\n  - {name: wa, channel: whatsapp, token: " TOKEN "}\n"
        "queues:\n  - {name: sales}\n  - {name: support, offer_ms: 100, auto_accept: true}\n"
        "agents:\n  - {name: ana, kind: bot, token: " TOKEN ", queues: [support, sales], skills: [\"spanish:4\", billing], capacity: 7, "
        "auto_accept: true}\n"
        "rules:\n  - {account: wa, channel: whatsapp, language: es, topic: t, queue: support, all: [\"spanish:4\"], any: [\"billing:3\"], "
        "priority: urgent}\n  - {queue: sales}\n"
        "operators:\n  - {name: ops, token: " TOKEN "}\n");
    assert_string_equal(config->listen, "tcp://0.0.0.0:0");
    assert_int_equal(config->session.heartbeat_ms, 100);
    assert_int_equal(config->session.lease_ms, 300);
    assert_int_equal(config->session.grace_ms, 0);
    assert_int_equal(config->reopen_within_ms, 1);
    assert_int_equal(config->pass_over_ms, 2);
    assert_int_equal(config->misses_max, 4);
    assert_int_equal(config->conversations_open_max, 5);
    assert_int_equal(config->store_bytes_max, 1048576);
    assert_string_equal(config->accounts[0].name, "wa");
    assert_string_equal(config->accounts[0].channel, "whatsapp");
    assert_int_equal(config->queues_count, 2);
    assert_string_equal(config->queues[1].name, "support");
    assert_int_equal(config->queues[1].offer_ms, 100);
    assert_true(config->queues[1].auto_accept);
    const struct config_agent *agent = &config->agents[0];
    assert_string_equal(agent->name, "ana");
    assert_int_equal(agent->kind, AGENT_KIND_bot);
    assert_int_equal(agent->queues_count, 2);
    assert_string_equal(agent->queues[0], "support");
    assert_int_equal(agent->skills_count, 2);
    assert_string_equal(agent->skills[0].name, "spanish");
    assert_int_equal(agent->skills[0].level, 4);
    assert_int_equal(agent->capacity, 7);
    assert_true(agent->auto_accept);
    const struct config_rule *rule = &config->rules[0];
    assert_string_equal(rule->account, "wa");
    assert_string_equal(rule->channel, "whatsapp");
    assert_string_equal(rule->language, "es");
    assert_string_equal(rule->topic, "t");
    assert_string_equal(rule->plan.steps[0].queue, "support");
    assert_string_equal(rule->plan.steps[0].all[0].name, "spanish");
    assert_string_equal(rule->plan.steps[0].any[0].name, "billing");
    assert_int_equal(rule->plan.steps[0].any[0].level, 3);
    assert_int_equal(rule->priority, PRIORITY_urgent);
    assert_int_equal(config->rules_count, 2);
    assert_string_equal(config->operators[0].name, "ops");
    config_free(config);
}

static void principals_are_known_by_role_name_and_token(void **state)
{
    (void)state;
    char ana[80], wa[80], text[1024];
    config_token_hash(span_of("ana's token"), ana);
    config_token_hash(span_of("wa's token"), wa);
    snprintf(text, sizeof text,
             "agents:\n  - {name: zoe, token: " TOKEN "}\n  - {name: ana, token: \"%s\"}\n"
             "accounts:\n  - {name: ana, channel: whatsapp, token: \"%s\"}\n",
             ana, wa);
    struct config *config = load_good(text);
    assert_true(config_authenticate(config, ROLE_agent, span_of("ana"), span_of("ana's token")));
    assert_true(config_authenticate(config, ROLE_connector, span_of("ana"), span_of("wa's token")));
    assert_false(config_authenticate(config, ROLE_connector, span_of("ana"), span_of("ana's token")));
    assert_false(config_authenticate(config, ROLE_operator, span_of("ana"), span_of("ana's token")));
    assert_false(config_authenticate(config, ROLE_agent, span_of("an"), span_of("ana's token")));
    assert_false(config_authenticate(config, ROLE_agent, span_of("anas"), span_of("ana's token")));
    assert_false(config_authenticate(config, ROLE_agent, span_of("zoe"), span_of("ana's token")));
    assert_false(config_authenticate(config, ROLE_agent, span_of("ana"), span_of("")));
    assert_false(config_authenticate(config, ROLE_agent, (struct span){0}, (struct span){0}));
    config_free(config);
}

/* BLAKE2b-256 of "abc", as b2sum -l 256 prints it. */
static void the_hash_is_that_of_other_tools(void **state)
{
    (void)state;
    char hash[80];
    config_token_hash(span_of("abc"), hash);
    assert_string_equal(hash, "blake2b:bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

static void example_path(char path[4096])
{
    static const char here[] = "tests/unit/test_config.c";
    snprintf(path, 4096, "%.*sbroker/config/example.yaml", (int)(strlen(__FILE__) - strlen(here)), __FILE__);
}

/* The error about an unknown key lists those that there are. */
static void the_example_shows_every_key(void **state)
{
    (void)state;
    static const char *const unknown[] = {"x: 1\n",
                                          "session:\n  x: 1\n",
                                          "channels:\n  - x: 1\n",
                                          "calendars:\n  - x: 1\n",
                                          "accounts:\n  - x: 1\n",
                                          "queues:\n  - x: 1\n",
                                          "agents:\n  - x: 1\n",
                                          "plans:\n  - x: 1\n",
                                          "plans:\n  - steps:\n    - x: 1\n",
                                          "rules:\n  - x: 1\n",
                                          "operators:\n  - x: 1\n"};
    char path[4096], example[32 << 10];
    example_path(path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    example[fread(example, 1, sizeof example - 1, file)] = 0;
    fclose(file);
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        struct config *config = NULL;
        struct config_error error;
        assert_int_equal(load(span_of(unknown[i]), &config, &error), STATUS_bad_config);
        char *keys = strstr(error.text, "expected one of: ");
        assert_non_null(keys);
        for (char *key = strtok(keys + strlen("expected one of: "), ", "); key; key = strtok(NULL, ", ")) {
            char shown[80];
            snprintf(shown, sizeof shown, "%s:", key);
            if (!strstr(example, shown))
                fail_msg("broker/config/example.yaml does not show %s of %s", key, unknown[i]);
        }
    }
}

static void the_example_loads(void **state)
{
    (void)state;
    char path[4096];
    struct config *config;
    struct config_error error = {{0}};
    example_path(path);
    enum status status = config_load(path, &config, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_ok);
    assert_int_equal(config->channels_count, 3);
    assert_true(config_authenticate(config, ROLE_connector, span_of("mail"), span_of("mail-secret")));
    assert_true(config_authenticate(config, ROLE_agent, span_of("bob"), span_of("bob-secret")));
    assert_true(config_authenticate(config, ROLE_operator, span_of("ops"), span_of("ops-secret")));
    config_free(config);
}

static void append_many(struct buffer *text)
{
    enum { COUNT = 10000 };
    buffer_append(text, "agents:\n", 8);
    for (int i = 0; i < COUNT; i++)
        text->size += (size_t)sprintf(buffer_reserve(text, 512),
                                      "  - {name: agent-%d, token: " TOKEN ", queues: [support, \"queue-%d\"], "
                                      "skills: [common, \"skill-%d:4\", \"skill-%d:2\"]}\n",
                                      i, i, i, COUNT + i);
    buffer_append(text, "queues:\n  - name: support\n", 26);
    for (int i = 0; i < COUNT; i++)
        text->size += (size_t)sprintf(buffer_reserve(text, 128), "  - name: queue-%d\n", i);
    buffer_append(text, "rules:\n", 7);
    for (int i = 0; i < COUNT; i++)
        text->size += (size_t)sprintf(buffer_reserve(text, 128), "  - {queue: support, all: [common], any: [\"skill-%d:4\"]}\n", i);
}

static void ten_thousand_agents_load(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct config *config = NULL;
    struct config_error error = {{0}};
    append_many(&text);
    assert_int_equal(load((struct span){text.data, (uint32_t)text.size}, &config, &error), STATUS_ok);
    assert_int_equal(config->agents_count, 10000);
    assert_string_equal(config->agents[9999].skills[1].name, "skill-9999");
    config_free(config);
    buffer_fini(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_empty_file_is_refused),
    cmocka_unit_test(a_file_of_comments_is_refused),
    cmocka_unit_test(a_syntax_error_names_its_line),
    cmocka_unit_test(bytes_that_are_no_text_name_their_line),
    cmocka_unit_test(a_quote_without_end_names_where_it_began),
    cmocka_unit_test(a_second_document_is_refused),
    cmocka_unit_test(an_alias_is_refused),
    cmocka_unit_test(a_nul_character_is_refused),
    cmocka_unit_test(deep_nesting_is_refused),
    cmocka_unit_test(a_key_that_is_a_list_is_refused),
    cmocka_unit_test(a_file_that_is_a_list_is_refused),
    cmocka_unit_test(an_unknown_section_is_refused),
    cmocka_unit_test(an_unknown_key_is_refused),
    cmocka_unit_test(an_unknown_session_key_is_refused),
    cmocka_unit_test(a_missing_key_is_refused),
    cmocka_unit_test(a_missing_key_of_an_empty_item_is_refused),
    cmocka_unit_test(a_key_given_twice_is_refused),
    cmocka_unit_test(a_text_instead_of_a_list_is_refused),
    cmocka_unit_test(a_list_instead_of_a_text_is_refused),
    cmocka_unit_test(a_list_inside_a_list_is_refused),
    cmocka_unit_test(a_text_instead_of_an_item_is_refused),
    cmocka_unit_test(a_number_with_a_unit_is_refused),
    cmocka_unit_test(a_negative_number_is_refused),
    cmocka_unit_test(a_number_beyond_64_bits_is_refused),
    cmocka_unit_test(an_offer_below_its_range_is_refused),
    cmocka_unit_test(an_offer_above_its_range_is_refused),
    cmocka_unit_test(an_empty_value_is_refused),
    cmocka_unit_test(a_capacity_of_zero_is_refused),
    cmocka_unit_test(a_cost_of_zero_is_refused),
    cmocka_unit_test(a_word_that_is_neither_true_nor_false_is_refused),
    cmocka_unit_test(an_unknown_kind_of_agent_is_refused),
    cmocka_unit_test(an_unknown_priority_is_refused),
    cmocka_unit_test(an_empty_name_is_refused),
    cmocka_unit_test(a_name_with_a_control_character_is_refused),
    cmocka_unit_test(a_name_over_64_bytes_is_refused),
    cmocka_unit_test(a_url_that_is_not_tcp_is_refused),
    cmocka_unit_test(a_url_without_port_is_refused),
    cmocka_unit_test(control_characters_do_not_reach_the_error),
    cmocka_unit_test(a_token_in_clear_is_refused_and_not_shown),
    cmocka_unit_test(a_token_hash_that_is_too_short_is_refused),
    cmocka_unit_test(a_token_hash_with_a_wrong_digit_is_refused),
    cmocka_unit_test(a_skill_level_over_five_is_refused),
    cmocka_unit_test(a_skill_level_of_zero_is_refused),
    cmocka_unit_test(a_skill_level_that_is_no_number_is_refused),
    cmocka_unit_test(a_skill_without_name_is_refused),
    cmocka_unit_test(two_accounts_of_one_name_are_refused),
    cmocka_unit_test(two_agents_of_one_name_are_refused),
    cmocka_unit_test(two_queues_of_one_name_are_refused),
    cmocka_unit_test(two_operators_of_one_name_are_refused),
    cmocka_unit_test(a_skill_an_agent_has_twice_is_refused),
    cmocka_unit_test(a_queue_an_agent_has_twice_is_refused),
    cmocka_unit_test(a_skill_a_rule_needs_twice_is_refused),
    cmocka_unit_test(a_rule_with_nine_skills_is_refused),
    cmocka_unit_test(an_agent_of_an_unknown_queue_is_refused),
    cmocka_unit_test(an_agent_of_a_queue_when_there_is_none_is_refused),
    cmocka_unit_test(a_rule_of_an_unknown_queue_is_refused),
    cmocka_unit_test(a_rule_of_an_unknown_account_is_refused),
    cmocka_unit_test(a_rule_of_a_skill_nobody_has_is_refused),
    cmocka_unit_test(a_queue_nobody_serves_is_refused),
    cmocka_unit_test(a_level_nobody_reaches_is_refused),
    cmocka_unit_test(skills_no_single_agent_has_together_are_refused),
    cmocka_unit_test(a_skill_only_agents_of_other_queues_have_is_refused),
    cmocka_unit_test(a_rare_skill_only_an_agent_of_another_queue_has_is_refused),
    cmocka_unit_test(alternatives_nobody_of_the_queue_has_are_refused),
    cmocka_unit_test(alternatives_nobody_has_at_their_level_are_refused),
    cmocka_unit_test(a_lease_not_above_the_heartbeat_is_refused),
    cmocka_unit_test(many_names_are_listed_until_the_room_ends),
    cmocka_unit_test(more_items_than_the_limit_are_refused),
    cmocka_unit_test(more_channel_types_than_the_limit_are_refused),
    cmocka_unit_test(a_file_over_the_size_limit_is_refused),
    cmocka_unit_test(a_missing_file_is_not_found),
    cmocka_unit_test(of_a_long_file_name_the_end_is_shown),
    cmocka_unit_test(what_is_not_given_has_its_default),
    cmocka_unit_test(every_value_arrives_where_it_belongs),
    cmocka_unit_test(principals_are_known_by_role_name_and_token),
    cmocka_unit_test(the_hash_is_that_of_other_tools),
    cmocka_unit_test(the_example_loads),
    cmocka_unit_test(the_example_shows_every_key),
    cmocka_unit_test(ten_thousand_agents_load),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
