#include "connectors/common/options.h"
#include "connectors/stdio/stdio_io.h"

int main(int argc, char **argv)
{
    struct stdio_options stdio = {0};
    const struct option_line lines[] = {
        {OPTION_text, "url", "URL", "the broker: tcp://127.0.0.1:7400", &stdio.url, true, 0, 0},
        {OPTION_text, "account", "NAME", "the channel account to be", &stdio.account, true, 0, 0},
        {OPTION_text, "token", "T", "its token", &stdio.token, true, 0, 0},
    };
    const struct options options = {
        "relevo-stdio",
        "Lets a script be a channel: one JSON object a line in, one a line out.\n"
        "In:  {\"kind\":\"message\",\"key\":\"m1\",\"address\":\"+34600000001\",\"text\":\"Hola\"}, and the kinds receipt and leave.\n"
        "Out: {\"result\":{...}} with the number of the line it answers, {\"delivery\":{...}}, {\"error\":{...}} for a line that is "
        "wrong.\n"
        "Ends with the input, or on SIGTERM, when the last line is answered.",
        lines,
        sizeof lines / sizeof *lines,
    };
    enum options_result result = options_read(&options, argc, argv);
    if (result != OPTIONS_run)
        return result == OPTIONS_help ? 0 : 2;
    return stdio_run(options.program, &stdio);
}
