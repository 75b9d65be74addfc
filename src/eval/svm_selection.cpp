#include "eval/svm_selection.h"

#include <algorithm>
#include <functional>

#include "core/rng.h"

namespace wta::svm {
namespace {

constexpr std::int64_t kFolds = 5;

/// For every sample, its place in a random order of its own class, counted on from class to class when
/// `running`, so that small classes spread over all folds.
std::vector<std::int64_t> places_within_class(std::span<const std::int32_t> labels, std::int64_t classes,
                                              std::uint64_t seed, bool running) {
  std::vector<std::vector<std::int64_t>> members(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < labels.size(); ++i) members[labels[i]].push_back(static_cast<std::int64_t>(i));
  std::vector<std::int64_t> places(labels.size());
  std::int64_t first = 0;
  for (std::size_t k = 0; k < members.size(); ++k) {
    std::vector<std::int64_t> order(members[k].size());
    Rng(seed, Purpose::validation, k).permutation(order);
    for (std::size_t i = 0; i < order.size(); ++i) {
      places[members[k][order[i]]] = first + static_cast<std::int64_t>(i);
    }
    if (running) first += static_cast<std::int64_t>(order.size());
  }
  return places;
}

template <class IsHeldOut>
Split divide(std::size_t count, const IsHeldOut& is_held_out) {
  Split split;
  for (std::size_t i = 0; i < count; ++i) {
    (is_held_out(i) ? split.held_out : split.train).push_back(static_cast<std::int64_t>(i));
  }
  return split;
}

}  // namespace

std::vector<Split> selection_splits(std::span<const std::int32_t> labels, std::int64_t classes,
                                    std::uint64_t seed) {
  const bool folds = static_cast<std::int64_t>(labels.size()) < kHoldOutSamples;
  const auto places = places_within_class(labels, classes, seed, folds);
  std::vector<Split> splits;
  if (!folds) {
    std::vector<std::int64_t> held(static_cast<std::size_t>(classes));
    for (const std::int32_t label : labels) ++held[label];
    for (std::int64_t& count : held) count = (count + 3) / 6;  // a sixth, rounded
    splits.push_back(divide(labels.size(), [&](std::size_t i) { return places[i] < held[labels[i]]; }));
    return splits;
  }
  for (std::int64_t fold = 0; fold < kFolds; ++fold) {
    splits.push_back(divide(labels.size(), [&](std::size_t i) { return places[i] % kFolds == fold; }));
    // With fewer samples than folds some folds hold nothing out.
    if (splits.back().held_out.empty() || splits.back().train.empty()) splits.pop_back();
  }
  return splits;
}

std::size_t fewest_errors(std::span<const std::int64_t> errors) {
  return static_cast<std::size_t>(std::min_element(errors.begin(), errors.end()) - errors.begin());
}

bool PathOverC::ended() const {
  return errors_.size() == candidates_.size() || rises();
}

bool PathOverC::note(std::int64_t errors) {
  errors_.push_back(errors);
  const std::size_t tried = errors_.size();
  if (fewest_errors(errors_) != tried - 1) return false;
  if (tried == candidates_.size() && tried > 1) {
    const double grown = candidates_.back() * (candidates_.back() / candidates_[tried - 2]);
    if (grown <= largest_) candidates_.push_back(grown);
  }
  return true;
}

bool PathOverC::rises() const {
  if (errors_.size() <= kRises) return false;
  const auto last = std::span(errors_).last(kRises + 1);
  return std::ranges::adjacent_find(last, std::greater_equal<>()) == last.end();
}

}  // namespace wta::svm
