#define _GNU_SOURCE
#include "line_editor.h"

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "signal_pipe.h"

struct line_editor {
    EditLine *edit;
    History *history;
    const char *prompt;
    line_editor_completer completer;
    void *context;
    enum line_editor_result ending;  // why reading a character failed
    int rows_shown;
    int is_plain;     // the terminal knows no escapes
    int typed_ahead;  // bytes that waited when reading began
};

// MARK: Locale and terminal

void line_editor_use_utf8(void) {
    // LC_CTYPE alone: LC_NUMERIC would change how numbers are read and written.
    if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
}

int terminal_columns(void) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

int terminal_character_width(unsigned int scalar) {
    int width = wcwidth((wchar_t)scalar);
    return width < 0 ? 0 : width;
}

static int terminal_rows(void) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return 24;
    return size.ws_row;
}

// The row (from 0) in which the character after `count` characters stands, wrapped as libedit wraps.
static int row_of(const char *prompt, const wchar_t *text, size_t count) {
    int columns = terminal_columns();
    if (columns <= 1) columns = 80;
    int row = 0;
    int column = (int)strlen(prompt) % columns;
    for (size_t i = 0; i < count; i++) {
        int width;
        if (text[i] == L'\n') {
            row++;
            column = 0;
            continue;
        }
        if (text[i] == L'\t') {
            width = 8 - column % 8;
        } else {
            width = wcwidth(text[i]);
            if (width < 0) width = 2;  // shown as ^X
        }
        if (width > 1 && text[i] != L'\t' && column + width > columns) {
            row++;
            column = 0;
        }
        column += width;
        while (column >= columns) {
            row++;
            column -= columns;
        }
    }
    return row;
}

// MARK: Reading characters

static char *prompt_of(EditLine *edit) {
    void *data = NULL;
    el_get(edit, EL_CLIENTDATA, &data);
    return (char *)((line_editor *)data)->prompt;
}

static void bracketed_paste(line_editor *editor, int on) {
    if (editor->is_plain) return;
    fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
    fflush(stdout);
}

// What the signal handlers told; nonzero ends the reading.
static int answer_signals(line_editor *editor) {
    char what;
    while (read(signal_pipe(), &what, 1) == 1) {
        switch (what) {
            case 'i':
                editor->ending = line_editor_interrupted;
                return 1;
            case 't':
                editor->ending = line_editor_terminated;
                return 1;
            case 'w':
                el_resize(editor->edit);
                break;
            case 'z':
                bracketed_paste(editor, 0);
                el_set(editor->edit, EL_PREP_TERM, 0);
                signals_suspend();
                el_set(editor->edit, EL_PREP_TERM, 1);
                bracketed_paste(editor, 1);
                el_resize(editor->edit);
                el_set(editor->edit, EL_REFRESH);
                break;
            default: break;
        }
    }
    return 0;
}

// One byte of input; 1, or 0 at its end, or -1 when a signal ended the reading.
static int read_byte(line_editor *editor, unsigned char *byte) {
    for (;;) {
        struct pollfd waits[2] = {{STDIN_FILENO, POLLIN, 0}, {signal_pipe(), POLLIN, 0}};
        if (poll(waits, signal_pipe() >= 0 ? 2 : 1, -1) < 0 && errno != EINTR) return 0;
        if (signal_pipe() >= 0 && waits[1].revents != 0 && answer_signals(editor)) {
            errno = EINTR;
            return -1;
        }
        if (waits[0].revents == 0) continue;
        ssize_t count = read(STDIN_FILENO, byte, 1);
        if (count == 1) {
            // Ctrl-D typed before the editor took the terminal over was kept by the terminal as a NUL.
            if (editor->typed_ahead > 0) {
                editor->typed_ahead--;
                if (*byte == 0) *byte = 4;
            }
            return 1;
        }
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        return 0;  // end of input, or the terminal is gone
    }
}

