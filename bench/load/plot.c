#include "bench/load/plot.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "bench/command.h"

enum {
    WIDTH = 760,
    HEIGHT = 460,
    LEFT = 80,
    RIGHT = 40,
    TOP = 50,
    BOTTOM = 60,
    STEPS_PER_DECADE = 24,
    LEGEND_LINE = 20,
    DECADES_MIN = 2,
};

static const char *const colours[PLOT_CURVES_MAX] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                     "#e69f00", "#56b4e9", "#666666", "#000000"};

/* What is shown: values from 10^low to 10^high us, and latencies as rare as 1 of 10^rarest. */
struct scale {
    double low, high, rarest;
};

static double x_of(const struct scale *scale, double rarity)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * rarity / scale->rarest;
}

static double y_of(const struct scale *scale, double us)
{
    double place = (log10(us) - scale->low) / (scale->high - scale->low);
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * place;
}

/* A logarithmic axis has no 0. */
static double value_at(const struct histogram *histogram, double rarity)
{
    double us = histogram_quantile(histogram, 1 - pow(10, -rarity)) / 1000;
    return us > 0.001 ? us : 0.001;
}

/* How rare a latency the histogram can tell of: the rarest of so many. */
static double rarest_of(const struct histogram *histogram)
{
    return histogram->count > 10 ? log10((double)histogram->count) : 1;
}

static struct scale scale_of(const struct latency *latencies, size_t count)
{
    struct scale scale = {INFINITY, -INFINITY, DECADES_MIN};
    for (size_t i = 0; i < count; i++) {
        const struct histogram *histogram = latencies[i].histogram;
        double rarest = rarest_of(histogram);
        scale.low = fmin(scale.low, floor(log10(value_at(histogram, 0))));
        scale.high = fmax(scale.high, ceil(log10(value_at(histogram, rarest))));
        scale.rarest = fmax(scale.rarest, rarest);
    }
    scale.high = fmax(scale.high, scale.low + 1);
    return scale;
}

static void print_text(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '<' || *text == '>' || *text == '&')
            fprintf(out, "&#%d;", *text);
        else
            fputc(*text, out);
}

static void print_line(FILE *out, double x1, double y1, double x2, double y2, const char *colour)
{
    fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", x1, y1, x2, y2, colour);
}

static void print_label(FILE *out, double x, double y, const char *anchor, const char *text)
{
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    print_text(out, text);
    fputs("</text>\n", out);
}

static void print_rarities(FILE *out, const struct scale *scale)
{
    static const char *const names[] = {"p0", "p90", "p99", "p99.9", "p99.99", "p99.999", "p99.9999", "p99.99999"};
    double half = log10(2);
    print_line(out, x_of(scale, half), TOP, x_of(scale, half), HEIGHT - BOTTOM, "#ddd");
    print_label(out, x_of(scale, half), HEIGHT - BOTTOM + 18, "middle", "p50");
    for (size_t i = 0; i < sizeof names / sizeof *names && (double)i <= scale->rarest; i++) {
        double x = x_of(scale, (double)i);
        print_line(out, x, TOP, x, HEIGHT - BOTTOM, "#ddd");
        print_label(out, x, HEIGHT - BOTTOM + 18, "middle", names[i]);
    }
    print_label(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 16, "middle", "percentile");
}

static void print_values(FILE *out, const struct scale *scale)
{
    char text[32];
    for (double decade = scale->low; decade <= scale->high; decade++) {
        double y = y_of(scale, pow(10, decade));
        for (int i = 2; i < 10 && decade < scale->high; i++)
            print_line(out, LEFT, y_of(scale, i * pow(10, decade)), WIDTH - RIGHT, y_of(scale, i * pow(10, decade)), "#f2f2f2");
        print_line(out, LEFT, y, WIDTH - RIGHT, y, "#ddd");
        if (decade >= 6)
            snprintf(text, sizeof text, "%.0f s", pow(10, decade - 6));
        else if (decade >= 3)
            snprintf(text, sizeof text, "%.0f ms", pow(10, decade - 3));
        else
            snprintf(text, sizeof text, "%g us", pow(10, decade));
        print_label(out, LEFT - 8, y + 4, "end", text);
    }
    fprintf(out, "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">latency</text>\n", (TOP + HEIGHT - BOTTOM) / 2);
}

static void print_curve(FILE *out, const struct scale *scale, const struct latency *latency, size_t index)
{
    double rarest = rarest_of(latency->histogram);
    fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", colours[index]);
    for (int i = 0; i / (double)STEPS_PER_DECADE <= rarest; i++) {
        double rarity = i / (double)STEPS_PER_DECADE;
        fprintf(out, "%.1f,%.1f ", x_of(scale, rarity), y_of(scale, value_at(latency->histogram, rarity)));
    }
    fputs("\"/>\n", out);
    double y = TOP + 20 + (double)index * LEGEND_LINE;
    print_line(out, LEFT + 14, y - 4, LEFT + 38, y - 4, colours[index]);
    print_label(out, LEFT + 46, y, "start", latency->label);
}

void plot_print(FILE *out, const char *title, const struct latency *latencies, size_t count)
{
    ASSERT(count > 0 && count <= PLOT_CURVES_MAX);
    struct scale scale = scale_of(latencies, count);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
            "font-size=\"13\">\n<title>",
            WIDTH, HEIGHT, WIDTH, HEIGHT);
    print_text(out, title);
    fputs("</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n", out);
    print_rarities(out, &scale);
    print_values(out, &scale);
    fputs("<g font-size=\"16\" font-weight=\"bold\">\n", out);
    print_label(out, LEFT, 30, "start", title);
    fputs("</g>\n", out);
    for (size_t i = 0; i < count; i++)
        print_curve(out, &scale, &latencies[i], i);
    fputs("</svg>\n", out);
}

bool plot_write(const char *command, const char *path, const char *title, const struct latency *latencies, size_t count)
{
    FILE *out = fopen(path, "we");
    if (out)
        plot_print(out, title, latencies, count);
    if (out && !ferror(out) && fclose(out) == 0)
        return true;
    command_complain(command, "--plot: %s: %s", path, strerror(errno));
    return false;
}
