#include <stdio.h>

#include "bench/json.h"
#include "bench/options.h"
#include "bench/token.h"

static void print_line(const char *name, const struct token *token)
{
    printf("token: %s\n", token->text);
    printf("in the configuration: %s%s%stoken: \"%s\"%s\n", name ? "{name: " : "", name ? name : "", name ? ", " : "", token->hash,
           name ? "}" : "");
}

enum command_exit command_token(int argc, char **argv)
{
    bool json = false;
    const char *name = NULL;
    const struct option_spec options[] = {{"name", OPTION_text, &name, 0, 0, "whose token it will be, to print a whole line"},
                                          {"json", OPTION_flag, &json, 0, 0, "one JSON object"}};
    const struct usage usage = {"token", NULL, "Prints a new random token, to be kept secret, and its hash, for the configuration.",
                                options, 2,    NULL};
    enum command_exit exit_code;
    if (!options_parse(&usage, argc, argv, NULL, &exit_code))
        return exit_code;
    struct token token;
    if (!token_make(&token)) {
        command_complain("token", "the system gives no random numbers");
        return COMMAND_failed;
    }
    if (json) {
        json_t *object = json_pack("{s:s, s:s}", "token", token.text, "hash", token.hash);
        if (name)
            json_object_set_new(object, "name", json_string(name));
        json_print(object);
    } else {
        print_line(name, &token);
    }
    return COMMAND_done;
}