static int read_character(EditLine *edit, wchar_t *character) {
    void *data = NULL;
    el_get(edit, EL_CLIENTDATA, &data);
    line_editor *editor = data;
    mbstate_t state;
    memset(&state, 0, sizeof state);
    for (;;) {
        unsigned char byte;
        int count = read_byte(editor, &byte);
        if (count <= 0) return count;
        size_t used = mbrtowc(character, (const char *)&byte, 1, &state);
        if (used == (size_t)-2) continue;
        if (used == (size_t)-1) {
            // No UTF-8: forget it and go on with the next byte.
            memset(&state, 0, sizeof state);
            continue;
        }
        return 1;
    }
}

static int input_is_waiting(void) {
    struct pollfd wait = {STDIN_FILENO, POLLIN, 0};
    return poll(&wait, 1, 0) == 1 && (wait.revents & POLLIN) != 0;
}

// MARK: Editing functions

// ESC[200~ … ESC[201~: the text between, line ends and tabs kept, other control characters left out.
static unsigned char paste(EditLine *edit, int character) {
    (void)character;
    static const wchar_t end[] = L"\033[201~";
    const size_t end_length = 6;
    size_t count = 0, capacity = 1024, matched = 0;
    wchar_t *text = malloc((capacity + 1) * sizeof *text);
    if (text == NULL) return CC_ERROR;
    wchar_t before = 0;
    while (matched < end_length) {
        wchar_t next;
        if (el_wgetc(edit, &next) != 1) {
            free(text);
            return CC_EOF;
        }
        if (next == end[matched]) {
            matched++;
            continue;
        }
        // A broken-off end mark loses its escape; the rest of it was text.
        const size_t lost = matched;
        matched = next == end[0] ? 1 : 0;
        if (count + lost + 1 >= capacity) {
            capacity = capacity * 2 + lost;
            wchar_t *larger = realloc(text, (capacity + 1) * sizeof *text);
            if (larger == NULL) {
                free(text);
                return CC_ERROR;
            }
            text = larger;
        }
        for (size_t i = 1; i < lost; i++) text[count++] = end[i];
        if (matched == 1) continue;
        if (next == L'\r') {
            text[count++] = L'\n';
        } else if (next == L'\n') {
            if (before != L'\r') text[count++] = L'\n';
        } else if (next == L'\t' || (next >= 32 && (next < 127 || next > 159))) {
            text[count++] = next;
        }
        before = next;
    }
    text[count] = 0;
    int failed = count > 0 && el_winsertstr(edit, text) != 0;
    free(text);
    return failed ? CC_ERROR : CC_REFRESH;
}

static unsigned char new_line(EditLine *edit, int character) {
    (void)character;
    return el_winsertstr(edit, L"\n") == 0 ? CC_REFRESH : CC_ERROR;
}

// Up and Down move between the lines of the text first; beyond them they go through the history.
static unsigned char row_up(EditLine *edit, int character) {
    (void)character;
    const LineInfoW *line = el_wline(edit);
    const wchar_t *start = line->cursor;
    while (start > line->buffer && start[-1] != L'\n') start--;
    if (start == line->buffer) {
        el_wpush(edit, L"\033[1;91A");
        return CC_NORM;
    }
    const wchar_t *above = start - 1;
    while (above > line->buffer && above[-1] != L'\n') above--;
    ptrdiff_t column = line->cursor - start;
    ptrdiff_t length = start - 1 - above;
    el_cursor(edit, (int)(above + (column < length ? column : length) - line->cursor));
    return CC_CURSOR;
}

