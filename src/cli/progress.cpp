#include "cli/progress.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

#include "cli/console.h"

namespace wta::cli {
namespace {

constexpr double kBarSeconds = 0.1;
constexpr double kLineSeconds = 10;

std::string bar_text(const TrainProgress& progress) {
  constexpr int kWidth = 24;
  const int filled = static_cast<int>(kWidth * progress.step / progress.steps);
  return fmt::format("epoch {}/{} [{:=<{}}{:<{}}] loss {:.3f}  {:.0f} samples/s  {} left", progress.epoch + 1,
                     progress.epochs, "", filled, "", kWidth - filled, progress.loss,
                     progress.samples_per_second, clock_text(progress.remaining_seconds));
}

}  // namespace

std::string clock_text(double seconds) {
  const long total = std::lround(seconds);
  if (total >= 3600) return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

ProgressDisplay::ProgressDisplay() : terminal_(messages_on_terminal()), last_(Clock::now()) {}

void ProgressDisplay::step(const TrainProgress& progress) {
  const auto now = Clock::now();
  const double waited = std::chrono::duration<double>(now - last_).count();
  if (terminal_ && (waited >= kBarSeconds || progress.step == progress.steps)) {
    const bool done = progress.step == progress.steps;
    TrainProgress shown = progress;
    if (done) shown.epoch = progress.epochs - 1;
    std::fputs(fmt::format("\r{}\033[K", bar_text(shown)).c_str(), stderr);
    bar_shown_ = true;
    last_ = now;
  } else if (!terminal_ && waited >= kLineSeconds) {
    print_message(bar_text(progress));
    last_ = now;
  }
}

void ProgressDisplay::epoch(const EpochMetrics& metrics) {
  if (terminal_) return;
  print_message(fmt::format(
      "epoch {}: loss {:.4f}, explained variance {:.3f}, dead units {}, {:.0f} samples/s", metrics.epoch,
      metrics.loss, metrics.explained_variance, metrics.dead_units, metrics.samples_per_second));
  last_ = Clock::now();
}

void ProgressDisplay::finish() {
  if (bar_shown_) std::fputc('\n', stderr);
  bar_shown_ = false;
}

}  // namespace wta::cli
