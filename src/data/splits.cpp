#include "data/splits.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/rng.h"
#include "wta/error.h"

namespace wta {
namespace {

// The samples of each class, ascending; those without a label (-1) go to `unlabelled`.
std::vector<std::vector<std::int64_t>> samples_by_class(std::span<const std::int32_t> labels,
                                                        std::vector<std::int64_t>& unlabelled) {
  std::vector<std::vector<std::int64_t>> members;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) {
      unlabelled.push_back(static_cast<std::int64_t>(i));
      continue;
    }
    const auto label = static_cast<std::size_t>(labels[i]);
    if (label >= members.size()) members.resize(label + 1);
    members[label].push_back(static_cast<std::int64_t>(i));
  }
  return members;
}

// `members` in an order drawn by `rng`.
std::vector<std::int64_t> shuffled(const std::vector<std::int64_t>& members, const Rng& rng) {
  std::vector<std::int64_t> order(members.size());
  rng.permutation(order);
  for (std::int64_t& i : order) i = members[static_cast<std::size_t>(i)];
  return order;
}

std::int64_t hold_out_count(std::int64_t count, double fraction) {
  if (fraction <= 0 || count < 2) return 0;
  const auto wanted = static_cast<std::int64_t>(fraction * static_cast<double>(count) + 0.5 + 1e-9);
  return std::clamp<std::int64_t>(wanted, 1, count - 1);
}

Split subset_of(const Split& all, std::span<const std::int64_t> indices) {
  Split part{all.samples.subset(indices), {}};
  if (all.labels.empty()) return part;
  part.labels.reserve(indices.size());
  for (const std::int64_t i : indices) part.labels.push_back(all.labels[static_cast<std::size_t>(i)]);
  return part;
}

}  // namespace

HoldOut stratified_hold_out(std::int64_t count, std::span<const std::int32_t> labels, double fraction,
                            std::uint64_t seed) {
  const std::vector<std::int32_t> one_class(labels.empty() ? static_cast<std::size_t>(count) : 0, 0);
  std::vector<std::int64_t> unlabelled;
  auto members = samples_by_class(labels.empty() ? one_class : labels, unlabelled);
  members.push_back(std::move(unlabelled));
  HoldOut result;
  for (std::size_t c = 0; c < members.size(); ++c) {
    const auto order = shuffled(members[c], Rng(seed, Purpose::hold_out, c));
    const auto border = order.begin() + hold_out_count(static_cast<std::int64_t>(order.size()), fraction);
    result.held_out.insert(result.held_out.end(), order.begin(), border);
    result.kept.insert(result.kept.end(), border, order.end());
  }
  std::sort(result.kept.begin(), result.kept.end());
  std::sort(result.held_out.begin(), result.held_out.end());
  return result;
}

void cut_hold_out(Split all, double fraction, std::uint64_t seed, Dataset& into) {
  const HoldOut cut = stratified_hold_out(all.samples.count(), all.labels, fraction, seed);
  if (cut.held_out.empty()) {
    into.train = std::move(all);
    return;
  }
  into.train = subset_of(all, cut.kept);
  into.test = subset_of(all, cut.held_out);
}

std::vector<std::int64_t> balanced_subset(std::span<const std::int32_t> labels, std::int64_t labels_wanted,
                                          std::uint64_t seed, std::uint64_t subset) {
  const auto total = static_cast<std::int64_t>(labels.size());
  if (labels_wanted < 1 || labels_wanted > total)
    throw InvalidArgument(
        fmt::format("labels: must be in 1..{} (all labelled samples); got {}.", total, labels_wanted));
  std::vector<std::int64_t> chosen;
  if (labels_wanted == total) {
    chosen.resize(labels.size());
    std::iota(chosen.begin(), chosen.end(), std::int64_t{0});
    return chosen;
  }
  std::vector<std::int64_t> unlabelled;
  const auto members = samples_by_class(labels, unlabelled);
  if (!unlabelled.empty())
    throw InvalidArgument(
        fmt::format("labels: every sample must have a label; got {} without.", unlabelled.size()));
  const auto classes = static_cast<std::int64_t>(members.size());
  for (std::int64_t c = 0; c < classes; ++c) {
    const auto& own = members[static_cast<std::size_t>(c)];
    const std::int64_t share = labels_wanted / classes + (c < labels_wanted % classes ? 1 : 0);
    if (share > static_cast<std::int64_t>(own.size()))
      throw InvalidArgument(fmt::format(
          "labels: {} balanced labels need {} samples of class {}; got {}. Try: fewer labels, or all {}.",
          labels_wanted, share, c, own.size(), total));
    const auto order =
        shuffled(own, Rng(seed, Purpose::label_subset, (subset << 32) + static_cast<std::uint64_t>(c)));
    chosen.insert(chosen.end(), order.begin(), order.begin() + share);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace wta