static unsigned char row_down(EditLine *edit, int character) {
    (void)character;
    const LineInfoW *line = el_wline(edit);
    const wchar_t *end = line->cursor;
    while (end < line->lastchar && *end != L'\n') end++;
    if (end == line->lastchar) {
        el_wpush(edit, L"\033[1;91B");
        return CC_NORM;
    }
    const wchar_t *start = line->cursor;
    while (start > line->buffer && start[-1] != L'\n') start--;
    const wchar_t *below = end + 1;
    const wchar_t *below_end = below;
    while (below_end < line->lastchar && *below_end != L'\n') below_end++;
    ptrdiff_t column = line->cursor - start;
    ptrdiff_t length = below_end - below;
    el_cursor(edit, (int)(below + (column < length ? column : length) - line->cursor));
    return CC_CURSOR;
}

static unsigned char complete(EditLine *edit, int character) {
    (void)character;
    void *data = NULL;
    el_get(edit, EL_CLIENTDATA, &data);
    line_editor *editor = data;
    // A tab with more behind it that completes nothing is pasted by a terminal without bracketed paste: it is text.
    const LineInfoW *typed = el_wline(edit);
    int begins = typed->cursor == typed->buffer || iswspace((wint_t)typed->cursor[-1]);
    if (editor->completer == NULL || (begins && input_is_waiting())) {
        return el_winsertstr(edit, L"\t") == 0 ? CC_REFRESH : CC_ERROR;
    }
    const LineInfo *line = el_line(edit);
    size_t length = (size_t)(line->lastchar - line->buffer);
    size_t before = (size_t)(line->cursor - line->buffer);
    char *text = malloc(length + 1);
    if (text == NULL) return CC_ERROR;
    memcpy(text, line->buffer, length);
    text[length] = 0;
    line_editor_completion result = editor->completer(editor->context, text, before);
    free(text);
    if (result.remove > 0) el_deletestr(edit, result.remove);
    if (result.insert != NULL) el_insertstr(edit, result.insert);
    int changed = result.remove > 0 || (result.insert != NULL && result.insert[0] != 0);
    if (result.listing != NULL) {
        const LineInfoW *wide = el_wline(edit);
        size_t cursor = (size_t)(wide->cursor - wide->buffer);
        size_t end = (size_t)(wide->lastchar - wide->buffer);
        int below = row_of(editor->prompt, wide->buffer, end) - row_of(editor->prompt, wide->buffer, cursor);
        for (int i = 0; i <= below; i++) fputs("\r\n", stdout);
        for (const char *c = result.listing; *c != 0; c++) {
            if (*c == '\n') fputc('\r', stdout);
            fputc(*c, stdout);
        }
        fflush(stdout);
        el_set(edit, EL_REFRESH);
    }
    int shown = result.listing != NULL;
    free(result.insert);
    free(result.listing);
    if (shown) return CC_NORM;
    return changed ? CC_REFRESH : CC_ERROR;
}

// MARK: Life

