#pragma once
/// What the tool prints: results on stdout, messages on stderr; and how errors become exit codes.

#include <atomic>
#include <exception>
#include <string>

namespace wta::cli {

// Exit codes.
inline constexpr int kOk = 0;
inline constexpr int kInternal = 1;
inline constexpr int kUsage = 2;
inline constexpr int kBadData = 3;
inline constexpr int kIo = 4;
inline constexpr int kMemory = 5;
inline constexpr int kDiverged = 6;

/// One line on stdout; throws IoError when it cannot be written (a full disk behind a redirection).
void print_result(const std::string& line);
/// One line on stderr.
void print_message(const std::string& line);
/// The same, marked as a warning.
void print_warning(const std::string& text);
/// stderr is a terminal, so that progress may redraw its line.
[[nodiscard]] bool messages_on_terminal();

/// Keeps a little memory back: once there is no more, it serves what still has to be done to end with an
/// error (messages, and destructors that allocate, as those of nlohmann::json).
void reserve_memory_for_errors();

/// Prints the error and returns the exit code of its kind.
int report_error(const std::exception& error);

/// 0, or the number of the signal (SIGINT, SIGTERM) that asked the tool to stop. A second one ends it at
/// once.
[[nodiscard]] const std::atomic<int>& stop_signal();
/// 130 or 143, as shells report a process that a signal ended.
[[nodiscard]] int exit_code_of_stop();
/// Catches SIGINT and SIGTERM from now on.
void catch_stop_signals();

}  // namespace wta::cli
