// A terminal line editor over libedit: prompt, history, completion, bracketed paste, rows of multi-line text.
#ifndef WORKBENCH_LINE_EDITOR_H
#define WORKBENCH_LINE_EDITOR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// An editor on standard input and output.
typedef struct line_editor line_editor;

/// How reading a line ended.
enum line_editor_result {
    line_editor_text,         ///< Text was entered.
    line_editor_end,          ///< Ctrl-D on an empty line, or the terminal is gone.
    line_editor_interrupted,  ///< Ctrl-C.
    line_editor_terminated,   ///< SIGTERM or SIGHUP; see workbench_signal_received().
};

/// What a completion asks the editor to do. Strings are released by the editor with free().
typedef struct {
    int remove;     ///< Characters before the cursor to take away.
    char *insert;   ///< Text to put in their place, or NULL.
    char *listing;  ///< Lines to show below the text, or NULL.
} line_editor_completion;

/// Called on Tab with the text being edited (UTF-8) and the bytes of it before the cursor.
typedef line_editor_completion (*line_editor_completer)(void *context, const char *text, size_t before);

/// Chooses the character set of the locale; UTF-8 in any case. Nothing else of the locale is touched.
void line_editor_use_utf8(void);

/// Opens an editor; NULL if the terminal cannot be used.
line_editor *line_editor_open(const char *program);
/// Restores the terminal and releases the editor.
void line_editor_close(line_editor *editor);
/// Sets what Tab does.
void line_editor_complete_with(line_editor *editor, line_editor_completer completer, void *context);
/// Adds an entry to what Up recalls.
void line_editor_remember(line_editor *editor, const char *entry);
/// Reads text, which may have several lines after a paste; `*text` must be released with free().
enum line_editor_result line_editor_read(line_editor *editor, const char *prompt, char **text);
/// Rows of the screen that the text read last took, prompt included; 0 if the terminal cannot move its cursor up.
int line_editor_rows_shown(line_editor *editor);
/// Columns of the terminal on standard output, or 0 if it is none.
int terminal_columns(void);
/// Columns that a character takes on a terminal; 0 for those that take none.
int terminal_character_width(unsigned int scalar);

/// Installs handlers: SIGINT sets the flag, SIGTERM and SIGHUP are noted and set it too, SIGPIPE is ignored.
///
/// @param interactive With a prompt, Ctrl-C never ends the process; without, the second one that finds the first
///                    unanswered does, with status 130.
void workbench_install_signals(int interactive);
/// The flag that Ctrl-C sets.
int *workbench_interrupt_flag(void);
/// SIGTERM or SIGHUP once one has arrived, else 0.
int workbench_signal_received(void);

#ifdef __cplusplus
}
#endif

#endif