line_editor *line_editor_open(const char *program) {
    line_editor *editor = calloc(1, sizeof *editor);
    if (editor == NULL) return NULL;
    const char *terminal = getenv("TERM");
    editor->is_plain = terminal == NULL || terminal[0] == 0 || strcmp(terminal, "dumb") == 0;
    editor->edit = el_init(program, stdin, stdout, stderr);
    editor->history = history_init();
    if (editor->edit == NULL || editor->history == NULL) {
        line_editor_close(editor);
        return NULL;
    }
    HistEvent event;
    history(editor->history, &event, H_SETSIZE, 20000);
    history(editor->history, &event, H_SETUNIQUE, 1);
    EditLine *edit = editor->edit;
    el_set(edit, EL_CLIENTDATA, editor);
    el_set(edit, EL_PROMPT, prompt_of);
    el_set(edit, EL_EDITOR, "emacs");
    el_set(edit, EL_SIGNAL, 0);
    el_set(edit, EL_HIST, history, editor->history);
    el_set(edit, EL_GETCFN, read_character);
    el_set(edit, EL_ADDFN, "workbench-paste", "Insert pasted text", paste);
    el_set(edit, EL_ADDFN, "workbench-row-up", "Line above, or earlier entry", row_up);
    el_set(edit, EL_ADDFN, "workbench-row-down", "Line below, or later entry", row_down);
    el_set(edit, EL_ADDFN, "workbench-complete", "Complete a name", complete);
    el_set(edit, EL_ADDFN, "workbench-new-line", "Insert a line end", new_line);
    static const char *const bindings[][2] = {
        {"\033[200~", "workbench-paste"},     {"\033[A", "workbench-row-up"},
        {"\033OA", "workbench-row-up"},       {"\033[B", "workbench-row-down"},
        {"\033OB", "workbench-row-down"},     {"^P", "workbench-row-up"},
        {"^N", "workbench-row-down"},         {"\033[1;91A", "ed-prev-history"},
        {"\033[1;91B", "ed-next-history"},    {"^I", "workbench-complete"},
        {"\033\r", "workbench-new-line"},     {"\033\n", "workbench-new-line"},
        {"^R", "em-inc-search-prev"},         {"^D", "em-delete-or-list"},
        {"\033[H", "ed-move-to-beg"},         {"\033[F", "ed-move-to-end"},
        {"\033OH", "ed-move-to-beg"},         {"\033OF", "ed-move-to-end"},
        {"\033[1~", "ed-move-to-beg"},        {"\033[4~", "ed-move-to-end"},
        {"\033[3~", "ed-delete-next-char"},   {"\033[1;5C", "em-next-word"},
        {"\033[1;5D", "ed-prev-word"},        {"^W", "ed-delete-prev-word"},
    };
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++) {
        el_set(edit, EL_BIND, bindings[i][0], bindings[i][1], NULL);
    }
    return editor;
}

void line_editor_close(line_editor *editor) {
    if (editor == NULL) return;
    if (editor->edit != NULL) el_end(editor->edit);
    if (editor->history != NULL) history_end(editor->history);
    free(editor);
}

void line_editor_complete_with(line_editor *editor, line_editor_completer completer, void *context) {
    editor->completer = completer;
    editor->context = context;
}

void line_editor_remember(line_editor *editor, const char *entry) {
    HistEvent event;
    history(editor->history, &event, H_ENTER, entry);
}

enum line_editor_result line_editor_read(line_editor *editor, const char *prompt, char **text) {
    *text = NULL;
    editor->prompt = prompt;
    editor->ending = line_editor_end;
    editor->rows_shown = 0;
    // Columns and rows may have changed while something ran.
    el_resize(editor->edit);
    signals_while_reading(1);
    bracketed_paste(editor, 1);
    el_set(editor->edit, EL_PREP_TERM, 1);
    editor->typed_ahead = 0;
    if (ioctl(STDIN_FILENO, FIONREAD, &editor->typed_ahead) != 0) editor->typed_ahead = 0;
    int count = 0;
    const char *line = workbench_signal_received() ? NULL : el_gets(editor->edit, &count);
    enum line_editor_result result = line_editor_text;
    if (line != NULL) {
        size_t length = strlen(line);
        while (length > 0 && line[length - 1] == '\n') {
            length--;
            break;
        }
        *text = strndup(line, length);
        const LineInfoW *wide = el_wline(editor->edit);
        size_t characters = (size_t)(wide->lastchar - wide->buffer);
        if (characters > 0 && wide->buffer[characters - 1] == L'\n') characters--;
        int rows = row_of(prompt, wide->buffer, characters) + 1;
        int most = terminal_rows();
        editor->rows_shown = editor->is_plain ? 0 : rows < most ? rows : most;
        if (*text == NULL) result = line_editor_end;
    } else {
        result = workbench_signal_received() ? line_editor_terminated : editor->ending;
        if (result == line_editor_interrupted) {
            fputs("^C", stdout);
            el_reset(editor->edit);
        }
        fputs("\r\n", stdout);
    }
    bracketed_paste(editor, 0);
    el_set(editor->edit, EL_PREP_TERM, 0);
    signals_while_reading(0);
    return result;
}

int line_editor_rows_shown(line_editor *editor) { return editor->rows_shown; }
