#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "bench/command.h"

static const struct command commands[] = {
    {"status", "what is going on: queues, agents, accounts, totals", command_status},
    {"watch", "progress, once per interval", command_watch},
    {"report", "conversations, waits, who served whom, over everything stored", command_report},
    {"history", "everything that happened in one conversation", command_history},
    {"why", "why a conversation waits, for what, and who could take it", command_why},
    {"why-not", "why an agent does not get a conversation", command_why_not},
    {"peek", "who waits in a queue, in order", command_peek},
    {"move", "one that waits goes to another queue", command_move},
    {"bury", "one that waits goes to the dead-letter queue", command_bury},
    {"pause", "a queue takes in and offers nothing", command_pause},
    {"unpause", "and offers again", command_unpause},
    {"token", "make a token for the configuration", command_token},
    {"simulate", "waits, service levels and staff for a described load, by the broker's own engine", command_simulate},
    {"bench engine", "measure decisions of the pure engine, in this process", command_bench_engine},
    {"bench route", "measure messages from connector to agent, every one verified", command_bench_route},
    {"bench conversation", "measure whole conversations, from the first message to the end", command_bench_conversation},
    {"bench sessions", "measure what thousands of connected agents cost, and one message to each", command_bench_sessions},
    {"bench growth", "measure messages with more and more open conversations, and many agents", command_bench_growth},
    {"bench bystanders", "measure what others suffer from a slow or dead client", command_bench_bystanders},
    {"bench codec", "measure encoding and decoding of the frames that carry the load", command_bench_codec},
    {"bench store", "measure append and commit of the store alone", command_bench_store},
    {"bench restart", "measure how soon a broker serves again, and that nothing is missing", command_bench_restart},
    {"bench history", "measure reading histories, and what it costs the writers", command_bench_history},
    {"bench limits", "measure what this machine could do at best: disk, LMDB, TCP, NNG", command_bench_limits},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* How many leading arguments are the command's name; 0: it is another command. */
static int words_matched(const char *name, int argc, char **argv)
{
    int words = 0;
    while (*name) {
        size_t length = strcspn(name, " ");
        if (words == argc || strlen(argv[words]) != length || memcmp(argv[words], name, length) != 0)
            return 0;
        words++;
        name += length + (name[length] == ' ');
    }
    return words;
}

static const struct command *command_find(int argc, char **argv, int *words)
{
    for (int i = 0; i < COMMANDS; i++) {
        *words = words_matched(commands[i].name, argc, argv);
        if (*words)
            return &commands[i];
    }
    return NULL;
}

static void print_commands(FILE *out)
{
    fputs("relevo: the operators' tool of the Relevo broker\n\n", out);
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  relevo %-18s %s\n", commands[i].name, commands[i].summary);
    fputs("\n`relevo help COMMAND` tells the options of a command.\n"
          "The broker is found by --url, --name and --token, or RELEVO_URL, RELEVO_NAME and RELEVO_TOKEN.\n"
          "Exit codes: 0 done, 1 it did not work out, 2 asked for wrongly.\n",
          out);
}

static enum command_exit unknown_command(int argc, char **argv)
{
    fprintf(stderr, "relevo: there is no command \"%s%s%s\"; `relevo help` lists them\n", argv[0], argc > 1 ? " " : "",
            argc > 1 ? argv[1] : "");
    return COMMAND_wrong;
}

static enum command_exit help(int argc, char **argv)
{
    if (argc == 0) {
        print_commands(stdout);
        return COMMAND_done;
    }
    int words;
    const struct command *command = command_find(argc, argv, &words);
    char option[] = "--help", *asked[] = {option, NULL};
    return command ? command->run(1, asked) : unknown_command(argc, argv);
}

int main(int argc, char **argv)
{
    heap_in_huge_pages();
    setlocale(LC_TIME, "");
    if (argc < 2) {
        print_commands(stderr);
        return COMMAND_wrong;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
        return (int)help(argc - 2, argv + 2);
    int words;
    const struct command *command = command_find(argc - 1, argv + 1, &words);
    return (int)(command ? command->run(argc - 1 - words, argv + 1 + words) : unknown_command(argc - 1, argv + 1));
}
